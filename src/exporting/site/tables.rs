//! The parts of the database that an export has.

use super::export::SiteOptions;
use crate::store::Row;
use serde_json::Value;

/// The tables in an export.
pub(super) const EXPORTED: &[&str] = &[
    // Texts.
    "authors",
    "articles",
    "article_tags",
    "article_versions",
    "undated_drafts",
    "pins",
    "pages",
    "page_versions",
    "notes",
    "media",
    "tag_spellings",
    "hashtags",
    "mentions",
    "synced_files",
    "draft_links",
    "imports",
    // Addresses.
    "article_paths",
    "page_slugs",
    "former_tags",
    "addresses",
    "object_uris",
    // Conversation.
    "comments",
    "comment_edits",
    "guests",
    "reactions",
    "withheld_reactions",
    "quotes",
    "approvals",
    // The addresses that other servers know.
    "local_actors",
    "retired_names",
    "publications",
    "activities",
    "interactions",
    "features",
    "changes",
    "delivery_counts",
    "follower_days",
    "object_hosts",
    // Other servers.
    "remote_actors",
    "remote_keys",
    "destinations",
    "followers",
    "received",
    "tombstones",
    "spellings",
    // Moderation.
    "blocks",
    "allows",
    "filters",
    "learned_words",
    "settings",
];

/// The tables that are in an export with the private keys, or with private data.
pub(super) const WITH_KEYS: &[&str] = &["local_keys"];
pub(super) const WITH_PRIVATE: &[&str] = &["log"];

/// The tables that are in no export: work in progress, what was deleted, and what belongs to one machine. A test compares
/// the lists with the database.
#[cfg(test)]
pub(super) const LEFT_OUT: &[&str] = &[
    "activity_requests",
    "api_requests",
    "api_tokens",
    "bin",
    "bin_rows",
    "deliveries",
    "delivery_minutes",
    "events",
    "follower_digests",
    "inbox_counts",
    "key_failures",
    "key_handovers",
    "limit_hits",
    "lookups",
    "message_topics",
    "messages",
    "notices",
    "rechecks",
    "workers",
];

/// The settings in an export.
const SETTINGS: &[&str] = &["identity", "closed", "former_hosts", "domain_move"];
/// The starts of the names of settings that say whose followers, and which keys, were adopted from other software.
const ADOPTED_FOLLOWERS: &str = "adopted followers ";
const ADOPTED_KEYS: &str = "adopted key of ";
/// The setting that is in an export with the private keys: links in mails and drafts are signed with it.
const SECRET: &str = "secret";

/// Returns whether an export with these options has a table.
pub(super) fn is_exported(table: &str, options: SiteOptions) -> bool {
    EXPORTED.contains(&table)
        || options.with_keys && WITH_KEYS.contains(&table)
        || options.with_private && WITH_PRIVATE.contains(&table)
}

/// Returns a row as an export has it; `None` if it is left out.
pub(super) fn exported(table: &str, mut row: Row, options: SiteOptions) -> Option<Row> {
    match table {
        "settings" => {
            let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
            let is_about_keys = name == SECRET || name.starts_with(ADOPTED_KEYS);
            let is_kept = SETTINGS.contains(&name)
                || name.starts_with(ADOPTED_FOLLOWERS)
                || options.with_keys && is_about_keys;
            return is_kept.then_some(row);
        }
        "allows" if !options.with_private && row.get("kind") == Some(&"mail".into()) => {
            return None;
        }
        "comments" => {
            set(&mut row, &["address_hash"], &Value::Null);
            // Nobody is notified by another node.
            let pending = ["untold", "unmailed", "guest_untold"];
            set(&mut row, &pending, &Value::Bool(false));
            // The spam service was asked, or not, by this one.
            let waits = row.get("akismet_at").is_some_and(|at| !at.is_null());
            if waits {
                set(&mut row, &["akismet", "akismet_at"], &Value::Null);
            }
        }
        "destinations" => {
            set(&mut row, &["lease_owner"], &Value::Null);
            set(&mut row, &["leased_until", "generation"], &Value::from(0));
        }
        "media" => set(&mut row, &["claimed_at"], &Value::Null),
        _ => {}
    }
    if !options.with_private {
        remove_private(table, &mut row);
    }
    Some(row)
}

/// Removes addresses, and what was written for moderators alone.
fn remove_private(table: &str, row: &mut Row) {
    match table {
        "guests" => set(row, &["mail"], &Value::Null),
        "comments" => set(row, &["admin_note", "text_hash"], &Value::Null),
        "blocks" | "allows" => set(row, &["reason"], &Value::Null),
        // The text of a report.
        "interactions" => set(row, &["text"], &Value::from("")),
        "activities" => {
            let body = row.get("body").and_then(Value::as_str).unwrap_or_default();
            if let Some(body) = without_report(body) {
                set(row, &["body"], &Value::from(body));
            }
        }
        _ => {}
    }
}

/// Returns an activity without the text of the report that it is or has; `None` if there is none.
fn without_report(body: &str) -> Option<String> {
    let mut activity: Value = serde_json::from_str(body).ok()?;
    let is_report = |value: &Value| value.get("type").is_some_and(|kind| kind == "Flag");
    let report = match is_report(&activity) {
        true => &mut activity,
        false => activity
            .get_mut("object")
            .filter(|value| is_report(value))?,
    };
    report.as_object_mut()?.remove("content")?;
    Some(activity.to_string())
}

fn set(row: &mut Row, columns: &[&str], value: &Value) {
    for column in columns {
        if let Some(stored) = row.get_mut(*column) {
            *stored = value.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn each_table_is_in_an_export_or_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/a.sqlite", folder.path().display());
        let store = Store::open(&url).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        let tables = snapshot.tables().iter().map(|table| table.name.as_str());
        let listed = [EXPORTED, WITH_KEYS, WITH_PRIVATE, LEFT_OUT].concat();
        let known: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(
            tables.collect::<BTreeSet<_>>(),
            known,
            "add it to a list here and to docs/exporting.md"
        );
        assert_eq!(known.len(), listed.len());
    }

    #[test]
    fn secrets_and_private_data_are_left_out_unless_they_are_wanted() {
        let all = SiteOptions {
            with_keys: true,
            with_private: true,
        };
        let row = |value: Value| value.as_object().unwrap().clone();
        let secret = row(json!({"name": "secret", "value": "x"}));
        assert_eq!(
            exported("settings", secret.clone(), SiteOptions::default()),
            None
        );
        assert_eq!(exported("settings", secret.clone(), all), Some(secret));
        let guest = row(json!({"id": 1, "mail": "guest@example.org"}));
        let without = exported("guests", guest.clone(), SiteOptions::default());
        assert_eq!(without, Some(row(json!({"id": 1, "mail": null}))));
        assert_eq!(exported("guests", guest.clone(), all), Some(guest));
        let report = r#"{"type":"Flag","content":"private","object":["https://a.example/a"]}"#;
        for (table, private, public) in [
            (
                "comments",
                json!({"admin_note": "x", "text_hash": "y", "content": "z"}),
                json!({"admin_note": null, "text_hash": null, "content": "z"}),
            ),
            ("blocks", json!({"reason": "x"}), json!({"reason": null})),
            ("interactions", json!({"text": "x"}), json!({"text": ""})),
        ] {
            let private = row(private);
            let without = exported(table, private.clone(), SiteOptions::default());
            assert_eq!(without, Some(row(public)));
            assert_eq!(exported(table, private.clone(), all), Some(private));
        }
        let flag = row(json!({"body": report}));
        let without = exported("activities", flag.clone(), SiteOptions::default()).unwrap();
        assert!(!without["body"].as_str().unwrap().contains("private"));
        assert_eq!(exported("activities", flag.clone(), all), Some(flag));
        for name in ["domain_move", "adopted followers abc"] {
            let setting = row(json!({"name": name, "value": "x"}));
            assert!(exported("settings", setting, SiteOptions::default()).is_some());
        }
        assert!(!is_exported(
            "local_keys",
            SiteOptions {
                with_private: true,
                ..SiteOptions::default()
            }
        ));
    }
}

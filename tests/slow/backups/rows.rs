//! A row in nearly every table, and the comparison of two databases.

use crate::support::{Peer, TestNode, sql};
use pamphlet::store::{Row, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The tables of a process, which a restored database begins without.
const RESET: [&str; 3] = ["workers", "limit_hits", "activity_requests"];

/// Adds rows to the tables that no ordinary request fills.
pub(super) async fn fill(node: &TestNode, peer: &Peer) {
    node.sql(
        "INSERT INTO blocks (kind, value, reason, created_at) VALUES ('host', 'bad.example', 'Ä \"quoted\" \\ reason', 1);
         INSERT INTO allows (kind, value, created_at) VALUES ('host', 'good.example', 2);
         INSERT INTO filters (kind, value, action, created_at) VALUES ('word', 'casino', 'hold', 3);
         INSERT INTO learned_words (word, ham, spam) VALUES ('naïve', 1, 2);
         INSERT INTO tombstones (uri, actor_uri, deleted_at) VALUES ('https://a.example/1', 'https://a.example/a', 4);
         INSERT INTO notices (kind, actor_uri, text, created_at) VALUES ('report', 'https://a.example/a', 'A report', 5);
         INSERT INTO key_failures (host, times, reason, first_at, last_at) VALUES ('a.example', 1, 'gone', 1, 2);
         INSERT INTO limit_hits (code, subject, times, first_at, last_at) VALUES ('actor-day', 'https://a.example/a', 1, 1, 2);
         INSERT INTO activity_requests (root, requests, since) VALUES ('https://a.example/1', 3, 9000000000000);
         INSERT INTO spellings (id, spelling) VALUES ('https://a.example/é', 'https://A.example/%C3%A9');
         INSERT INTO retired_names (username, retired_at) VALUES ('former', 6);
         INSERT INTO former_tags (folded, successor) VALUES ('cinema', 'Film');
         INSERT INTO messages (uid, channel, recipient, payload, next_attempt_at, created_at)
            VALUES ('00000000000000000000000000000001', 'mail', 'a@example.org', '{}', 9000000000000, 7);
         INSERT INTO lookups (uri, host, next_attempt_at, created_at) VALUES ('https://a.example/2', 'a.example', 9000000000000, 8);
         INSERT INTO log (at, who, action, about) VALUES (9, 'admin', 'approve', 'comment 1');
         INSERT INTO api_tokens (name, hash, scopes, created_at) VALUES ('laptop', 'abc', 'articles:read', 10);
         INSERT INTO api_requests (token_id, key, fingerprint, created_at)
            SELECT id, 'k', 'f', 9000000000000 FROM api_tokens WHERE name = 'laptop';
         INSERT INTO synced_files (source, path, kind, ref_id, created, file_hash, pictures, stored_hash, synced_at)
            VALUES ('site', 'a.md', 'article', 1, TRUE, 'h', '[]', 'h', 11);
         INSERT INTO comment_edits (comment_id, content, replaced_at) SELECT MIN(id), '<p>Before</p>', 12 FROM comments;
         INSERT INTO quotes (uid, article_id, actor_id, post_uri, state, created_at)
            SELECT '00000000000000000000000000000002', (SELECT MIN(id) FROM articles), MIN(id), 'https://a.example/q', 'accepted', 13
            FROM remote_actors;
         INSERT INTO features (uid, local_actor_id, actor_id, collection_uri, request_uri, state, created_at)
            SELECT '00000000000000000000000000000003', (SELECT MIN(id) FROM local_actors), MIN(id), 'https://a.example/c',
                'https://a.example/r', 'accepted', 14 FROM remote_actors;
         INSERT INTO approvals (uid, kind, local_actor_id, actor_id, target_uri, object_uri, created_at)
            SELECT '00000000000000000000000000000004', 'like', (SELECT MIN(id) FROM local_actors), MIN(id),
                'https://a.example/t', 'https://a.example/o', 15 FROM remote_actors;
         INSERT INTO withheld_reactions (id, actor_id, article_id, kind, emoji, uri, created_at, reason)
            SELECT 77, MIN(id), (SELECT MIN(id) FROM articles), 'like', '', 'https://a.example/w', 16, 'held' FROM remote_actors;
         INSERT INTO mentions (post_uid, actor_id) SELECT 'x', MIN(id) FROM remote_actors;
         UPDATE media SET focus_x = 0.25, focus_y = -0.7;",
    )
    .await;
    let actor = peer.url("/users/reader");
    node.sql(&format!(
        "INSERT INTO interactions (kind, local_actor_id, object_uri, actor_id, state, created_at)
            SELECT 'follow', (SELECT MIN(id) FROM local_actors), '{actor}', id, 'accepted', 17
            FROM remote_actors WHERE uri = '{actor}'"
    ))
    .await;
}

/// Returns all rows of a database, sorted, as JSON texts by table.
pub(super) async fn all_rows(url: &str) -> BTreeMap<String, Vec<String>> {
    changed_rows(url, |_, _| {}).await
}

/// Returns all rows, without those that a restoration resets, and with the changes that it makes undone.
pub(super) async fn restored_rows(url: &str) -> BTreeMap<String, Vec<String>> {
    let held =
        "SELECT COUNT(*) FROM settings WHERE name = 'deliveries_held' AND value LIKE '%restore%'";
    assert_eq!(sql::number(url, held).await, Some(1));
    changed_rows(url, |table, row| {
        if table == "articles" {
            let number = row["last_comment_number"].as_i64().unwrap();
            row["last_comment_number"] = json!(number - 100);
        }
    })
    .await
}

async fn changed_rows(url: &str, change: impl Fn(&str, &mut Row)) -> BTreeMap<String, Vec<String>> {
    let store = Store::open(url).await.unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    let mut all = BTreeMap::new();
    for table in snapshot.tables().to_vec() {
        let mut texts = Vec::new();
        for mut row in snapshot.all(&table).await.unwrap() {
            change(&table.name, &mut row);
            forget_process(&table.name, &mut row);
            // The databases have the columns in different orders.
            let sorted: BTreeMap<String, Value> = row.into_iter().collect();
            texts.push(serde_json::to_string(&sorted).unwrap());
        }
        // Any hold became that of the restoration.
        texts.retain(|row| !row.contains("deliveries_held"));
        texts.sort();
        if RESET.contains(&table.name.as_str()) {
            texts.clear();
        }
        all.insert(table.name, texts);
    }
    snapshot.close().await.unwrap();
    store.close().await;
    all
}

/// Removes what belongs to a process.
fn forget_process(table: &str, row: &mut Row) {
    let columns: &[&str] = match table {
        "destinations" => &["leased_until", "lease_owner"],
        "messages" => &["next_attempt_at", "error"],
        _ => &[],
    };
    for column in columns {
        row[*column] = Value::Null;
    }
}

/// Compares two databases table by table.
pub(super) fn compare(
    expected: &BTreeMap<String, Vec<String>>,
    found: &BTreeMap<String, Vec<String>>,
) {
    let names = |rows: &BTreeMap<String, Vec<String>>| rows.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (table, rows) in expected {
        // The rows have keys: none is printed.
        assert!(found[table].len() == rows.len(), "{table}");
        let differs = rows.iter().zip(&found[table]).position(|(a, b)| a != b);
        assert!(differs.is_none(), "{table}: row {differs:?}");
    }
}

//! Posts of Pixelfed, whose export has them as its API does: they become activities as Mastodon writes them.

use super::super::json_values::{flag, list, text};
use crate::protocol::PUBLIC;
use serde_json::{Value, json};

/// Returns the activity for a post of Pixelfed's, or the value as it is.
pub(super) fn as_activity(value: Value) -> Value {
    if !value.get("media_attachments").is_some_and(Value::is_array) || value.get("object").is_some()
    {
        return value;
    }
    if value.get("reblog").is_some_and(Value::is_object) {
        return json!({ "type": "Announce" });
    }
    let empty = Value::Null;
    let account = value.get("account").unwrap_or(&empty);
    let author = text(account, "url");
    let recipients: &[&str] = match text(&value, "visibility").as_deref() {
        Some("public" | "unlisted") => &[PUBLIC],
        Some("private") => &["/followers"],
        _ => &[],
    };
    let attachments: Vec<Value> = list(&value, "media_attachments")
        .iter()
        .map(|media| {
            json!({
                "type": text(media, "type"), "mediaType": text(media, "mime"), "url": text(media, "url"),
                "name": text(media, "description"),
            })
        })
        .collect();
    let tags: Vec<Value> = list(&value, "tags")
        .iter()
        .map(|tag| json!({ "type": "Hashtag", "name": text(tag, "name") }))
        .collect();
    // The export names posts by numbers, and the account that a reply is to.
    let is_own_reply = text(&value, "in_reply_to_account_id") == text(account, "id");
    let parent = text(&value, "in_reply_to_id").map(|id| match (&author, is_own_reply) {
        (Some(author), true) => url_beside(author, text(&value, "uri"), &id),
        _ => id,
    });
    json!({
        "type": "Create",
        "actor": author,
        "object": {
            "type": "Note",
            "id": text(&value, "uri"),
            "url": text(&value, "url"),
            "attributedTo": author,
            "to": recipients,
            "content": text(&value, "content"),
            "summary": text(&value, "spoiler_text"),
            "sensitive": flag(&value, "sensitive"),
            "published": text(&value, "created_at"),
            "inReplyTo": parent,
            "attachment": attachments,
            "tag": tags,
        },
    })
}

/// Returns the address of another post of the same account.
fn url_beside(author: &str, own: Option<String>, id: &str) -> String {
    match own.as_deref().and_then(|own| own.rsplit_once('/')) {
        Some((folder, _)) => format!("{folder}/{id}"),
        None => format!("{author}/{id}"),
    }
}

//! Comments of members. They are in an export only if it was made with `?include=comments,members`.

use super::{
    super::json_values::{text, time},
    posts::at_site,
    tables::Tables,
};
use crate::importing::model::{Body, ImportedComment, ImportedCommentState};
use serde_json::Value;

/// The name of a member that is not in the export.
const ANONYMOUS: &str = "Anonymous";

/// Reads a comment. One that was deleted yields `None`.
///
/// # Errors
/// If it has no id, no post or no text. The error is the reason.
pub(super) fn read(row: &Value, tables: &Tables) -> Result<Option<ImportedComment>, String> {
    let key = text(row, "id").ok_or("the comment has no id")?;
    let article = text(row, "post_id").ok_or("the comment belongs to no post")?;
    let state = match text(row, "status").as_deref() {
        Some("deleted") => return Ok(None),
        Some("hidden") => ImportedCommentState::Hidden,
        _ => ImportedCommentState::Visible,
    };
    let html = text(row, "html").ok_or("the comment is empty")?;
    let member = text(row, "member_id").and_then(|id| tables.members.get(&id));
    Ok(Some(ImportedComment {
        key,
        article,
        // Since version 5.90 a reply can be one to another reply.
        parent: text(row, "in_reply_to_id").or_else(|| text(row, "parent_id")),
        author_name: member
            .and_then(|member| member.name.clone())
            .unwrap_or_else(|| ANONYMOUS.to_owned()),
        author_mail: member.and_then(|member| member.mail.clone()),
        body: Body::Html(at_site(&html)),
        state,
        published_at: time(row, "created_at"),
        ..ImportedComment::default()
    }))
}

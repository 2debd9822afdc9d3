//! Applies an author's edit to a comment.

use super::{
    budget, extras,
    text::{Content, warning_of},
};
use crate::{
    moderation::{self, retraction},
    node::{Context, drop_reason::DropReason, error::InboxError},
    protocol::Object,
    store::{self, CommentState, DeletionCause, Edit, Tx},
};

/// Applies the author's edit to a comment. Returns whether the comment was visible and still is: an edit that looks
/// like spam hides it.
///
/// # Errors
/// [`InboxError::Dropped`] if the stored version is newer or the comment is deleted; [`InboxError::Later`] if the
/// author's storage budget is spent for now.
pub async fn apply_edit(
    tx: &mut Tx,
    comment: &store::Comment,
    object: &Object,
    content: &Content,
    author: &str,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let now = store::now();
    // Without a time from the author's server, each `Update` counts as newer, since its `Update`s arrive in order.
    let updated_at = object.updated.map(|time| time.timestamp_millis().min(now));
    let is_older =
        updated_at.is_some_and(|time| comment.updated_at.is_some_and(|last| last > time));
    if comment.state == CommentState::Deleted || is_older {
        return Err(InboxError::Dropped(DropReason::OutdatedUpdate));
    }
    let (html, warning) = (content.html.as_str(), warning_of(object));
    let extras = extras::of(tx, object, html, author).await?;
    let is_empty = html.is_empty() && extras.is_none();
    if object.is_restricted() || is_empty {
        // The author made it private or emptied it, and may publish it again.
        if let Some(author) = tx.remote_actor(author).await? {
            retraction::end_object(tx, &comment.uri, &author, DeletionCause::Absence, None)
                .await
                .map_err(InboxError::internal)?;
        }
        return Ok(comment.state == CommentState::Visible);
    }
    if html == comment.content && warning == comment.content_warning {
        // A change of poll votes or of a picture's description is not shown as an edit.
        tx.set_comment_extras(comment.id, extras.as_deref(), updated_at)
            .await?;
    } else {
        let bytes = html.len() + extras.as_ref().map_or(0, String::len);
        budget::charge_edit(bytes, author, ctx).await?;
        tx.edit_comment(
            comment.id,
            &Edit {
                content: html,
                content_warning: warning.as_deref(),
                language: content.language.as_deref(),
                extras: extras.as_deref(),
                edited_at: updated_at.unwrap_or(now),
                updated_at,
            },
        )
        .await?;
    }
    if object.requires_signin != comment.signin_required {
        tx.set_signin_required(comment.id, object.requires_signin)
            .await?;
    }
    let (warning, extras) = (warning.as_deref(), extras.as_deref());
    let stays = moderation::classify_edit(tx, comment, warning, html, extras, ctx).await?;
    Ok(stays && comment.state == CommentState::Visible)
}

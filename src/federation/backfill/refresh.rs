//! Re-fetches a comment or post from its origin after a third party reported a change.

use super::{ancestors, recheck::DAY};
use crate::{
    federation::{
        comments::{
            edit::apply_edit,
            extras,
            text::{content_of, warning_of},
        },
        remote::{fetch, fetch_error::FetchError},
    },
    moderation::retraction,
    node::{Context, drop_reason::DropReason, error::InboxError},
    protocol::{Object, same_id},
    store::{self, Comment, CommentState, DeletionCause, RemoteActorRow},
};
use serde_json::Value;

/// Re-fetches a comment. A deleted one becomes a tombstone, an edited one is edited here, and a restored one returns
/// to its former position.
///
/// # Errors
/// [`InboxError::Later`] if its server is unreachable. [`InboxError::Dropped`] if its document proves nothing.
pub(super) async fn refresh(comment: Comment, ctx: &Context) -> Result<(), InboxError> {
    if comment.state == CommentState::Deleted {
        return if ctx
            .store
            .read()
            .await?
            .has_only_vanished(&comment.uri)
            .await?
        {
            ancestors::refetch_absent(&comment.uri, ctx).await
        } else {
            Ok(())
        };
    }
    let author = match comment.actor_id {
        Some(id) => ctx.store.read().await?.remote_actor_by_id(id).await?,
        None => None,
    };
    let author = author.ok_or(InboxError::Dropped(DropReason::HintWithoutAuthor))?;
    match fetch::document(&comment.uri, ctx).await {
        Ok(document) => {
            let object =
                Object::read(document).ok_or(InboxError::Dropped(DropReason::UnreadableObject))?;
            let is_same = |id: &Option<String>, known: &str| {
                id.as_deref().is_some_and(|id| same_id(id, known))
            };
            if !is_same(&object.id, &comment.uri) {
                return Err(InboxError::Dropped(DropReason::IdMismatch));
            }
            if object.kind() == "Tombstone" {
                return remove(&comment.uri, &author, ctx).await;
            }
            if !is_same(&object.attributed_to, &author.uri) {
                return Err(InboxError::Dropped(DropReason::AuthorMismatch));
            }
            revise(&comment, &object, &author.uri, ctx).await
        }
        Err(FetchError::Gone(_)) => remove(&comment.uri, &author, ctx).await,
        Err(FetchError::Missing(_)) => note_missing(&comment.uri, &author, ctx).await,
        Err(FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. }) => {
            Err(InboxError::Later(reason))
        }
        Err(FetchError::Unusable { .. } | FetchError::Refused { .. }) => {
            Err(InboxError::Dropped(DropReason::ObjectUnconfirmed))
        }
    }
}

/// Checks whether a public post that is no comment still exists: one that mentions us, or quotes an article. Returns
/// false if it is gone or missing.
///
/// # Errors
/// [`InboxError::Later`] if its server is unreachable.
pub(super) async fn still_exists(
    uri: &str,
    author: &RemoteActorRow,
    ctx: &Context,
) -> Result<bool, InboxError> {
    match fetch::document(uri, ctx).await {
        Err(FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. }) => {
            return Err(InboxError::Later(reason));
        }
        Err(FetchError::Gone(_)) => remove(uri, author, ctx).await?,
        Err(FetchError::Missing(_)) => note_missing(uri, author, ctx).await?,
        Ok(document) if is_tombstone(&document, uri) => remove(uri, author, ctx).await?,
        _ => return Ok(true),
    }
    Ok(false)
}

fn is_tombstone(document: &Value, uri: &str) -> bool {
    Object::read(document.clone()).is_some_and(|object| {
        object.kind() == "Tombstone" && object.id.is_some_and(|id| same_id(&id, uri))
    })
}

/// Records that a post's server responded with 404. A server that is being moved, or that refuses unknown requesters,
/// responds so too. The post is removed if that lasts for days.
async fn note_missing(uri: &str, author: &RemoteActorRow, ctx: &Context) -> Result<(), InboxError> {
    let mut tx = ctx.store.begin().await?;
    tx.record_missing(uri, &author.host, store::now() + DAY)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Removes an object that its server no longer has. It may come back, since its author did not delete it explicitly.
pub(super) async fn remove(
    uri: &str,
    author: &RemoteActorRow,
    ctx: &Context,
) -> Result<(), InboxError> {
    let mut tx = ctx.store.begin().await?;
    retraction::end_object(&mut tx, uri, author, DeletionCause::Absence, None)
        .await
        .map_err(InboxError::internal)?;
    tx.commit().await?;
    Ok(())
}

/// Updates a comment from its origin's document.
pub(super) async fn revise(
    comment: &Comment,
    object: &Object,
    author: &str,
    ctx: &Context,
) -> Result<(), InboxError> {
    let content = content_of(object, ctx).await;
    let is_same = content.html.as_str() == comment.content
        && warning_of(object) == comment.content_warning
        && !object.is_restricted();
    let mut tx = ctx.store.begin().await?;
    if is_same {
        // Its attachments may have changed, or were not read on arrival.
        let extras = extras::of(&mut tx, object, content.html.as_str(), author).await?;
        if extras != comment.extras {
            tx.set_comment_extras(comment.id, extras.as_deref(), None)
                .await?;
            tx.commit().await?;
        }
        return Ok(());
    }
    apply_edit(&mut tx, comment, object, &content, author, ctx).await?;
    tx.commit().await?;
    Ok(())
}

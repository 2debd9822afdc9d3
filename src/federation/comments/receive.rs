//! Receives a post of a verified author. It becomes a comment, a quote or a notice for the admin, or is dropped.

use super::{
    admission::{admit, can_be_comment},
    budget,
    forward::forward,
    new_comment::{Draft, PreparedText, store_comment},
    notices::{receive_private, receive_unrelated},
    text::content_of,
};
use crate::{
    base::steps,
    federation::{
        objects::approvals,
        remote::{
            actors, backfill_queue::Referrer, fetch_error::shown, fetch_object::fetch_object,
            requests, strangers,
        },
        verified_activity::VerifiedActivity,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        target::{self, Target},
        urls::same_origin_text,
    },
    protocol::Object,
    store::CommentState,
};

/// Fetches an object from its host and receives it as its author's. The activity that names it may be another actor's.
pub async fn receive_by_id(
    id: &str,
    activity: &VerifiedActivity,
    ctx: &Context,
) -> Result<(), InboxError> {
    let mut conn = ctx.store.read().await?;
    if conn.comment_by_uri(id).await?.is_some() && !conn.has_only_vanished(id).await? {
        return Err(InboxError::Dropped(DropReason::CommentAlreadyStored));
    }
    drop(conn);
    let object = fetch_object(id, ctx).await?;
    let (Some(id), Some(author)) = (&object.id, &object.attributed_to) else {
        return Err(InboxError::Dropped(DropReason::MissingIdOrAuthor));
    };
    if !same_origin_text(id, author) {
        return Err(InboxError::Dropped(DropReason::AuthorOnOtherHost));
    }
    if activity.is_actor(author) {
        return receive_object(object, activity, &activity.actor, ctx).await;
    }
    let author = match actors::get(author, ctx).await {
        Ok(author) => author,
        Err(error @ (InboxError::Later(_) | InboxError::Busy(_) | InboxError::Store(_))) => {
            return Err(error);
        }
        Err(_) => return Err(InboxError::Dropped(DropReason::AuthorUnavailable)),
    };
    let process = Box::pin(receive_object(object, activity, &author, ctx));
    strangers::charged(&author, ctx, process).await
}

/// Processes an object that is verified to be by `author`. If it is by the sender and has no addressees, it inherits
/// those of its activity.
pub async fn receive_object(
    mut object: Object,
    activity: &VerifiedActivity,
    author: &RemoteActor,
    ctx: &Context,
) -> Result<(), InboxError> {
    if !can_be_comment(object.kind()) {
        return Err(InboxError::Dropped(DropReason::ObjectNotText));
    }
    if author.row.id == activity.actor.row.id {
        object.inherit_from(&activity.payload);
    }
    let id = object.id.clone().unwrap_or_default();
    // Do the slow work before the transaction, because other writers wait for it.
    let content = content_of(&object, ctx).await;
    budget::know(author, ctx).await?;
    let referrer = Referrer::of(&activity.actor.row.uri, &activity.sender_host, ctx).await?;
    let mut tx = activity.begin(ctx).await?;
    author.store_in(&mut tx).await?;
    let admission = admit(&mut tx, &object, author, ctx).await?;
    let target = match &object.in_reply_to {
        Some(parent) => target::find(&mut tx, ctx.urls(), parent).await?,
        None => None,
    };
    note_target(target.as_ref(), object.in_reply_to.as_deref());
    if !object.is_public() {
        steps::note("visibility", || {
            "not public: it is never shown on a page".into()
        });
        return receive_private(&object, &content, author, target.is_some(), tx, ctx).await;
    }
    let Some(target) = target else {
        return receive_unrelated(&object, &content, &referrer, author, tx, ctx).await;
    };
    let draft = Draft {
        object: &object,
        text: PreparedText::of(&object, content, author).await,
        author,
        target: &target,
        admission,
        cause: requests::current(),
    };
    let Some(state) = store_comment(&mut tx, draft, ctx).await? else {
        return Err(InboxError::Dropped(DropReason::CommentAlreadyStored));
    };
    steps::note("state", || match state {
        CommentState::Visible => "the comment would be shown at once".into(),
        other => format!("the comment would be stored as {}", other.as_str()),
    });
    let request = (activity.payload.kind() == "ReplyRequest").then_some(activity.id.as_str());
    if author.row.id == activity.actor.row.id {
        let reply = (id.as_str(), author.row.id);
        approvals::record_reply(ctx, &mut tx, &target, reply, request, state)
            .await
            .map_err(InboxError::internal)?;
    }
    if state == CommentState::Visible {
        forward(&mut tx, activity, &target.article, &id, ctx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Notes which article or comment a post replies to.
fn note_target(found: Option<&Target>, parent: Option<&str>) {
    steps::note("target", || match (found, parent) {
        (Some(target), _) => {
            let title = &target.article.title;
            match target.comment_id() {
                Some(id) => format!("it replies to comment {id} on the article “{title}”"),
                None => format!("it replies to the article “{title}”"),
            }
        }
        (None, Some(parent)) => format!("it replies to {}, which is not here", shown(parent)),
        (None, None) => "it replies to nothing".into(),
    });
}

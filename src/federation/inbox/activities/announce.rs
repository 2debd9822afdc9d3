//! `Announce`: a boost of an article or comment. From a group, it can be a hint about a reply that is not stored yet.

use crate::{
    base::steps,
    federation::{
        comments::{
            reactions::{self, Reaction},
            receive::receive_by_id,
        },
        remote::backfill_queue::{self, Referrer},
        verified_activity::VerifiedActivity,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        target::{self, Target},
    },
    protocol::Activity as Wire,
    store::{LookupPriority, ReactionKind},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let object = activity.object_id()?;
    if !activity.payload.is_public() {
        return Err(InboxError::Dropped(DropReason::BoostNotPublic));
    }
    let mut tx = activity.begin(ctx).await?;
    let Some(target) = target::find(&mut tx, ctx.urls(), &object).await? else {
        drop(tx);
        return follow_hint(activity, ctx).await;
    };
    if !target.is_visible() {
        return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
    }
    reactions::store(&mut tx, boost_of(activity, &target), ctx).await?;
    steps::note("effect", || "the boost would be counted".into());
    tx.commit().await?;
    Ok(())
}

/// Returns an `Announce` of a target as a reaction.
pub(in crate::federation::inbox) fn boost_of<'a>(
    activity: &'a VerifiedActivity,
    target: &'a Target,
) -> Reaction<'a> {
    Reaction {
        actor: &activity.actor,
        target,
        kind: ReactionKind::Boost,
        emoji: String::new(),
        picture: None,
        uri: activity.id.as_str(),
    }
}

/// Receives the post that a group announces for one of its members. The announcement proves nothing about the post, so
/// the post is fetched from its own host.
async fn follow_hint(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let inner = activity.payload.object.as_activity();
    // For the undo of a deletion, the hint is about the deleted object.
    let undone = inner.as_ref().and_then(undone_deletion);
    let is_change = undone.is_some()
        || inner
            .as_ref()
            .is_some_and(|inner| matches!(inner.kind(), "Update" | "Delete"));
    let embedded = undone.or(inner).and_then(|inner| inner.object.id());
    let id = match embedded {
        Some(id) => id,
        None => activity.object_id()?,
    };
    if activity.actor.row.kind != "Group" || ctx.urls().is_ours(&id) {
        return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
    }
    if is_change {
        return queue_fetch(activity, &id, true, ctx).await;
    }
    match receive_by_id(&id, activity, ctx).await {
        // A group delivers in order: an error here would make it retry, and a third server that is down would delay
        // all later activities.
        Err(InboxError::Later(_) | InboxError::Busy(_)) => {
            queue_fetch(activity, &id, false, ctx).await
        }
        other => other,
    }
}

/// Queues a fetch of a post: a stored one, or one that may become a comment.
async fn queue_fetch(
    activity: &VerifiedActivity,
    id: &str,
    expects_stored: bool,
    ctx: &Context,
) -> Result<(), InboxError> {
    let referrer = Referrer::of(&activity.actor.row.uri, &activity.sender_host, ctx).await?;
    let priority = if expects_stored {
        LookupPriority::Here
    } else {
        LookupPriority::Named
    };
    let mut tx = activity.begin(ctx).await?;
    let is_stored = tx.comment_by_uri(id).await?.is_some()
        || (expects_stored && tx.author_of_public_post(id).await?.is_some());
    if is_stored != expects_stored {
        return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
    }
    if !backfill_queue::add(&mut tx, id, priority, None, &referrer, ctx).await? {
        return Err(InboxError::Dropped(DropReason::HintAlreadyQueued));
    }
    steps::note("effect", || {
        "the post that it names would be fetched later".into()
    });
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

/// Returns the `Delete` inside an `Undo`.
fn undone_deletion(activity: &Wire) -> Option<Wire> {
    let undone = activity.object.as_activity()?;
    (activity.kind() == "Undo" && undone.kind() == "Delete").then_some(undone)
}

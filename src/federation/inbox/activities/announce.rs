//! `Announce`: a boost of an article or comment; from a group, a hint at a reply that we may not have.

use crate::{
    federation::{
        comments::{
            reactions::{self, NewReaction},
            receive::receive_by_id,
        },
        remote::backfill_queue::{self, Referrer},
        verified_activity::VerifiedActivity,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, target},
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
    let boost = NewReaction {
        kind: ReactionKind::Boost,
        emoji: "",
        picture: None,
        uri: activity.id.as_str(),
    };
    reactions::store(&mut tx, &activity.actor, &target, boost, ctx).await?;
    tx.commit().await?;
    Ok(())
}

/// A group announces what its members wrote: the object is believed as far as its own host says it.
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
        return note(activity, &id, true, ctx).await;
    }
    match receive_by_id(&id, activity, ctx).await {
        // Groups send in order: a third server that is down must not hold up all that comes after.
        Err(InboxError::Later(_) | InboxError::Busy(_)) => note(activity, &id, false, ctx).await,
        other => other,
    }
}

/// Queues a fetch of an object: a known post, or one that may become a comment.
async fn note(
    activity: &VerifiedActivity,
    id: &str,
    is_known_here: bool,
    ctx: &Context,
) -> Result<(), InboxError> {
    let referrer = Referrer::of(&activity.actor.row.uri, &activity.sender_host, ctx).await?;
    let priority = if is_known_here {
        LookupPriority::Here
    } else {
        LookupPriority::Named
    };
    let mut tx = activity.begin(ctx).await?;
    let is_known = tx.comment_by_uri(id).await?.is_some()
        || (is_known_here && tx.author_of_public_post(id).await?.is_some());
    if is_known != is_known_here {
        return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
    }
    if !backfill_queue::add(&mut tx, id, priority, None, &referrer, ctx).await? {
        return Err(InboxError::Dropped(DropReason::HintAlreadyQueued));
    }
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

/// Returns the `Delete` inside an `Undo`.
fn undone_deletion(activity: &Wire) -> Option<Wire> {
    let undone = activity.object.as_activity()?;
    (activity.kind() == "Undo" && undone.kind() == "Delete").then_some(undone)
}

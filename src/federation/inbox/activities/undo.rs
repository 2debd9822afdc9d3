//! `Undo` of a follow, reaction, deletion or feature request. Only the actor of the undone activity may send it.

use super::like;
use crate::{
    base::steps,
    federation::{
        remote::{
            backfill_queue::{self, Referrer},
            requests,
        },
        verified_activity::VerifiedActivity,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, target, urls::resolve},
    protocol::Activity as Wire,
    store::{LookupPriority, ReactionKind, Tx},
};

/// The maximum number of comments that are restored with their author's account.
const MAX_RESTORED: i64 = 1000;

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity, ctx).await?;
    let referrer = Referrer::of_actor(&activity.actor, ctx).await?;
    let mut tx = activity.begin(ctx).await?;
    let id = activity.object_id().ok();
    let is_undone = match id.as_deref() {
        Some(id) if undo_by_id(activity, &mut tx, &referrer, ctx, id).await? => true,
        // Only the undo of a follow by its object may have a local id: see `activity_id`.
        _ if ctx.urls().is_ours(activity.id.as_str()) => false,
        _ => match activity.payload.object.as_activity() {
            Some(inner) => undo_by_content(activity, &mut tx, &referrer, ctx, &inner).await?,
            None => false,
        },
    };
    if !is_undone {
        return Err(InboxError::Dropped(DropReason::UndoOfUnknownActivity));
    }
    steps::note("effect", || {
        "the activity that it names would be undone".into()
    });
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

async fn check(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let id = activity.object_id().ok();
    if let Some(inner) = activity.payload.object.as_activity()
        && inner
            .actor
            .as_deref()
            .is_some_and(|actor| !activity.is_actor(actor))
    {
        return Err(InboxError::forbidden(
            "the undone activity is another actor's",
        ));
    }
    let Some(id) = id else { return Ok(()) };
    let mut conn = ctx.store.read().await?;
    let owner = match conn.actor_of_reaction(&id).await? {
        Some(owner) => Some(owner),
        None => conn.actor_of_follow(&id).await?,
    };
    match owner {
        Some(owner) if owner != activity.actor.row.id => Err(InboxError::forbidden(
            "the undone activity is another actor's",
        )),
        _ => Ok(()),
    }
}

async fn undo_by_id(
    activity: &VerifiedActivity,
    tx: &mut Tx,
    referrer: &Referrer,
    ctx: &Context,
    id: &str,
) -> Result<bool, InboxError> {
    let actor = activity.actor.row.id;
    // If a follow got no response, snac undoes it with the followed actor as the object.
    if unfollow(activity, tx, ctx, id).await? {
        return Ok(true);
    }
    if let Some(local) = tx.local_actor_of_follow(actor, id).await? {
        return Ok(tx.remove_follower(local, actor).await?);
    }
    if let Some((object, is_account)) = tx.object_deleted_by(id, &activity.actor.row.uri).await? {
        let deleted = if is_account {
            &activity.actor.row.uri
        } else {
            &object
        };
        return restore(activity, tx, referrer, ctx, deleted).await;
    }
    let removed =
        tx.remove_reaction_by_uri(actor, id).await? || tx.forget_features(actor, id).await?;
    if removed {
        // Servers that derive the id of a like from its actor and object reuse it for the next like.
        tx.remove_receipt(id).await?;
    }
    Ok(removed)
}

/// Undoes the embedded activity by its type and object. Used if it has no id, or none that is stored.
async fn undo_by_content(
    activity: &VerifiedActivity,
    tx: &mut Tx,
    referrer: &Referrer,
    ctx: &Context,
    inner: &Wire,
) -> Result<bool, InboxError> {
    let Some(object) = inner.object.id() else {
        return Ok(false);
    };
    if inner.kind() == "FeatureRequest"
        && let Some(collection) = inner.instrument.id()
    {
        return Ok(tx
            .forget_features(activity.actor.row.id, &collection)
            .await?);
    }
    let (kind, emoji) = match inner.kind() {
        "Follow" => return unfollow(activity, tx, ctx, &object).await,
        "Delete" => return restore(activity, tx, referrer, ctx, &object).await,
        "Like" | "Dislike" | "EmojiReact" => {
            let emoji = like::emoji_of(inner);
            (like::kind_of(inner, &emoji), emoji)
        }
        "Announce" => (ReactionKind::Boost, String::new()),
        _ => return Ok(false),
    };
    let Some(target) = target::find(tx, ctx.urls(), &object).await? else {
        return Ok(false);
    };
    let (actor, article) = (activity.actor.row.id, target.article.id);
    let comment = target.comment_id();
    // An undo without an emoji removes all emoji reactions.
    let named_emoji =
        Some(emoji.as_str()).filter(|emoji| kind == ReactionKind::Emoji && !emoji.is_empty());
    let removed = tx
        .remove_reaction(actor, article, comment, kind, named_emoji)
        .await?;
    // A `Like` whose content is not an emoji was stored as a plain like.
    if !removed && inner.kind() == "Like" && kind == ReactionKind::Emoji {
        return Ok(tx
            .remove_reaction(actor, article, comment, ReactionKind::Like, None)
            .await?);
    }
    Ok(removed)
}

/// Undoes the sender's deletion of a comment, or of the account with its comments. The comments are fetched again from
/// their server.
async fn restore(
    activity: &VerifiedActivity,
    tx: &mut Tx,
    referrer: &Referrer,
    ctx: &Context,
    id: &str,
) -> Result<bool, InboxError> {
    let actor = &activity.actor.row;
    if activity.is_actor(id) {
        let root = activity.id.as_str();
        requests::write(requests::current().as_deref(), tx).await?;
        return Ok(tx.restore_account(actor, root, MAX_RESTORED).await? > 0);
    }
    let comment = tx.comment_by_uri(id).await?;
    let id = comment.as_ref().map_or(id, |comment| &comment.uri);
    let is_restored = tx.undo_deletion(id, &actor.uri).await?;
    if is_restored && comment.is_some() {
        backfill_queue::add(tx, id, LookupPriority::Here, None, referrer, ctx).await?;
    }
    Ok(is_restored)
}

/// Ends the sender's follow of a local actor.
async fn unfollow(
    activity: &VerifiedActivity,
    tx: &mut Tx,
    ctx: &Context,
    followed: &str,
) -> Result<bool, InboxError> {
    let own = resolve(tx, ctx.urls(), followed).await?;
    let Some(username) = ctx.urls().actor_at(&own) else {
        return Ok(false);
    };
    let Some(local) = tx.local_actor(&username).await? else {
        return Ok(false);
    };
    Ok(tx.remove_follower(local.id, activity.actor.row.id).await?)
}

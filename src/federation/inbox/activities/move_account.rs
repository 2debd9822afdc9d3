//! `Move`: an account that a local actor follows moved to a new account. The local actor follows the new account
//! instead, if it lists the old one as an alias. The `Move` of a follower needs no action: its server sends a new
//! `Follow`.

use crate::{
    base::steps,
    federation::{
        outbox,
        remote::{actors, fetch_error::shown, strangers::settled},
        verified_activity::VerifiedActivity,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, remote_actor::RemoteActor},
    protocol::same_id,
    store::{ChangeKind, InteractionKind, StoreError, Tx},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity)?;
    let old = &activity.actor.row.uri;
    let mut conn = ctx.store.read().await?;
    if conn.follows_by_us(old).await?.is_empty() {
        return Err(InboxError::Dropped(DropReason::MoveOfUnfollowedActor));
    }
    // Fetch before the transaction, because other writers wait for it.
    drop(conn);
    let new = target(activity, ctx).await?;
    let aliases: Vec<String> = serde_json::from_str(&new.row.aliases).unwrap_or_default();
    if !aliases.iter().any(|alias| same_id(alias, old)) {
        return Err(InboxError::Dropped(DropReason::MoveTargetWithoutAlias));
    }
    let mut tx = activity.begin(ctx).await?;
    if ctx.is_blocked(&mut tx, &new.row.uri, &new.row.host).await? {
        return Err(InboxError::Dropped(DropReason::MoveToBlockedAccount));
    }
    new.store_in(&mut tx).await?;
    follow_along(&mut tx, old, &new).await?;
    steps::note("effect", || {
        format!("our follow would move to {}", shown(&new.row.uri))
    });
    tx.commit().await?;
    settled(&new, ctx).await;
    ctx.store.wake();
    Ok(())
}

fn check(activity: &VerifiedActivity) -> Result<(), InboxError> {
    if activity.object_id()? != activity.actor.row.uri {
        return Err(InboxError::forbidden("only an actor itself can move"));
    }
    match &activity.payload.target {
        Some(_) => Ok(()),
        None => Err(InboxError::malformed("the move has no target")),
    }
}

/// Fetches the new account from its own server.
async fn target(activity: &VerifiedActivity, ctx: &Context) -> Result<RemoteActor, InboxError> {
    let target = activity.payload.target.as_deref().unwrap_or_default();
    match actors::refetch(target, ctx).await {
        Err(
            InboxError::Unverified(_)
            | InboxError::Unobtainable(_)
            | InboxError::NotFound(_)
            | InboxError::Malformed(_)
            | InboxError::Forbidden(_),
        ) => Err(InboxError::Dropped(DropReason::MoveTargetUnavailable)),
        other => other,
    }
}

/// Moves the follows and follow requests of local actors from the old account to the new one.
async fn follow_along(tx: &mut Tx, old: &str, new: &RemoteActor) -> Result<(), StoreError> {
    for follow in tx.follows_by_us(old).await? {
        outbox::undo(tx, &follow).await?;
        let (kind, local) = (InteractionKind::Follow, follow.local_actor_id);
        let request = tx
            .add_interaction(kind, local, &new.row.uri, new.row.id, "")
            .await?;
        // An actor that already follows the new account needs no request.
        if let Some(id) = request {
            tx.add_change(ChangeKind::Interaction, &id.to_string())
                .await?;
        }
    }
    Ok(())
}

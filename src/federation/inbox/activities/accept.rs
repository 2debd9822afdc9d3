//! `Accept` and `Reject` of a follow by a local actor. Only the followed actor may send it.

use crate::{
    base::steps,
    federation::verified_activity::VerifiedActivity,
    node::{Context, drop_reason::DropReason, error::InboxError},
    protocol::same_id,
    store::{Interaction, InteractionKind, InteractionState, Tx},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let state = match activity.payload.kind() {
        "Accept" | "TentativeAccept" => InteractionState::Accepted,
        _ => InteractionState::Rejected,
    };
    let mut tx = activity.begin(ctx).await?;
    let follow = match follow_by_id(activity, &mut tx, ctx).await? {
        Some(follow) => Some(follow),
        None => follow_by_content(activity, &mut tx, ctx).await?,
    };
    let Some(follow) = follow else {
        return Err(InboxError::Dropped(DropReason::ResponseToUnknownRequest));
    };
    if follow.actor_id != activity.actor.row.id {
        return Err(InboxError::Dropped(DropReason::ResponseByWrongActor));
    }
    if !matches!(
        follow.state,
        InteractionState::Sent | InteractionState::Accepted
    ) {
        return Err(InboxError::Dropped(DropReason::ResponseToEndedRequest));
    }
    tx.set_interaction_state(follow.id, state).await?;
    steps::note("effect", || {
        format!("our follow would be {}", state.as_str())
    });
    tx.commit().await?;
    Ok(())
}

/// Finds the follow by the id of its activity.
async fn follow_by_id(
    activity: &VerifiedActivity,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<Interaction>, InboxError> {
    let id = activity.payload.object.id();
    let Some(uid) = id.and_then(|id| ctx.urls().activity_uid(&id)) else {
        return Ok(None);
    };
    let Some(activity) = tx.activity_by_uid(&uid).await? else {
        return Ok(None);
    };
    let follow = tx.interaction_of_activity(activity.id).await?;
    Ok(follow.filter(|follow| follow.kind == InteractionKind::Follow))
}

/// Finds the follow by its follower and followed actor, because some servers do not send its id back.
async fn follow_by_content(
    activity: &VerifiedActivity,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<Interaction>, InboxError> {
    let sender = &activity.actor.row.uri;
    let Some(inner) = activity.payload.object.as_activity() else {
        return Ok(None);
    };
    let is_of_sender = inner.object.id().is_some_and(|id| activity.is_actor(&id));
    if inner.kind() != "Follow" || !is_of_sender {
        return Ok(None);
    }
    for follow in tx.interactions_with(sender).await? {
        let local = ctx
            .local_actors
            .in_transaction(tx, follow.local_actor_id)
            .await
            .map_err(InboxError::internal)?;
        let is_by_local = inner.actor.as_deref().is_some_and(|actor| {
            same_id(actor, &local.uri)
                || ctx.urls().actor_at(actor).as_ref() == Some(&local.row.username)
        });
        if follow.kind == InteractionKind::Follow && is_by_local {
            return Ok(Some(follow));
        }
    }
    Ok(None)
}

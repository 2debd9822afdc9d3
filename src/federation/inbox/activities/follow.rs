//! `Follow` of a local actor. It is stored and accepted, or waits for the admin. The `Accept` repeats the follow.

use crate::{
    base::steps,
    federation::{
        account::follow_requests,
        objects::response_size::{self, SizeLimit},
        remote::actors,
        verified_activity::VerifiedActivity,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        local_actors::LocalActor,
        notices::{self, NoticeEvent},
    },
    quota::Limit,
    store::{ActorKind, FollowerState, NewActivity, NewFollow, NoticeKind, Tx},
};
use serde_json::Value;

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let followed = match ctx.actor_at(&activity.object_id()?).await? {
        Some(username) => ctx.local_actors.by_name(&ctx.store, &username).await,
        None => return Err(InboxError::Dropped(DropReason::FollowOfNonLocalActor)),
    };
    let Some(local) = followed.map_err(InboxError::internal)? else {
        return Err(InboxError::Dropped(DropReason::FollowOfNonLocalActor));
    };
    if local.row.kind == ActorKind::Instance {
        return Err(InboxError::Dropped(DropReason::FollowOfNonLocalActor));
    }
    let sender = activity.sender(ctx).await?;
    ctx.quota.charge(Limit::FollowsOfDomain, &sender, 1)?;
    let size_limit = response_size::charged_limit_for(&activity.actor.row, ctx)?;
    if local.row.moved_to.is_some() {
        return refuse(activity, &local, size_limit, ctx).await;
    }
    let initial_state = if ctx.config.followers.approve {
        FollowerState::Pending
    } else {
        FollowerState::Accepted
    };
    let follow = stored_form(activity);
    let mut tx = activity.begin(ctx).await?;
    let destination = actors::destination_of(&activity.actor.row, ctx, &mut tx).await?;
    let (local_id, actor) = (local.row.id, &activity.actor.row);
    let follow_uri = activity.id.as_str();
    // A repeated request does not notify the admin again.
    let is_new = initial_state == FollowerState::Pending
        && tx.follow_of(local_id, actor.id).await?.is_none();
    let new = NewFollow {
        local_actor_id: local_id,
        actor_id: actor.id,
        destination_id: destination,
        follow_uri,
    };
    let state = tx.save_follower(new, initial_state).await?;
    steps::note("effect", || match state {
        FollowerState::Pending => "the follow request would wait for the admin".into(),
        FollowerState::Accepted => {
            format!(
                "it would be stored as a follower of @{}, and an Accept sent",
                local.row.username
            )
        }
    });
    match state {
        FollowerState::Pending => {
            let follow_json = follow.to_string();
            tx.save_follow_activity(local_id, actor.id, Some(&follow_json))
                .await?;
            if is_new {
                notify(activity, &local, &mut tx, ctx).await?;
            }
        }
        FollowerState::Accepted => {
            let accept = response(activity, "Accept", &local, follow, size_limit, ctx)?;
            let accept = tx.add_activity(&accept).await?;
            tx.enqueue_to(accept, destination).await?;
        }
    }
    tx.commit().await?;
    if state == FollowerState::Accepted {
        ctx.quota.mark_known(&actor.host);
    }
    ctx.store.wake();
    Ok(())
}

/// Rejects a follow of a local actor that moved: new followers belong to the new account.
async fn refuse(
    activity: &VerifiedActivity,
    local: &LocalActor,
    size_limit: SizeLimit,
    ctx: &Context,
) -> Result<(), InboxError> {
    steps::note("effect", || {
        "a Reject would be sent, because the account has moved".into()
    });
    let reject = response(
        activity,
        "Reject",
        local,
        stored_form(activity),
        size_limit,
        ctx,
    )?;
    let mut tx = activity.begin(ctx).await?;
    let destination = actors::destination_of(&activity.actor.row, ctx, &mut tx).await?;
    let reject = tx.add_activity(&reject).await?;
    tx.enqueue_to(reject, destination).await?;
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

/// Charges the actor of a follow that is accepted at once, and returns the `Accept`.
///
/// # Errors
/// [`InboxError::Later`] if its domain has sent enough follows for now; [`InboxError::Dropped`] if the response would be
/// too large.
pub(in crate::federation::inbox) async fn charged_accept(
    activity: &VerifiedActivity,
    local: &LocalActor,
    ctx: &Context,
) -> Result<NewActivity, InboxError> {
    let sender = activity.sender(ctx).await?;
    ctx.quota.charge(Limit::FollowsOfDomain, &sender, 1)?;
    let size_limit = response_size::charged_limit_for(&activity.actor.row, ctx)?;
    response(
        activity,
        "Accept",
        local,
        stored_form(activity),
        size_limit,
        ctx,
    )
}

fn stored_form(activity: &VerifiedActivity) -> Value {
    let (raw, id) = (&activity.payload.raw, activity.id.as_str());
    follow_requests::stored_form(raw, id, &activity.actor.row.uri)
}

/// Returns the `Accept` or `Reject` of a follow.
fn response(
    activity: &VerifiedActivity,
    kind: &'static str,
    local: &LocalActor,
    follow: Value,
    size_limit: SizeLimit,
    ctx: &Context,
) -> Result<NewActivity, InboxError> {
    let (follower, id) = (&activity.actor.row.uri, activity.id.as_str());
    follow_requests::response(ctx, local, follower, id, follow, kind, size_limit)
        .ok_or(response_size::TOO_LARGE)
}

/// Notifies the admin of a follow request.
async fn notify(
    activity: &VerifiedActivity,
    local: &LocalActor,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let (follower, username) = (activity.actor.handle(), &local.row.username);
    let text = format!("{follower} asks to follow @{username}.");
    let event = NoticeEvent {
        kind: NoticeKind::FollowRequest,
        object: Some(activity.id.as_str()),
        subject: Some(&local.uri),
        text: &text,
    };
    notices::add(tx, ctx, &activity.actor.row, event).await?;
    Ok(())
}

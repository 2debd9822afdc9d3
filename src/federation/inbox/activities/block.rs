//! `Block` of a local actor: ends the follows in both directions and notifies the admin.

use crate::{
    base::steps,
    federation::verified_activity::VerifiedActivity,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        notices::{self, NoticeEvent},
    },
    store::{InteractionState, NoticeKind},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let (object, actor) = (activity.object_id()?, &activity.actor);
    let Some(username) = ctx.actor_at(&object).await? else {
        return Err(InboxError::Dropped(DropReason::BlockOfNonLocalActor));
    };
    let mut tx = activity.begin(ctx).await?;
    let Some(local) = tx.local_actor(&username).await? else {
        return Err(InboxError::Dropped(DropReason::BlockOfNonLocalActor));
    };
    tx.remove_follower(local.id, actor.row.id).await?;
    for follow in tx.follows_by_us(&actor.row.uri).await? {
        if follow.local_actor_id == local.id {
            // Their server already knows that the follow ended, so nothing is sent.
            tx.set_interaction_state(follow.id, InteractionState::Rejected)
                .await?;
        }
    }
    let text = format!("{} blocked @{username}.", actor.handle());
    let event = NoticeEvent {
        kind: NoticeKind::Block,
        object: Some(&object),
        subject: None,
        text: &text,
    };
    notices::add(&mut tx, ctx, &actor.row, event).await?;
    steps::note("effect", || {
        "the follows in both directions would end, and the admin would get a notice".into()
    });
    tx.commit().await?;
    Ok(())
}

//! `Block` of a local actor: ends the follows in both directions and notifies the admin.

use crate::{
    federation::verified_activity::handles,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        notices::{self, NoticeEvent},
    },
    store::{InteractionState, NoticeKind},
};

handles!(
    /// Somebody wants nothing from us.
    Block
);

impl Block {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id().map(drop)
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let (object, actor) = (self.0.object_id()?, &self.0.actor);
        let Some(username) = data.urls().actor_at(&object) else {
            return Err(InboxError::Dropped(DropReason::BlockOfNonLocalActor));
        };
        let mut tx = self.0.begin(data).await?;
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
        notices::add(&mut tx, data, &actor.row, event).await?;
        tx.commit().await?;
        Ok(())
    }
}

//! `Follow`: somebody wants our articles. Stored, and answered with an `Accept` that repeats it, or left for the admin to
//! answer.

use crate::{
    federation::{
        account::follow_requests,
        objects::response_size::{self, Room},
        remote::actors,
        verified_activity::handles,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        local_actors::LocalActor,
        notices::{self, NoticeEvent},
    },
    quota::Limit,
    store::{ActorKind, FollowerState, NewActivity, NoticeKind, Tx},
};
use serde_json::Value;

handles!(
    /// A follow of one of our actors.
    Follow
);

impl Follow {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id().map(drop)
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let followed = match data.urls().actor_at(&self.0.object_id()?) {
            Some(username) => data.local_actors.by_name(&data.store, &username).await,
            None => return Err(InboxError::Dropped(DropReason::FollowOfNonLocalActor)),
        };
        let Some(local) = followed.map_err(InboxError::internal)? else {
            return Err(InboxError::Dropped(DropReason::FollowOfNonLocalActor));
        };
        if local.row.kind == ActorKind::Instance {
            return Err(InboxError::Dropped(DropReason::FollowOfNonLocalActor));
        }
        let sender = self.0.sender(data).await?;
        data.quota.charge(Limit::FollowsOfDomain, &sender, 1)?;
        let room = response_size::room_for(&self.0.actor.row, data)?;
        if local.row.moved_to.is_some() {
            return self.refuse(&local, room, data).await;
        }
        let wanted = match data.config.followers.approve {
            true => FollowerState::Pending,
            false => FollowerState::Accepted,
        };
        let follow = self.to_repeat();
        let mut tx = self.0.begin(data).await?;
        let destination = actors::destination_of(&self.0.actor.row, data, &mut tx).await?;
        let (local_id, actor) = (local.row.id, &self.0.actor.row);
        let follow_uri = self.0.id.as_str();
        let is_new =
            wanted == FollowerState::Pending && tx.follow_of(local_id, actor.id).await?.is_none();
        let state = tx
            .save_follower(local_id, actor.id, destination, follow_uri, wanted)
            .await?;
        match state {
            FollowerState::Pending => {
                let kept = follow.to_string();
                tx.save_follow_activity(local_id, actor.id, Some(&kept))
                    .await?;
                if is_new {
                    self.notify(&local, &mut tx, data).await?;
                }
            }
            FollowerState::Accepted => {
                let accept = self.answer("Accept", &local, follow, room, data)?;
                let activity = tx.add_activity(&accept).await?;
                tx.enqueue_to(activity, destination).await?;
            }
        }
        tx.commit().await?;
        if state == FollowerState::Accepted {
            data.quota.mark_known(&actor.host);
        }
        data.store.wake();
        Ok(())
    }

    /// An actor that moved takes no followers: they belong to the new account.
    async fn refuse(
        &self,
        local: &LocalActor,
        room: Room,
        data: &Context,
    ) -> Result<(), InboxError> {
        let reject = self.answer("Reject", local, self.to_repeat(), room, data)?;
        let mut tx = self.0.begin(data).await?;
        let destination = actors::destination_of(&self.0.actor.row, data, &mut tx).await?;
        let activity = tx.add_activity(&reject).await?;
        tx.enqueue_to(activity, destination).await?;
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }

    fn to_repeat(&self) -> Value {
        let (raw, id) = (&self.0.activity.raw, self.0.id.as_str());
        follow_requests::to_repeat(raw, id, &self.0.actor.row.uri)
    }

    fn answer(
        &self,
        kind: &'static str,
        local: &LocalActor,
        follow: Value,
        room: Room,
        data: &Context,
    ) -> Result<NewActivity, InboxError> {
        let (follower, id) = (&self.0.actor.row.uri, self.0.id.as_str());
        follow_requests::answer_to(data, local, follower, id, follow, kind, room)
            .ok_or(response_size::TOO_LARGE)
    }

    /// Tells the admin of somebody who asks to follow: once, however often they ask.
    async fn notify(
        &self,
        local: &LocalActor,
        tx: &mut Tx,
        data: &Context,
    ) -> Result<(), InboxError> {
        let (who, whom) = (self.0.actor.handle(), &local.row.username);
        let text = format!("{who} asks to follow @{whom}.");
        let event = NoticeEvent {
            kind: NoticeKind::FollowRequest,
            object: Some(self.0.id.as_str()),
            subject: Some(&local.uri),
            text: &text,
        };
        notices::add(tx, data, &self.0.actor.row, event).await?;
        Ok(())
    }
}

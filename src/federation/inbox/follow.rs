//! `Follow`: somebody wants our articles. Stored, and answered with an `Accept` of the whole activity, or
//! left for the admin to answer.

use super::{InboxError, received::handles};
use crate::{
    federation::{actors, follows, locals::Local, node::Context},
    store::{ActorKind, FollowerState},
};

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
            Some(username) => data.locals.by_name(&data.store, &username).await,
            None => return Err(InboxError::Dropped("follow of nobody here")),
        };
        let Some(local) = followed.map_err(InboxError::internal)? else {
            return Err(InboxError::Dropped("follow of nobody here"));
        };
        if local.row.kind == ActorKind::Instance {
            return Err(InboxError::Dropped("follow of nobody here"));
        }
        let follow = self.0.activity.raw.clone();
        let wanted = match data.config.followers.approve {
            true => FollowerState::Pending,
            false => FollowerState::Accepted,
        };
        if local.row.moved_to.is_some() {
            return self.refuse(&local, data).await;
        }
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
                let kept = follows::to_keep(&follow);
                tx.keep_follow(local_id, actor.id, kept.as_deref()).await?;
                if is_new {
                    let (who, whom) = (self.0.actor.handle(), &local.row.username);
                    let text = format!("{who} asks to follow @{whom}.");
                    tx.add_notice("follow request", &actor.uri, Some(follow_uri), &text)
                        .await?;
                }
            }
            FollowerState::Accepted => {
                let accept =
                    follows::answer_to(data, &local, &actor.uri, follow_uri, follow, "Accept");
                let activity = tx.add_activity(&accept).await?;
                tx.enqueue_to(activity, destination).await?;
            }
        }
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }

    /// An actor that moved takes no followers: they belong to the new account.
    async fn refuse(&self, local: &Local, data: &Context) -> Result<(), InboxError> {
        let (actor, follow) = (&self.0.actor.row, self.0.activity.raw.clone());
        let follow_uri = self.0.id.as_str();
        let reject = follows::answer_to(data, local, &actor.uri, follow_uri, follow, "Reject");
        let mut tx = self.0.begin(data).await?;
        let destination = actors::destination_of(actor, data, &mut tx).await?;
        let activity = tx.add_activity(&reject).await?;
        tx.enqueue_to(activity, destination).await?;
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }
}

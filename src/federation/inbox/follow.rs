//! `Follow`: somebody wants our articles. Stored, and answered with an `Accept` of the whole activity.

use super::{InboxError, Received, received::handles};
use crate::{
    federation::{
        documents, fetch,
        node::Context,
        urls::{Named, host_of},
    },
    protocol::ActivityOut,
    store::{self, ActorKind, FollowerState, NewActivity, Tx},
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
        let followed = match data.urls().read(&self.0.object_id()?) {
            Some(Named::Actor(username)) => data.locals.by_name(&data.store, &username).await,
            _ => return Err(InboxError::Dropped("follow of nobody here")),
        };
        let Some(local) = followed.map_err(InboxError::internal)? else {
            return Err(InboxError::Dropped("follow of nobody here"));
        };
        if local.row.kind == ActorKind::Instance {
            return Err(InboxError::Dropped("follow of nobody here"));
        }
        let mut tx = self.0.begin(data).await?;
        let destination = destination_of(&self.0, data, &mut tx).await?;
        tx.save_follower(
            local.row.id,
            self.0.actor.row.id,
            destination,
            self.0.id.as_str(),
            FollowerState::Accepted,
        )
        .await?;
        let accept = self.accept(data, &local.uri, local.row.id);
        let activity = tx.add_activity(&accept).await?;
        tx.enqueue_to(activity, destination).await?;
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }

    fn accept(&self, data: &Context, local_uri: &str, local_id: i64) -> NewActivity {
        let uid = store::new_uid();
        let activity = ActivityOut {
            id: data.urls().activity(&uid),
            kind: "Accept",
            actor: local_uri.to_owned(),
            published: None,
            to: vec![self.0.actor.row.uri.clone()],
            cc: Vec::new(),
            // As it came, id and all: the sender finds its request by it.
            object: self.0.activity.raw.clone(),
        };
        NewActivity {
            uid,
            local_actor_id: local_id,
            kind: "Accept",
            object_uri: self.0.id.to_string(),
            body: documents::activity(&activity),
            public: false,
        }
    }
}

/// The destination that an actor's deliveries go to: the shared inbox, or its own where there is none.
pub(super) async fn destination_of(
    received: &Received,
    data: &Context,
    tx: &mut Tx,
) -> Result<i64, InboxError> {
    let row = &received.actor.row;
    let development = data.config.development;
    let shared = row
        .shared_inbox
        .as_deref()
        .and_then(|inbox| fetch::check_inbox(inbox, development).ok());
    let inbox = match shared {
        Some(inbox) => inbox,
        None => fetch::check_inbox(&row.inbox, development).map_err(|reason| {
            InboxError::malformed(&format!("the actor's inbox can't be used: {reason}"))
        })?,
    };
    let host = host_of(&inbox).unwrap_or_default();
    Ok(tx.destination_for(inbox.as_str(), &host).await?)
}

//! `Move`: an account that a local actor follows has a new account; our follow moves there, if the new account names
//! the old one. The `Move` of a follower needs no action: the new account follows by itself.

use crate::{
    federation::{
        outbox,
        remote::{actors, strangers::settled},
        verified_activity::handles,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, remote_actor::RemoteActor},
    protocol::same_id,
    store::{ChangeKind, InteractionKind, StoreError, Tx},
};

handles!(
    /// The change of an account.
    Move
);

impl Move {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        if self.0.object_id()? != self.0.actor.row.uri {
            return Err(InboxError::forbidden("only an actor itself can move"));
        }
        match &self.0.activity.target {
            Some(_) => Ok(()),
            None => Err(InboxError::malformed("the move has no target")),
        }
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let old = &self.0.actor.row.uri;
        let mut conn = data.store.read().await?;
        if conn.follows_by_us(old).await?.is_empty() {
            return Err(InboxError::Dropped(DropReason::MoveOfUnfollowedActor));
        }
        // The fetch happens outside the transaction, because others wait for that.
        drop(conn);
        let new = self.target(data).await?;
        let aliases: Vec<String> = serde_json::from_str(&new.row.aliases).unwrap_or_default();
        if !aliases.iter().any(|alias| same_id(alias, old)) {
            return Err(InboxError::Dropped(DropReason::MoveTargetWithoutAlias));
        }
        let mut tx = self.0.begin(data).await?;
        if data
            .is_blocked(&mut tx, &new.row.uri, &new.row.host)
            .await?
        {
            return Err(InboxError::Dropped(DropReason::MoveToBlockedAccount));
        }
        new.store_in(&mut tx).await?;
        follow_along(&mut tx, old, &new).await?;
        tx.commit().await?;
        settled(&new, data).await;
        data.store.wake();
        Ok(())
    }

    /// Fetches the new account from its own server.
    async fn target(&self, data: &Context) -> Result<RemoteActor, InboxError> {
        let target = self.0.activity.target.as_deref().unwrap_or_default();
        match actors::refetch(target, data).await {
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
}

/// Moves the follows, and follow requests, of local actors from the old account to the new one.
async fn follow_along(tx: &mut Tx, old: &str, new: &RemoteActor) -> Result<(), StoreError> {
    for follow in tx.follows_by_us(old).await? {
        outbox::take_back(tx, &follow).await?;
        let (kind, local) = (InteractionKind::Follow, follow.local_actor_id);
        let asked = tx
            .add_interaction(kind, local, &new.row.uri, new.row.id, "")
            .await?;
        // An actor that already follows the new account needs no request.
        if let Some(id) = asked {
            tx.add_change(ChangeKind::Interaction, &id.to_string())
                .await?;
        }
    }
    Ok(())
}

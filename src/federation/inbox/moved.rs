//! `Move`: a follower has a new account; the follow moves along if the new one names the old one.

use super::{InboxError, received::handles};
use crate::{
    federation::{actors, fetch, node::Context, urls::host_of},
    protocol::same_id,
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
        let old = &self.0.actor.row;
        if data
            .store
            .read()
            .await?
            .followed_by(old.id)
            .await?
            .is_empty()
        {
            return Err(InboxError::Dropped(
                "move of somebody who follows nobody here",
            ));
        }
        let target = self.0.activity.target.clone().unwrap_or_default();
        let new = match actors::refetch(&target, data).await {
            Err(
                InboxError::Unverified(_) | InboxError::Malformed(_) | InboxError::Forbidden(_),
            ) => {
                return Err(InboxError::Dropped("move to an account that can't be had"));
            }
            other => other?,
        };
        let aliases: Vec<String> = serde_json::from_str(&new.row.aliases).unwrap_or_default();
        if !aliases.iter().any(|alias| same_id(alias, &old.uri)) {
            return Err(InboxError::Dropped(
                "move to an account that does not name the old one",
            ));
        }
        let development = data.config.development;
        let wanted = new.row.shared_inbox.as_deref().unwrap_or(&new.row.inbox);
        let inbox = fetch::check_inbox(wanted, development)
            .map_err(|reason| InboxError::malformed(&reason))?;
        let host = host_of(&inbox).unwrap_or_default();
        let mut tx = self.0.begin(data).await?;
        if data.shuts_out(&mut tx, &new.row.uri, &new.row.host).await? {
            return Err(InboxError::Dropped("move to a blocked account"));
        }
        let destination = tx.destination_for(inbox.as_str(), &host).await?;
        tx.move_follower(old.id, new.row.id, destination).await?;
        tx.commit().await?;
        Ok(())
    }
}

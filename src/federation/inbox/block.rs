//! `Block` of a local actor: their follow ends, and the admin is told.

use super::{InboxError, received::handles};
use crate::federation::{node::Context, urls::Named};

handles!(
    /// Somebody wants nothing from us.
    Block
);

impl Block {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id().map(drop)
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let object = self.0.object_id()?;
        let Some(Named::Actor(username)) = data.urls().read(&object) else {
            return Err(InboxError::Dropped("block of nobody here"));
        };
        let mut tx = self.0.begin(data).await?;
        let Some(local) = tx.local_actor(&username).await? else {
            return Err(InboxError::Dropped("block of nobody here"));
        };
        tx.remove_follower(local.id, self.0.actor.row.id).await?;
        let text = format!("{} blocked @{username}.", self.0.actor.handle());
        tx.add_notice("block", &self.0.actor.row.uri, Some(&object), &text)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

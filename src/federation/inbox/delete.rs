//! `Delete` of a comment by its author, or of an actor by itself.

use super::{InboxError, forward, received::handles};
use crate::federation::node::Context;

handles!(
    /// The end of something.
    Delete
);

impl Delete {
    async fn check(&self, data: &Context) -> Result<(), InboxError> {
        let id = self.0.object_id()?;
        if id == self.0.actor.row.uri {
            return Ok(());
        }
        let mut conn = data.store.read().await?;
        match conn.comment_by_uri(&id).await? {
            // Of a comment that is a tombstone already nobody knows the author any more.
            Some(comment)
                if comment.state != "deleted" && comment.actor_id != Some(self.0.actor.row.id) =>
            {
                Err(InboxError::forbidden(
                    "only its author can delete a comment",
                ))
            }
            None if !self.0.owns_host_of(&id) || conn.remote_actor(&id).await?.is_some() => Err(
                InboxError::forbidden("the object is not the actor's to delete"),
            ),
            _ => Ok(()),
        }
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let id = self.0.object_id()?;
        let mut tx = self.0.begin(data).await?;
        if id == self.0.actor.row.uri {
            tx.erase_remote_actor(self.0.actor.row.id).await?;
            tx.commit().await?;
            data.gate.forget_all().await;
            return Ok(());
        }
        // Also where nothing is known of it: its Create may be on its way.
        tx.add_tombstone(&id, &self.0.actor.row.uri).await?;
        if let Some(comment) = tx.comment_by_uri(&id).await? {
            tx.bury_comment(comment.id).await?;
            let article = tx.article_gate_by_id(comment.article_id).await?;
            if let Some(article) = article.filter(|_| comment.state == "visible") {
                forward::pass_on(&mut tx, &self.0, &article, &id, data).await?;
            }
        }
        tx.forget_quotes(self.0.actor.row.id, &id).await?;
        tx.forget_features(self.0.actor.row.id, &id).await?;
        tx.commit().await?;
        Ok(())
    }
}

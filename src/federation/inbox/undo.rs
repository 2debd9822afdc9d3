//! `Undo` of a follow, like, boost or block, by its own actor alone.

use super::{InboxError, like, received::handles, target};
use crate::{
    federation::{node::Context, urls::Named},
    protocol::Activity as Wire,
    store::{ReactionKind, Tx},
};

handles!(
    /// The end of something that the same actor began.
    Undo
);

impl Undo {
    async fn check(&self, data: &Context) -> Result<(), InboxError> {
        let id = self.0.object_id().ok();
        if let Some(inner) = self.0.activity.object.as_activity()
            && inner
                .actor
                .as_deref()
                .is_some_and(|actor| !self.0.is_actor(actor))
        {
            return Err(InboxError::forbidden(
                "the undone activity is another actor's",
            ));
        }
        let Some(id) = id else { return Ok(()) };
        let mut conn = data.store.read().await?;
        let owner = match conn.reaction_owner(&id).await? {
            Some(owner) => Some(owner),
            None => conn.follow_owner(&id).await?,
        };
        match owner {
            Some(owner) if owner != self.0.actor.row.id => Err(InboxError::forbidden(
                "the undone activity is another actor's",
            )),
            _ => Ok(()),
        }
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let mut tx = self.0.begin(data).await?;
        let by_id = match self.0.object_id() {
            Ok(id) => self.undo_by_id(&mut tx, &id).await?,
            Err(_) => false,
        };
        let done = by_id
            || match self.0.activity.object.as_activity() {
                Some(inner) => self.undo_by_content(&mut tx, data, &inner).await?,
                None => false,
            };
        if !done {
            return Err(InboxError::Dropped("undo of nothing here"));
        }
        tx.commit().await?;
        Ok(())
    }

    async fn undo_by_id(&self, tx: &mut Tx, id: &str) -> Result<bool, InboxError> {
        let actor = self.0.actor.row.id;
        if let Some(local) = tx.followed_by_uri(actor, id).await? {
            return Ok(tx.remove_follower(local, actor).await?);
        }
        let removed =
            tx.remove_reaction_by_uri(actor, id).await? || tx.forget_features(actor, id).await?;
        if removed {
            // Servers that make a like's id of actor and object use it again.
            tx.forget_receipt(id).await?;
        }
        Ok(removed)
    }

    /// For an inner activity whose id we never saw, or that has none: what it is about says enough.
    async fn undo_by_content(
        &self,
        tx: &mut Tx,
        data: &Context,
        inner: &Wire,
    ) -> Result<bool, InboxError> {
        let actor = self.0.actor.row.id;
        let Some(object) = inner.object.id() else {
            return Ok(false);
        };
        if inner.kind() == "FeatureRequest"
            && let Some(collection) = inner.instrument.id()
        {
            return Ok(tx.forget_features(actor, &collection).await?);
        }
        if inner.kind() == "Follow" {
            let Some(Named::Actor(username)) = data.urls().read(&object) else {
                return Ok(false);
            };
            return Ok(match tx.local_actor(&username).await? {
                Some(local) => tx.remove_follower(local.id, actor).await?,
                None => false,
            });
        }
        let kind = match inner.kind() {
            "Like" | "Dislike" | "EmojiReact" => like::kind_of(inner),
            "Announce" => ReactionKind::Boost,
            _ => return Ok(false),
        };
        match target::find(tx, data.urls(), &object).await? {
            Some(found) => Ok(tx
                .remove_reaction(actor, found.article.id, found.comment_id(), kind)
                .await?),
            None => Ok(false),
        }
    }
}

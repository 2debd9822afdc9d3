//! `Announce`: a boost of an article or comment; from a group, a hint at a reply that we may not have.

use crate::{
    federation::{
        comments::{
            create,
            reaction::{self, NewReaction},
        },
        remote::backfill_queue::{self, Referrer},
        verified_activity::handles,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, target},
    protocol::Activity as Wire,
    store::{LookupPriority, ReactionKind},
};

handles!(
    /// A boost.
    Announce
);

impl Announce {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id().map(drop)
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        if !self.0.activity.is_public() {
            return Err(InboxError::Dropped(DropReason::BoostNotPublic));
        }
        let object = self.0.object_id()?;
        let mut tx = self.0.begin(data).await?;
        let Some(target) = target::find(&mut tx, data.urls(), &object).await? else {
            drop(tx);
            return self.follow_hint(data).await;
        };
        if !target.is_visible() {
            return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
        }
        let boost = NewReaction {
            kind: ReactionKind::Boost,
            emoji: "",
            picture: None,
            uri: self.0.id.as_str(),
        };
        reaction::store(&mut tx, &self.0.actor, &target, boost, data).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A group announces what its members wrote: the object is believed as far as its own host says it.
    async fn follow_hint(&self, data: &Context) -> Result<(), InboxError> {
        let inner = self.0.activity.object.as_activity();
        // For the undo of a deletion, the hint is about the deleted object.
        let undone = inner.as_ref().and_then(undone_deletion);
        let is_change = undone.is_some()
            || inner
                .as_ref()
                .is_some_and(|inner| matches!(inner.kind(), "Update" | "Delete"));
        let embedded = undone.or(inner).and_then(|inner| inner.object.id());
        let id = match embedded {
            Some(id) => id,
            None => self.0.object_id()?,
        };
        if self.0.actor.row.kind != "Group" || data.urls().is_ours(&id) {
            return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
        }
        if is_change {
            return self.note(&id, true, data).await;
        }
        match create::receive_from_its_id(&id, &self.0, data).await {
            // Groups send in order: a third server that is down must not hold up all that comes after.
            Err(InboxError::Later(_) | InboxError::Busy(_)) => self.note(&id, false, data).await,
            other => other,
        }
    }

    /// Queues a fetch of an object: a known post, or one that may become a comment.
    async fn note(&self, id: &str, is_here: bool, data: &Context) -> Result<(), InboxError> {
        let referrer = Referrer::of(&self.0.actor.row.uri, &self.0.sender_host, data).await?;
        let priority = match is_here {
            true => LookupPriority::Here,
            false => LookupPriority::Named,
        };
        let mut tx = self.0.begin(data).await?;
        let is_known = tx.comment_by_uri(id).await?.is_some()
            || (is_here && tx.author_of_public_post(id).await?.is_some());
        if is_known != is_here {
            return Err(InboxError::Dropped(DropReason::BoostOfUnknownObject));
        }
        if !backfill_queue::add(&mut tx, id, priority, None, &referrer, data).await? {
            return Err(InboxError::Dropped(DropReason::HintAlreadyQueued));
        }
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }
}

/// Returns the `Delete` inside an `Undo`.
fn undone_deletion(activity: &Wire) -> Option<Wire> {
    let undone = activity.object.as_activity()?;
    (activity.kind() == "Undo" && undone.kind() == "Delete").then_some(undone)
}

//! `Accept` and `Reject` of a follow that one of our actors asked for, by the followed actor alone.

use crate::{
    federation::verified_activity::handles,
    node::{Context, drop_reason::DropReason, error::InboxError},
    store::{Interaction, InteractionKind, InteractionState, Tx},
};

handles!(
    /// The answer to a request of ours.
    Answer
);

impl Answer {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        Ok(())
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let state = match self.0.activity.kind() {
            "Accept" | "TentativeAccept" => InteractionState::Accepted,
            _ => InteractionState::Rejected,
        };
        let mut tx = self.0.begin(data).await?;
        let asked = match self.asked_by_id(&mut tx, data).await? {
            Some(asked) => Some(asked),
            None => self.asked_by_content(&mut tx, data).await?,
        };
        let Some(asked) = asked else {
            return Err(InboxError::Dropped(DropReason::ResponseToUnknownRequest));
        };
        if asked.actor_id != self.0.actor.row.id {
            return Err(InboxError::Dropped(DropReason::ResponseByWrongActor));
        }
        if !matches!(
            asked.state,
            InteractionState::Sent | InteractionState::Accepted
        ) {
            return Err(InboxError::Dropped(DropReason::ResponseToEndedRequest));
        }
        tx.set_interaction_state(asked.id, state).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn asked_by_id(
        &self,
        tx: &mut Tx,
        data: &Context,
    ) -> Result<Option<Interaction>, InboxError> {
        let id = self.0.activity.object.id();
        let Some(uid) = id.and_then(|id| data.urls().activity_uid(&id)) else {
            return Ok(None);
        };
        let Some(activity) = tx.activity_by_uid(&uid).await? else {
            return Ok(None);
        };
        let asked = tx.interaction_of_activity(activity.id).await?;
        Ok(asked.filter(|asked| asked.kind == InteractionKind::Follow))
    }

    /// For servers that don't keep the id of what they answer.
    async fn asked_by_content(
        &self,
        tx: &mut Tx,
        data: &Context,
    ) -> Result<Option<Interaction>, InboxError> {
        let sender = &self.0.actor.row.uri;
        let Some(inner) = self.0.activity.object.as_activity() else {
            return Ok(None);
        };
        let is_of_sender = inner.object.id().is_some_and(|id| self.0.is_actor(&id));
        if inner.kind() != "Follow" || !is_of_sender {
            return Ok(None);
        }
        for asked in tx.interactions_with(sender).await? {
            let local = data
                .local_actors
                .in_transaction(tx, asked.local_actor_id)
                .await
                .map_err(InboxError::internal)?;
            let is_by_local = inner.actor.as_deref().is_some_and(|actor| {
                data.urls().actor_at(actor).as_ref() == Some(&local.row.username)
            });
            if asked.kind == InteractionKind::Follow && is_by_local {
                return Ok(Some(asked));
            }
        }
        Ok(None)
    }
}

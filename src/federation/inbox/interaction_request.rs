//! `ReplyRequest`, `LikeRequest`, `AnnounceRequest`: the server asks before it shows an interaction (GoToSocial). A
//! reply is processed like its `Create` and answered by the decision about it; likes and boosts are open to everyone.

use crate::{
    federation::{
        comments::{
            create,
            reaction::{self, NewReaction},
        },
        objects::approvals,
        outbox,
        verified_activity::handles,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, target},
    protocol::{Object, same_id},
    store::{ApprovalKind, Comment, CommentState, NewApproval, ReactionKind},
};

handles!(
    /// A request to interact with a local post.
    InteractionRequest
);

/// The error for a request about a missing or non-public object.
const NOTHING: InboxError = InboxError::Dropped(DropReason::RequestForUnknownObject);

impl InteractionRequest {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id()?;
        match self.0.owns_host_of(&self.interaction()?) {
            true => Ok(()),
            false => Err(InboxError::forbidden(
                "the interaction is on another host than its actor",
            )),
        }
    }

    /// The id of the reply, like or boost.
    fn interaction(&self) -> Result<String, InboxError> {
        self.0.instrument_id("the request names no interaction")
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        self.0.room_for_answer(data).await?;
        let done = match self.0.activity.kind() {
            "LikeRequest" => self.react(ApprovalKind::Like, data).await,
            "AnnounceRequest" => self.react(ApprovalKind::Announce, data).await,
            _ => self.reply(data).await,
        };
        data.store.wake();
        done
    }

    async fn react(&self, kind: ApprovalKind, data: &Context) -> Result<(), InboxError> {
        let (id, actor) = (self.interaction()?, self.0.actor.row.id);
        let mut tx = self.0.begin(data).await?;
        let target = target::find(&mut tx, data.urls(), &self.0.object_id()?).await?;
        let target = target.filter(|target| target.is_visible()).ok_or(NOTHING)?;
        let post = approvals::our_post(data, &mut tx, &target).await;
        let post = post.map_err(InboxError::internal)?.ok_or(NOTHING)?;
        if tx
            .approval_of(&id)
            .await?
            .is_some_and(|known| known.actor_id != actor)
        {
            return Err(InboxError::forbidden("the interaction is another actor's"));
        }
        let reaction = match kind {
            ApprovalKind::Announce => ReactionKind::Boost,
            _ => ReactionKind::Like,
        };
        let reaction = NewReaction {
            kind: reaction,
            emoji: "",
            picture: None,
            uri: &id,
        };
        reaction::store(&mut tx, &self.0.actor, &target, reaction, data).await?;
        let approval = tx
            .save_approval(&NewApproval {
                kind,
                local_actor_id: post.local_actor_id,
                actor_id: actor,
                request_uri: Some(self.0.id.as_str()),
                target_uri: &post.id,
                object_uri: &id,
            })
            .await?;
        let answered = outbox::answer_approval(data, &mut tx, &approval, true).await;
        answered.map_err(InboxError::internal)?;
        tx.commit().await?;
        Ok(())
    }

    async fn reply(&self, data: &Context) -> Result<(), InboxError> {
        let id = self.interaction()?;
        let reply = self.object(&id, data).await?;
        let mut conn = data.store.read().await?;
        if conn.was_received(&self.0.receipt).await? {
            return Err(InboxError::Dropped(DropReason::Duplicate));
        }
        let asked = target::find(&mut conn, data.urls(), &self.0.object_id()?).await?;
        let answered = match &reply.in_reply_to {
            Some(parent) => target::find(&mut conn, data.urls(), parent).await?,
            None => None,
        };
        let (Some(asked), Some(answered)) = (asked, answered) else {
            return Err(NOTHING);
        };
        let is_same =
            asked.article.id == answered.article.id && asked.comment_id() == answered.comment_id();
        if !is_same || !asked.is_visible() {
            return Err(NOTHING);
        }
        let known = conn.comment_by_uri(&id).await?;
        drop(conn);
        if let Some(comment) = known {
            return self.answer_known(&asked, &comment, data).await;
        }
        match create::receive_object(reply, &self.0, &self.0.actor, data).await {
            // The article accepts no replies, or none by them.
            Err(InboxError::Dropped(_)) => self.refuse(&asked, &id, data).await,
            other => other,
        }
    }

    /// Returns the reply, embedded or fetched from its host.
    async fn object(&self, id: &str, data: &Context) -> Result<Object, InboxError> {
        let is_own = |object: &Object| {
            let owner = object.attributed_to.as_deref();
            object.id.as_deref().is_some_and(|own| same_id(own, id))
                && owner.is_some_and(|owner| self.0.is_actor(owner))
        };
        if let Some(embedded) = self.0.activity.instrument.as_object().filter(is_own) {
            return Ok(embedded);
        }
        let fetched = create::fetch_object(id, data).await?;
        match is_own(&fetched) {
            true => Ok(fetched),
            false => Err(InboxError::Dropped(DropReason::ReplyRequestForForeignPost)),
        }
    }

    /// The reply arrived before its request: the earlier decision is the answer.
    async fn answer_known(
        &self,
        target: &target::Target,
        comment: &Comment,
        data: &Context,
    ) -> Result<(), InboxError> {
        let actor = self.0.actor.row.id;
        if comment.actor_id != Some(actor) {
            return Err(InboxError::forbidden("the reply is another actor's"));
        }
        let is_approved = match comment.state {
            CommentState::Visible => Some(true),
            CommentState::Held => None,
            _ => Some(false),
        };
        self.answer(target, &comment.uri, is_approved, data).await
    }

    async fn refuse(
        &self,
        target: &target::Target,
        id: &str,
        data: &Context,
    ) -> Result<(), InboxError> {
        self.answer(target, id, Some(false), data).await
    }

    async fn answer(
        &self,
        target: &target::Target,
        id: &str,
        is_approved: Option<bool>,
        data: &Context,
    ) -> Result<(), InboxError> {
        let mut tx = self.0.begin(data).await?;
        let post = approvals::our_post(data, &mut tx, target).await;
        let post = post.map_err(InboxError::internal)?.ok_or(NOTHING)?;
        let (reply, request) = ((id, self.0.actor.row.id), Some(self.0.id.as_str()));
        let approval = approvals::save_reply(&mut tx, &post, reply, request).await;
        let approval = approval.map_err(InboxError::internal)?;
        if let Some(is_approved) = is_approved {
            let answered = outbox::answer_approval(data, &mut tx, &approval, is_approved).await;
            answered.map_err(InboxError::internal)?;
        }
        tx.commit().await?;
        Ok(())
    }
}

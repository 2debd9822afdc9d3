//! `ReplyRequest`, `LikeRequest`, `AnnounceRequest`: a server asks for approval before it shows an interaction
//! (GoToSocial). A reply is processed like its `Create`, and the response follows the decision about the comment. Likes
//! and boosts are open to everyone.

use crate::{
    base::steps,
    federation::{
        comments::{
            reactions::{self, Reaction},
            receive::receive_object,
        },
        objects::approvals,
        outbox,
        remote::fetch_object::fetch_object,
        verified_activity::VerifiedActivity,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, target},
    protocol::{Object, same_id},
    store::{ApprovalKind, Comment, CommentState, NewApproval, ReactionKind},
};

/// The error for a request about a missing or non-public object.
const UNKNOWN_OBJECT: InboxError = InboxError::Dropped(DropReason::RequestForUnknownObject);

/// Returns the id of the reply, like or boost.
fn interaction(activity: &VerifiedActivity) -> Result<String, InboxError> {
    activity.instrument_id("the request names no interaction")
}

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity)?;
    activity.room_for_response(ctx).await?;
    let result = match activity.payload.kind() {
        "LikeRequest" => react(activity, ApprovalKind::Like, ctx).await,
        "AnnounceRequest" => react(activity, ApprovalKind::Announce, ctx).await,
        _ => reply(activity, ctx).await,
    };
    ctx.store.wake();
    result
}

fn check(activity: &VerifiedActivity) -> Result<(), InboxError> {
    activity.object_id()?;
    if activity.owns_host_of(&interaction(activity)?) {
        Ok(())
    } else {
        Err(InboxError::forbidden(
            "the interaction is on another host than its actor",
        ))
    }
}

/// Stores a like or boost and approves it.
async fn react(
    activity: &VerifiedActivity,
    kind: ApprovalKind,
    ctx: &Context,
) -> Result<(), InboxError> {
    let (id, actor) = (interaction(activity)?, activity.actor.row.id);
    let mut tx = activity.begin(ctx).await?;
    let target = target::find(&mut tx, ctx.urls(), &activity.object_id()?).await?;
    let target = target
        .filter(|target| target.is_visible())
        .ok_or(UNKNOWN_OBJECT)?;
    let post = approvals::local_post(ctx, &mut tx, &target).await;
    let post = post.map_err(InboxError::internal)?.ok_or(UNKNOWN_OBJECT)?;
    if tx
        .approval_of(&id)
        .await?
        .is_some_and(|known| known.actor_id != actor)
    {
        return Err(InboxError::forbidden("the interaction is another actor's"));
    }
    let reaction = Reaction {
        actor: &activity.actor,
        target: &target,
        kind: match kind {
            ApprovalKind::Announce => ReactionKind::Boost,
            _ => ReactionKind::Like,
        },
        emoji: String::new(),
        picture: None,
        uri: &id,
    };
    reactions::store(&mut tx, reaction, ctx).await?;
    let approval = tx
        .save_approval(&NewApproval {
            kind,
            local_actor_id: post.local_actor_id,
            actor_id: actor,
            request_uri: Some(activity.id.as_str()),
            target_uri: &post.id,
            object_uri: &id,
        })
        .await?;
    let response = outbox::respond_to_request(ctx, &mut tx, &approval, true).await;
    response.map_err(InboxError::internal)?;
    steps::note("effect", || "the request would be answered".into());
    tx.commit().await?;
    Ok(())
}

/// Receives a reply and responds by the decision about it.
async fn reply(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let id = interaction(activity)?;
    let reply = object(activity, &id, ctx).await?;
    let mut conn = ctx.store.read().await?;
    if conn.was_received(&activity.receipt).await? {
        return Err(InboxError::Dropped(DropReason::Duplicate));
    }
    let requested = target::find(&mut conn, ctx.urls(), &activity.object_id()?).await?;
    let parent = match &reply.in_reply_to {
        Some(parent) => target::find(&mut conn, ctx.urls(), parent).await?,
        None => None,
    };
    let (Some(requested), Some(parent)) = (requested, parent) else {
        return Err(UNKNOWN_OBJECT);
    };
    let is_same =
        requested.article.id == parent.article.id && requested.comment_id() == parent.comment_id();
    if !is_same || !requested.is_visible() {
        return Err(UNKNOWN_OBJECT);
    }
    let stored = conn.comment_by_uri(&id).await?;
    drop(conn);
    if let Some(comment) = stored {
        return respond_to_stored(activity, &requested, &comment, ctx).await;
    }
    match receive_object(reply, activity, &activity.actor, ctx).await {
        // The article accepts no replies, or none by this author.
        Err(InboxError::Dropped(_)) => refuse(activity, &requested, &id, ctx).await,
        other => other,
    }
}

/// Returns the reply, embedded or fetched from its host.
async fn object(
    activity: &VerifiedActivity,
    id: &str,
    ctx: &Context,
) -> Result<Object, InboxError> {
    let is_own = |object: &Object| {
        let owner = object.attributed_to.as_deref();
        object.id.as_deref().is_some_and(|own| same_id(own, id))
            && owner.is_some_and(|owner| activity.is_actor(owner))
    };
    if let Some(embedded) = activity.payload.instrument.as_object().filter(is_own) {
        return Ok(embedded);
    }
    let fetched = fetch_object(id, ctx).await?;
    if is_own(&fetched) {
        Ok(fetched)
    } else {
        Err(InboxError::Dropped(DropReason::ReplyRequestForForeignPost))
    }
}

/// Responds to the request for a reply that arrived before it, by the decision about the stored comment.
async fn respond_to_stored(
    activity: &VerifiedActivity,
    target: &target::Target,
    comment: &Comment,
    ctx: &Context,
) -> Result<(), InboxError> {
    let actor = activity.actor.row.id;
    if comment.actor_id != Some(actor) {
        return Err(InboxError::forbidden("the reply is another actor's"));
    }
    let is_approved = match comment.state {
        CommentState::Visible => Some(true),
        CommentState::Held => None,
        _ => Some(false),
    };
    respond(activity, target, &comment.uri, is_approved, ctx).await
}

async fn refuse(
    activity: &VerifiedActivity,
    target: &target::Target,
    id: &str,
    ctx: &Context,
) -> Result<(), InboxError> {
    respond(activity, target, id, Some(false), ctx).await
}

/// Stores the approval. Sends a response, unless the decision is pending.
async fn respond(
    activity: &VerifiedActivity,
    target: &target::Target,
    id: &str,
    is_approved: Option<bool>,
    ctx: &Context,
) -> Result<(), InboxError> {
    let mut tx = activity.begin(ctx).await?;
    let post = approvals::local_post(ctx, &mut tx, target).await;
    let post = post.map_err(InboxError::internal)?.ok_or(UNKNOWN_OBJECT)?;
    let (reply, request) = ((id, activity.actor.row.id), Some(activity.id.as_str()));
    let approval = approvals::store_reply(&mut tx, &post, reply, request).await;
    let approval = approval.map_err(InboxError::internal)?;
    if let Some(is_approved) = is_approved {
        let response = outbox::respond_to_request(ctx, &mut tx, &approval, is_approved).await;
        response.map_err(InboxError::internal)?;
    }
    steps::note("effect", || "the request would be answered".into());
    tx.commit().await?;
    Ok(())
}

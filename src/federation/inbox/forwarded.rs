//! Forwarded activities: another server than their actor's delivers them (ActivityPub 7.1.2, inbox forwarding).
//!
//! Nothing is trusted on that server's word. An activity with a valid proof is received as its actor's. Any other one is
//! a hint to fetch the object from its id.

use super::{activities::dispatch, proof, record_drop, sender::refuse_blocked, verify};
use crate::{
    base::steps,
    crypto::signatures::Unverified,
    federation::{
        remote::backfill_queue::{self, Referrer},
        verified_activity::VerifiedActivity,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        target,
        urls::{same_origin, same_origin_text},
    },
    protocol::{Activity, canonical_id},
    store::LookupPriority,
};
use url::Url;

/// Returns the address of the key's document if this may be a forwarded activity: a public `Create`, `Update` or
/// `Delete` of something on its actor's own host, signed with a key of another host.
pub(super) fn forwarder(
    activity: &Activity,
    actor: &Url,
    unverified: &Unverified,
    ctx: &Context,
) -> Option<Url> {
    let key = verify::key_document(unverified).ok()?;
    let object = activity.object.id()?;
    let is_forwarded = matches!(activity.kind(), "Create" | "Update" | "Delete")
        && activity.is_public()
        && same_origin_text(&object, actor.as_str())
        && !same_origin(&key, actor)
        && !ctx.urls().is_ours(key.as_str())
        && !ctx.urls().is_ours(actor.as_str());
    is_forwarded.then_some(key)
}

/// Receives an activity that the owner of a key on another host delivered.
///
/// # Errors
/// [`InboxError::Forbidden`] if the activity is not about a conversation here, as for any activity that another actor
/// signed; the other errors of [`super::receive`].
pub(super) async fn receive(
    activity: Activity,
    id: Url,
    actor: Url,
    key: &Url,
    unverified: &Unverified,
    ctx: &Context,
) -> Result<(), InboxError> {
    for url in [&actor, key] {
        refuse_blocked(url.as_str(), url, ctx).await?;
    }
    if !concerns_us(&activity, ctx).await? {
        return Err(InboxError::forbidden(
            "the signer is not the activity's actor",
        ));
    }
    let signer = verify::verify(unverified, key, ctx).await?.owner.clone();
    refuse_blocked(&signer.row.uri, key, ctx).await?;
    let outcome = match proven_actor(&activity, &actor, ctx).await? {
        Some(author) => {
            let received = VerifiedActivity {
                receipt: canonical_id(id.as_str()).into_owned(),
                sender_host: signer.row.host.clone(),
                forwardable: None,
                id,
                actor_url: actor,
                payload: activity,
                actor: author,
            };
            dispatch(received, ctx).await
        }
        None => queue_fetch(&activity, &signer, ctx).await,
    };
    if let Err(InboxError::Dropped(reason)) = &outcome {
        record_drop(*reason, &signer, ctx).await?;
    }
    outcome
}

/// Returns whether an activity is about a known comment or other post, or is a reply to something here.
async fn concerns_us(activity: &Activity, ctx: &Context) -> Result<bool, InboxError> {
    let object = activity.object.id().unwrap_or_default();
    let parent = match activity.kind() {
        "Delete" => None,
        _ => activity
            .object
            .as_object()
            .and_then(|object| object.in_reply_to),
    };
    let mut conn = ctx.store.read().await?;
    if conn.comment_by_uri(&object).await?.is_some() {
        return Ok(true);
    }
    if activity.kind() == "Delete" {
        return Ok(conn.author_of_public_post(&object).await?.is_some());
    }
    match parent {
        Some(parent) => Ok(target::find(&mut conn, ctx.urls(), &parent)
            .await?
            .is_some()),
        None => Ok(false),
    }
}

/// Returns the actor if the activity's proof is valid. An `Update` must have a date too: otherwise its forwarder could
/// bring back an older text.
async fn proven_actor(
    activity: &Activity,
    actor: &Url,
    ctx: &Context,
) -> Result<Option<RemoteActor>, InboxError> {
    let is_dated = || {
        let object = activity.object.as_object();
        object.is_some_and(|object| object.updated.is_some())
    };
    if activity.kind() == "Update" && !is_dated() {
        Ok(None)
    } else {
        proof::author_of(activity, actor, ctx).await
    }
}

/// Queues a fetch of the object. No receipt is stored, since the activity itself may still arrive.
async fn queue_fetch(
    activity: &Activity,
    signer: &RemoteActor,
    ctx: &Context,
) -> Result<(), InboxError> {
    let object = activity.object.id().unwrap_or_default();
    steps::note("effect", || {
        "the object would be fetched later from its own server".into()
    });
    let referrer = Referrer::of_actor(signer, ctx).await?;
    // Nothing proves the activity's id. Under it alone, the fetch would spend the budget of the real activity.
    let root = format!(
        "{}#{}",
        signer.row.uri,
        activity.id.as_deref().unwrap_or_default()
    );
    let mut tx = ctx.store.begin().await?;
    if activity.kind() == "Create" && tx.comment_by_uri(&object).await?.is_some() {
        return Err(InboxError::Dropped(DropReason::CommentAlreadyStored));
    }
    let priority = match tx.comment_by_uri(&object).await? {
        Some(_) => LookupPriority::Here,
        None => LookupPriority::Named,
    };
    backfill_queue::add(&mut tx, &object, priority, Some(&root), &referrer, ctx).await?;
    tx.revive_host(&signer.row.host).await?;
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

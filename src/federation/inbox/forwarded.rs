//! Activities that another server than their actor's delivers (ActivityPub 7.1.2, inbox forwarding).
//!
//! Such a server is believed in nothing. What the activity's own proof shows is received as its actor's; anything
//! else is a hint, and the object is fetched from its id.

use super::{dispatch, drop_verified, proof, verify};
use crate::{
    crypto::signatures::Unverified,
    federation::{
        remote::backfill_queue::{self, Referrer},
        verified_activity::Received,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        target,
        urls::{host_of, same_origin, same_origin_text},
    },
    protocol::{Activity, canonical_id},
    store::LookupPriority,
};
use url::Url;

/// The key's document, if this may be an activity that another server passes on: a public `Create`, `Update` or
/// `Delete` of something on its actor's own host, signed with a key of another.
pub fn forwarder(
    activity: &Activity,
    actor: &Url,
    unverified: &Unverified,
    data: &Context,
) -> Option<Url> {
    let mut key = Url::parse(unverified.key_id()).ok()?;
    key.set_fragment(None);
    let object = activity.object.id()?;
    let fits = matches!(activity.kind(), "Create" | "Update" | "Delete")
        && activity.is_public()
        && same_origin_text(&object, actor.as_str())
        && !same_origin(&key, actor)
        && !data.urls().is_ours(key.as_str())
        && !data.urls().is_ours(actor.as_str());
    fits.then_some(key)
}

/// Receives an activity that the owner of a key on another host delivered.
///
/// # Errors
/// An [`InboxError`]; 403 for what is not about a conversation here, as for any other's activity.
pub async fn receive(
    activity: Activity,
    id: Url,
    actor: Url,
    key: &Url,
    unverified: &Unverified,
    data: &Context,
) -> Result<(), InboxError> {
    for url in [&actor, key] {
        refuse_blocked(url.as_str(), url, data).await?;
    }
    if !concerns_us(&activity, data).await? {
        return Err(InboxError::forbidden(
            "the signer is not the activity's actor",
        ));
    }
    let signer = verify(unverified, key, data).await?.owner.clone();
    refuse_blocked(&signer.row.uri, key, data).await?;
    let outcome = match believed(&activity, &actor, data).await? {
        Some(author) => {
            let received = Received {
                receipt: canonical_id(id.as_str()).into_owned(),
                sender_host: signer.row.host.clone(),
                passable: None,
                id,
                actor_url: actor,
                activity,
                actor: author,
            };
            dispatch(received, data).await
        }
        None => take_hint(&activity, &signer, data).await,
    };
    if let Err(InboxError::Dropped(reason)) = &outcome {
        drop_verified(*reason, &signer, data).await?;
    }
    outcome
}

/// Refuses an activity whose sender or claimed actor is blocked.
pub(super) async fn refuse_blocked(uri: &str, url: &Url, data: &Context) -> Result<(), InboxError> {
    let host = host_of(url).unwrap_or_default();
    let mut conn = data.store.read().await?;
    match data.is_blocked(&mut conn, uri, &host).await? {
        true => Err(InboxError::forbidden("this sender is blocked")),
        false => Ok(()),
    }
}

/// Returns whether it is about a known comment or other post, or is a reply to something here.
async fn concerns_us(activity: &Activity, data: &Context) -> Result<bool, InboxError> {
    let object = activity.object.id().unwrap_or_default();
    let parent = match activity.kind() {
        "Delete" => None,
        _ => activity
            .object
            .as_object()
            .and_then(|object| object.in_reply_to),
    };
    let mut conn = data.store.read().await?;
    if conn.comment_by_uri(&object).await?.is_some() {
        return Ok(true);
    }
    if activity.kind() == "Delete" {
        return Ok(conn.author_of_public_post(&object).await?.is_some());
    }
    match parent {
        Some(parent) => Ok(target::find(&mut conn, data.urls(), &parent)
            .await?
            .is_some()),
        None => Ok(false),
    }
}

/// The actor, if the activity proves itself. An `Update` must say when it was made: who passes it on could bring
/// back an older text.
async fn believed(
    activity: &Activity,
    actor: &Url,
    data: &Context,
) -> Result<Option<RemoteActor>, InboxError> {
    let is_dated = || {
        let object = activity.object.as_object();
        object.is_some_and(|object| object.updated.is_some())
    };
    match activity.kind() == "Update" && !is_dated() {
        true => Ok(None),
        false => proof::author_of(activity, actor, data).await,
    }
}

/// Notes that the object is to be fetched. No receipt is kept: the activity itself may still come.
async fn take_hint(
    activity: &Activity,
    signer: &RemoteActor,
    data: &Context,
) -> Result<(), InboxError> {
    let object = activity.object.id().unwrap_or_default();
    let referrer = Referrer::of_actor(signer, data).await?;
    // Nothing proves the activity's id, so that it must not spend what the real one may cause.
    let root = format!(
        "{}#{}",
        signer.row.uri,
        activity.id.as_deref().unwrap_or_default()
    );
    let mut tx = data.store.begin().await?;
    if activity.kind() == "Create" && tx.comment_by_uri(&object).await?.is_some() {
        return Err(InboxError::Dropped(DropReason::CommentAlreadyStored));
    }
    let priority = match tx.comment_by_uri(&object).await? {
        Some(_) => LookupPriority::Here,
        None => LookupPriority::Named,
    };
    backfill_queue::add(&mut tx, &object, priority, Some(&root), &referrer, data).await?;
    tx.revive_host(&signer.row.host).await?;
    tx.commit().await?;
    data.store.wake();
    Ok(())
}

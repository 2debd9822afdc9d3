//! The inbox: verifies a request, and carries out the activity in it. `activities/` has one file per activity type. A
//! response of 2xx means that the changes are committed.

mod activities;
mod activity_id;
pub mod authorized_fetch;
pub(crate) mod explain;
mod forwarded;
mod ingest;
pub mod object_fetches;
mod proof;
mod returned;
pub(crate) mod self_test;
mod sender;
mod verify;

use crate::{
    base::{heap::on_heap, steps},
    crypto::signatures::{RequestParts, SignatureError},
    federation::{
        comments::forward::forwardable,
        followers_sync,
        remote::{
            fetch_error::shown,
            requests::{self, Cause},
        },
        verified_activity::VerifiedActivity,
    },
    node::{
        Context, Node,
        caches::{key_cache::OwnedKey, strangers::document_of},
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
    },
    protocol::{self, Activity, same_id},
    store::StoreError,
};
use activity_id::{activity_id, receipt_of};
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
pub use ingest::Ingest;
use ingest::SenderCheck;
use url::Url;

/// A summary of a request, for the log.
#[derive(Debug, Default)]
pub struct Summary {
    pub kind: String,
    pub id: String,
    pub actor: String,
    /// The id of its object; of an `Undo` of an embedded activity, that activity's object.
    pub object: String,
    /// The type of the activity that an `Undo` embeds.
    pub undone: Option<String>,
}

impl Summary {
    fn describe_object(&mut self, activity: &Activity) {
        self.object = shown(&activity.object.id().unwrap_or_default());
        let inner = &activity.raw["object"];
        if activity.kind() != "Undo" || !inner.is_object() {
            return;
        }
        let id_of = |value: &serde_json::Value| {
            let text = value.as_str().or_else(|| value.get("id")?.as_str());
            text.map(shown)
        };
        self.undone = inner["type"].as_str().map(shown);
        if let Some(object) = id_of(&inner["object"]) {
            self.object = object;
        }
    }
}

/// Receives one POST to a local inbox.
///
/// `summary` is filled as far as the request could be read, also when it fails.
///
/// # Errors
/// An [`InboxError`], which determines the response's status.
pub async fn receive(
    request: &RequestParts<'_>,
    ingest: &Ingest,
    ctx: &Context,
    summary: &mut Summary,
) -> Result<(), InboxError> {
    // These futures are large. On the heap, they are not moved over the stack at each level of their callers.
    let receiving = Box::pin(receive_activity(request, ingest, ctx, summary));
    Cause::of_activity().scope(receiving).await
}

/// Checks the headers of a request before its body is read: everything about the signature that needs neither the body
/// nor a key.
///
/// # Errors
/// The error that [`receive`] would return.
pub fn check_head(request: &RequestParts<'_>, node: &Node) -> Result<(), InboxError> {
    match verify::parse_signature(request, node) {
        Ok(_) | Err(SignatureError::Digest(_)) => Ok(()),
        Err(error) => Err(verify::signature_error(error)),
    }
}

/// Checks the headers that describe the body.
///
/// # Errors
/// [`InboxError::Unread`] if the body is encoded, or is no activity by its type.
pub fn check_content(headers: &HeaderMap) -> Result<(), InboxError> {
    let refuse = |reason: &str| Err(InboxError::Unread(415, reason.to_owned()));
    if headers.contains_key(CONTENT_ENCODING) {
        return refuse("an encoded body is not accepted");
    }
    if headers.get(CONTENT_TYPE).is_some_and(is_activity) {
        Ok(())
    } else {
        refuse("the content type is not application/activity+json")
    }
}

fn is_activity(content_type: &HeaderValue) -> bool {
    let name = std::str::from_utf8(content_type.as_bytes())
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    matches!(
        name.trim().to_ascii_lowercase().as_str(),
        "application/activity+json" | "application/ld+json" | "application/json"
    )
}

async fn receive_activity(
    request: &RequestParts<'_>,
    ingest: &Ingest,
    ctx: &Context,
    summary: &mut Summary,
) -> Result<(), InboxError> {
    let unverified = verify::check_signature_form(request, ctx)?;
    let activity = read_activity(request.body)?;
    // An activity without an actor is its signer's, whom the key identifies.
    let is_unattributed = activity.actor.is_none() && activity.is_unattributed();
    let actor_uri = if is_unattributed {
        document_of(unverified.key_id()).to_owned()
    } else {
        activity.actor.clone().unwrap_or_default()
    };
    summary.kind = shown(activity.kind());
    summary.actor = shown(&actor_uri);
    summary.describe_object(&activity);
    steps::note("activity", || {
        format!("{} by {}", shown(activity.kind()), shown(&actor_uri))
    });
    let actor_url = parse_actor(&actor_uri)?;
    let id = activity_id(&activity, &actor_url, request.body, ctx)?;
    summary.id = shown(id.as_str());
    steps::note("id", || {
        format!("{} is on its actor's server", shown(id.as_str()))
    });
    requests::identify(&id, &actor_url);
    if returned::is_returned(&id, &actor_url, ctx.urls()) {
        return returned::receive(&unverified, ctx).await;
    }
    if let Some(key) = forwarded::forwarder(&activity, &actor_url, &unverified, ctx) {
        steps::note("forwarded", || {
            "another server than its actor's delivered it, so nothing in it is believed without a proof".into()
        });
        return forwarded::receive(activity, id, actor_url, &key, &unverified, ctx).await;
    }
    sender::check_origin(&actor_url, &unverified, ctx)?;
    let mut remembered = None;
    if ingest::takes(activity.kind()) {
        remembered = verify::verify_from_memory(&unverified, ctx).await;
    }
    let mut sender_check = SenderCheck::Open;
    if remembered.is_none() {
        sender::refuse_blocked(actor_url.as_str(), &actor_url, ctx).await?;
        steps::note("sender", || "is not blocked".into());
        sender_check = SenderCheck::Passed;
    }
    let key_id = unverified.key_id();
    if sender::is_deletion_of_unknown_actor(&activity, &actor_uri, key_id, ctx).await? {
        return Err(InboxError::Dropped(DropReason::DeleteOfUnknownActor));
    }
    let owned = match remembered {
        Some(owned) => owned,
        None => verify::verify(&unverified, &actor_url, ctx).await?,
    };
    check_signer(&owned, &actor_uri, is_unattributed, ctx).await?;
    let is_proven = proof::check(&activity, &owned.owner, ctx).await?;
    if is_proven {
        steps::note("proof", || "its integrity proof is valid (FEP-8b32)".into());
    }
    if owned.owner.stranger().is_none() {
        sender::refresh_if_old(&owned.owner, ctx);
    }
    followers_sync::compare_digest(request.headers, &owned.owner, ctx);
    let mut received = VerifiedActivity {
        receipt: receipt_of(&activity, &id, &unverified),
        sender_host: owned.owner.row.host.clone(),
        forwardable: forwardable(&activity, request.body, is_proven, ctx),
        id,
        actor_url,
        payload: activity,
        actor: owned.owner.clone(),
    };
    if is_unattributed {
        attribute(&mut received)?;
        summary.actor = shown(&received.actor.row.uri);
    }
    let outcome = on_heap(|| ingest.carry_out(received, sender_check, ctx)).await;
    match &outcome {
        Err(InboxError::Dropped(reason)) => record_drop(*reason, &owned.owner, ctx).await?,
        // Another process removed the sender, who is only in the cache: the next attempt fetches them.
        Err(InboxError::Store(StoreError::Missing(_))) => {
            ctx.key_cache.forget(key_id).await;
            ctx.strangers.forget(&owned.owner.row.uri);
        }
        _ => {}
    }
    outcome
}

fn read_activity(body: &[u8]) -> Result<Activity, InboxError> {
    let value =
        protocol::parse_json(body).map_err(|error| InboxError::Malformed(error.to_string()))?;
    protocol::check_json_ld(&value).map_err(|error| InboxError::Malformed(error.to_string()))?;
    let mut activity = Activity::read(value)
        .ok_or_else(|| InboxError::malformed("the body is not an activity"))?;
    if activity.actor.is_none() && activities::is_bare_object(&activity) {
        activity.actor = activities::author_of_bare_object(&activity);
    }
    match activity.kind() {
        "" => Err(InboxError::malformed("the activity has no type")),
        _ => Ok(activity),
    }
}

fn parse_actor(uri: &str) -> Result<Url, InboxError> {
    Url::parse(uri).map_err(|_| InboxError::malformed("the activity's actor is not a URL"))
}

/// Checks that an activity's actor signed the request. Anybody may sign an activity without an actor.
async fn check_signer(
    owned: &OwnedKey,
    actor_uri: &str,
    is_unattributed: bool,
    ctx: &Context,
) -> Result<(), InboxError> {
    let signer = &owned.owner.row.uri;
    if !same_id(signer, actor_uri) && !is_unattributed {
        return Err(InboxError::forbidden(
            "the signer is not the activity's actor",
        ));
    }
    if signer != actor_uri {
        // The key's own document is no actor: a block names its owner.
        sender::refuse_blocked(signer, &parse_actor(actor_uri)?, ctx).await?;
    }
    Ok(())
}

/// Attributes an activity without an actor to its signer. It is not forwarded, since its receivers would not know who
/// signed it.
fn attribute(received: &mut VerifiedActivity) -> Result<(), InboxError> {
    let signer = &received.actor.row.uri;
    received.actor_url = parse_actor(signer)?;
    received.payload.attribute_to(signer);
    received.forwardable = None;
    Ok(())
}

/// Counts a dropped activity, and records that its sender's server is alive.
async fn record_drop(
    reason: DropReason,
    sender: &RemoteActor,
    ctx: &Context,
) -> Result<(), InboxError> {
    let mut tx = ctx.store.begin().await?;
    tx.revive_host(&sender.row.host).await?;
    tx.count_dropped(reason.code()).await?;
    tx.commit().await?;
    Ok(())
}

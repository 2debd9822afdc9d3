//! The inbox: from a POST to what it changes. One file per activity type says what that type must
//! prove and what it does, in one transaction; an answer of 2xx means that this is committed.

pub mod accept;
pub mod announce;
pub mod authorized_fetch;
pub mod block;
pub mod delete;
pub mod feature;
pub mod flag;
pub mod follow;
pub mod forwarded;
pub mod interaction_request;
pub mod like;
pub mod moved;
pub mod proof;
pub mod returned;
pub mod undo;
pub mod update;

use super::{
    followers_sync,
    remote::{
        actors, fetch_permits,
        requests::{self, Cause},
    },
};
use crate::{
    crypto::signatures::{
        self, BodyDigest, Expectation, RequestParts, Scheme, SignatureError, Unverified,
    },
    federation::{
        remote::{keys, strangers},
        verified_activity::Received,
    },
    node::{
        Context, Node,
        caches::{key_cache::OwnedKey, strangers::document_of},
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        urls::{host_of, same_origin},
    },
    protocol::{self, canonical_id, same_id},
    store::{self, StoreError},
};
use activitypub_federation::traits::Activity;
use chrono::Utc;
use std::sync::Arc;
use url::Url;

/// What an accepted request was, for the log.
#[derive(Debug, Default)]
pub struct Summary {
    pub kind: String,
    pub id: String,
    pub actor: String,
}

/// Receives one POST to an inbox of ours.
///
/// `summary` is filled as far as the request could be read, also when it fails.
///
/// # Errors
/// An [`InboxError`], which knows the status of the answer.
pub async fn receive(
    request: &RequestParts<'_>,
    data: &Context,
    summary: &mut Summary,
) -> Result<(), InboxError> {
    // These futures are large: on the heap, each level of their callers does not move them over its stack.
    let receiving = Box::pin(receive_activity(request, data, summary));
    Cause::of_activity().scope(receiving).await
}

async fn receive_activity(
    request: &RequestParts<'_>,
    data: &Context,
    summary: &mut Summary,
) -> Result<(), InboxError> {
    let unverified = check_signature_form(request, data)?;
    let mut activity = read_activity(request.body)?;
    // An activity without an actor belongs to its signer, whom the key identifies.
    let is_unattributed = activity.actor.is_none() && activity.is_unattributed();
    let actor_uri = match is_unattributed {
        true => document_of(unverified.key_id()).to_owned(),
        false => activity.actor.clone().unwrap_or_default(),
    };
    summary.kind = crate::federation::remote::fetch_error::shown(activity.kind());
    summary.actor = crate::federation::remote::fetch_error::shown(&actor_uri);
    let actor_url = Url::parse(&actor_uri)
        .map_err(|_| InboxError::malformed("the activity's actor is not a URL"))?;
    let id = activity_id(&activity, &actor_url, request.body, data)?;
    summary.id = crate::federation::remote::fetch_error::shown(id.as_str());
    requests::identify(&id, &actor_url);
    if returned::is_returned(&id, &actor_url, data.urls()) {
        return returned::receive(&unverified, data).await;
    }
    if let Some(key) = forwarded::forwarder(&activity, &actor_url, &unverified, data) {
        return forwarded::receive(activity, id, actor_url, &key, &unverified, data).await;
    }
    check_sender(&actor_url, &unverified, data).await?;
    if is_farewell_of_stranger(&activity, &actor_uri, unverified.key_id(), data).await? {
        return Err(InboxError::Dropped(DropReason::DeleteOfUnknownActor));
    }
    let owned = verify(&unverified, &actor_url, data).await?;
    if !same_id(&owned.owner.row.uri, &actor_uri) && !is_unattributed {
        return Err(InboxError::forbidden(
            "the signer is not the activity's actor",
        ));
    }
    if owned.owner.row.uri != actor_uri {
        // The key's own document is no actor: a block names its owner.
        forwarded::refuse_blocked(&owned.owner.row.uri, &actor_url, data).await?;
    }
    let is_proven = proof::check(&activity, &owned.owner, data).await?;
    if owned.owner.stranger().is_none() {
        refresh_if_old(&owned.owner, data);
    }
    followers_sync::compare(request.headers, &owned.owner, data);
    let mut passable =
        crate::federation::comments::forward::passable(&activity, request.body, is_proven, data);
    let mut actor_url = actor_url;
    if is_unattributed {
        // Receivers would not know who signed it.
        passable = None;
        activity.attribute_to(&owned.owner.row.uri);
        actor_url = Url::parse(&owned.owner.row.uri)
            .map_err(|_| InboxError::malformed("the activity's actor is not a URL"))?;
        summary.actor = crate::federation::remote::fetch_error::shown(&owned.owner.row.uri);
    }
    let received = Received {
        receipt: receipt_of(&activity, &id, &unverified),
        sender_host: owned.owner.row.host.clone(),
        passable,
        id,
        actor_url,
        activity,
        actor: owned.owner.clone(),
    };
    let outcome = dispatch(received, data).await;
    match &outcome {
        Err(InboxError::Dropped(reason)) => drop_verified(*reason, &owned.owner, data).await?,
        // Another process removed the sender, who is in our memory alone: the next try fetches them.
        Err(InboxError::Store(StoreError::Missing(_))) => {
            data.key_cache.forget(unverified.key_id()).await;
            data.strangers.forget(&owned.owner.row.uri);
        }
        _ => {}
    }
    outcome
}

/// Checks the headers of a request whose body is still to be read: all of the signature that needs neither the body
/// nor a key.
///
/// # Errors
/// As [`receive`] would answer.
pub fn check_head(request: &RequestParts<'_>, node: &Node) -> Result<(), InboxError> {
    match parse_signature(request, node) {
        Ok(_) | Err(SignatureError::Digest(_)) => Ok(()),
        Err(error) => Err(signature_error(error)),
    }
}

/// The signature, once everything about it that needs no key was checked.
pub(super) fn check_signature_form(
    request: &RequestParts<'_>,
    data: &Context,
) -> Result<Unverified, InboxError> {
    parse_signature(request, data).map_err(signature_error)
}

fn parse_signature(request: &RequestParts<'_>, data: &Node) -> Result<Unverified, SignatureError> {
    let scheme = match data.config.public_url.scheme() {
        "http" => Scheme::Http,
        _ => Scheme::Https,
    };
    let expectation = Expectation {
        hosts: &[data.config.authority()],
        scheme,
        now: Utc::now(),
    };
    signatures::parse(request, &expectation)
}

fn signature_error(error: SignatureError) -> InboxError {
    match error.status() {
        400 => InboxError::Malformed(error.to_string()),
        _ => InboxError::Unverified(error.to_string()),
    }
}

fn read_activity(body: &[u8]) -> Result<protocol::Activity, InboxError> {
    let value =
        protocol::parse_json(body).map_err(|error| InboxError::Malformed(error.to_string()))?;
    protocol::check_json_ld(&value).map_err(|error| InboxError::Malformed(error.to_string()))?;
    let mut activity = protocol::Activity::read(value)
        .ok_or_else(|| InboxError::malformed("the body is not an activity"))?;
    if activity.actor.is_none() && crate::federation::comments::create::is_bare_object(&activity) {
        activity.actor = crate::federation::comments::create::author_of_bare(&activity);
    }
    match activity.kind() {
        "" => Err(InboxError::malformed("the activity has no type")),
        _ => Ok(activity),
    }
}

/// The activity's id, on its actor's host; some servers send an `Undo` without one, which gets one of its content.
fn activity_id(
    activity: &protocol::Activity,
    actor: &Url,
    body: &[u8],
    data: &Context,
) -> Result<Url, InboxError> {
    let Some(id) = &activity.id else {
        if activity.raw.get("id").is_some_and(|id| !id.is_null()) {
            return Err(InboxError::malformed("the activity's id is not a URL"));
        }
        let mut made = actor.clone();
        made.set_fragment(Some(&BodyDigest::of(body).digest_value()));
        return Ok(made);
    };
    let id = Url::parse(id).map_err(|_| InboxError::malformed("the activity's id is not a URL"))?;
    let is_theirs = same_origin(&id, actor) || is_unnamed_unfollow(activity, &id, data);
    match is_theirs && id.as_str().len() <= signatures::MAX_KEY_ID {
        true => Ok(id),
        false => Err(InboxError::forbidden(
            "the activity's id is on another host than its actor",
        )),
    }
}

/// Returns whether this is snac's `Undo` of a follow that was never answered: it names the followed actor, under an
/// id derived from that actor's.
fn is_unnamed_unfollow(activity: &protocol::Activity, id: &Url, data: &Context) -> bool {
    let undone = activity.object.id();
    activity.kind() == "Undo"
        && data.urls().is_ours(id.as_str())
        && undone.is_some_and(|undone| data.urls().actor_at(&undone).is_some())
}

/// What tells a repeat: the activity's id. Some servers (PeerTube, Pixelfed, WordPress) make the ids of a
/// follow and of its end of the two actors, so that each comes again under the same one after a change of
/// mind; of these a repeat is the same request, known by its signature, however the header around it is written.
fn receipt_of(activity: &protocol::Activity, id: &Url, unverified: &Unverified) -> String {
    match activity.kind() {
        "Follow" | "Undo" => {
            let digest = BodyDigest::of(unverified.signature()).digest_value();
            format!("{} {digest}", canonical_id(id.as_str()))
        }
        _ => canonical_id(id.as_str()).into_owned(),
    }
}

/// What can be said of the sender before anything is fetched.
async fn check_sender(
    actor: &Url,
    unverified: &Unverified,
    data: &Context,
) -> Result<(), InboxError> {
    let key = Url::parse(unverified.key_id())
        .map_err(|_| InboxError::malformed("the keyId is not a URL"))?;
    if data.urls().is_ours(actor.as_str()) {
        return Err(InboxError::forbidden(
            "an actor of this node acts by itself alone",
        ));
    }
    if !same_origin(&key, actor) {
        return Err(InboxError::forbidden(
            "the key is on another host than the activity's actor",
        ));
    }
    let host = host_of(actor).unwrap_or_default();
    let mut conn = data.store.read().await?;
    if data.is_blocked(&mut conn, actor.as_str(), &host).await? {
        return Err(InboxError::forbidden("this sender is blocked"));
    }
    Ok(())
}

/// A server that deletes an account says so to everyone, when the key can't be fetched any more.
async fn is_farewell_of_stranger(
    activity: &protocol::Activity,
    actor_uri: &str,
    key_id: &str,
    data: &Context,
) -> Result<bool, InboxError> {
    let object = activity.object.id();
    let is_farewell =
        activity.kind() == "Delete" && object.is_some_and(|id| same_id(&id, actor_uri));
    if !is_farewell {
        return Ok(false);
    }
    let stored = keys::stored(key_id, data).await?;
    Ok(stored.is_none_or(|stored| stored.owner.stranger().is_some()))
}

/// Verifies with the key that we have, else with a fetched one. A signature that does not fit a known actor has the
/// actor fetched anew, once in five minutes for each network that such signatures come from. `actor` is who is said to
/// have signed, or else the key's own document.
pub(super) async fn verify(
    unverified: &Unverified,
    actor: &Url,
    data: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let key_id = unverified.key_id();
    if !unverified.is_plausible() {
        return Err(InboxError::unverified("the signature fits no key"));
    }
    let (mut misfit, mut owner) = (None, None);
    if let Some(remembered) = keys::stored(key_id, data).await? {
        if unverified.verify(&remembered.key).is_ok() {
            return Ok(remembered);
        }
        // What is stored may be newer than what is remembered.
        data.key_cache.forget(key_id).await;
    } else {
        owner = known_actor(&[document_of(key_id), actor.as_str()], data).await?;
        if owner.is_none() {
            return verify_unknown(unverified, data).await;
        }
    }
    // It may also have been fetched in between, for another activity.
    if let Some(stored) = keys::stored(key_id, data).await? {
        match unverified.verify(&stored.key) {
            Ok(_) => return Ok(stored),
            Err(error) => (misfit, owner) = (Some(error), Some(stored.owner.row.uri.clone())),
        }
    }
    match owner {
        Some(owner) => verify_anew(unverified, &owner, misfit, data).await,
        None => verify_unknown(unverified, data).await,
    }
}

/// Verifies with a key whose owner was never fetched.
async fn verify_unknown(
    unverified: &Unverified,
    data: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let key_id = unverified.key_id();
    data.key_cache.check_failures(key_id).await?;
    let fetched = keys::fetch_unknown(key_id, data).await?;
    unverified.verify(&fetched.key).map_err(|misfit| {
        // It was fetched just now: the next failure of this network causes no other fetch.
        let (refetches, network) = (&data.refetches, fetch_permits::network());
        if let Ok(turn) = refetches.take(&fetched.owner.row.uri, &network) {
            turn.fetched();
        }
        refetches.note_refused(key_id, &network);
        signature_error(misfit)
    })?;
    Ok(fetched)
}

/// Returns the first of some addresses that is a known actor's id.
async fn known_actor(addresses: &[&str], data: &Context) -> Result<Option<String>, InboxError> {
    let mut conn = data.store.read().await?;
    for address in addresses {
        if let Some(actor) = conn.remote_actor(address).await? {
            return Ok(Some(actor.uri));
        }
        if let Some(stranger) = data.strangers.get(address) {
            return Ok(Some(stranger.actor.uri.clone()));
        }
    }
    Ok(None)
}

/// Verifies a signature that does not fit the keys of a known actor with the key that the actor has now.
///
/// # Errors
/// The signature's own at the first failure after a fetch. [`InboxError::Later`] for any other in these five minutes,
/// since the actor may have replaced its key: its server sends the activity again.
async fn verify_anew(
    unverified: &Unverified,
    owner: &str,
    misfit: Option<signatures::SignatureError>,
    data: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let (key_id, network) = (unverified.key_id(), fetch_permits::network());
    let refetches = &data.refetches;
    let turn = match refetches.take(owner, &network) {
        Ok(turn) => turn,
        Err(turn) if !refetches.refuses(&turn, key_id, &network) => {
            return Err(InboxError::Later("the sender was fetched just now".into()));
        }
        Err(_) => {
            let unnamed = || InboxError::unverified("the activity's actor does not name this key");
            return Err(misfit.map_or_else(unnamed, signature_error));
        }
    };
    let fetched = keys::fetch_again(key_id, data).await;
    match &fetched {
        // Nothing was fetched.
        Err(InboxError::Busy(_)) => refetches.give_back(owner, &network),
        Ok(_) | Err(InboxError::Unverified(_)) => turn.fetched(),
        Err(_) => {}
    }
    let verified = fetched.and_then(|fetched| match unverified.verify(&fetched.key) {
        Ok(_) => Ok(fetched),
        Err(misfit) => Err(signature_error(misfit)),
    });
    if let Err(InboxError::Unverified(_)) = &verified {
        refetches.note_refused(key_id, &network);
    }
    verified
}

async fn claim_refetch(actor_id: i64, data: &Context) -> Result<bool, InboxError> {
    let mut tx = data.store.begin().await?;
    let is_mine = tx
        .claim_refetch(actor_id, crate::federation::remote::keys::REFETCH_PAUSE)
        .await?;
    tx.commit().await?;
    Ok(is_mine)
}

/// Fetches an actor again whose name and picture may have changed, without making its activity wait.
fn refresh_if_old(actor: &RemoteActor, data: &Context) {
    let age = store::now() - actor.row.fetched_at;
    if age < i64::from(data.config.federation.actor_days.max(1)) * 24 * 3600 * 1000 {
        return;
    }
    let (data, row) = (data.reset_request_count(), actor.row.clone());
    // It takes a place as if the sender waited for it: floods do not pile up.
    let network = fetch_permits::network();
    tokio::spawn(requests::inherit(async move {
        let refreshed = async {
            match claim_refetch(row.id, &data).await? {
                true => actors::refetch(&row.uri, &data).await.map(drop),
                false => Ok(()),
            }
        };
        if let Err(error) = fetch_permits::responding(network, refreshed).await {
            tracing::debug!(actor = row.uri, %error, "an actor could not be refreshed");
        }
    }));
}

/// Carries an activity out. A stranger is stored with what it changes, and charged for that.
async fn dispatch(received: Received, data: &Context) -> Result<(), InboxError> {
    let actor = received.actor.clone();
    strangers::charged(&actor, data, Box::pin(by_kind(received, data))).await
}

async fn by_kind(received: Received, data: &Context) -> Result<(), InboxError> {
    match received.activity.kind() {
        "Follow" => carry_out(follow::Follow(received), data).await,
        "Undo" => carry_out(undo::Undo(received), data).await,
        "Create" => carry_out(crate::federation::comments::create::Create(received), data).await,
        "Update" => carry_out(update::Update(received), data).await,
        "Delete" => carry_out(delete::Delete(received), data).await,
        "Like" | "Dislike" | "EmojiReact" => carry_out(like::Like(received), data).await,
        "Announce" => carry_out(announce::Announce(received), data).await,
        "Block" => carry_out(block::Block(received), data).await,
        "Flag" => carry_out(flag::Flag(received), data).await,
        "Move" => carry_out(moved::Move(received), data).await,
        "QuoteRequest" => {
            carry_out(
                crate::federation::comments::quote::QuoteRequest(received),
                data,
            )
            .await
        }
        "FeatureRequest" => carry_out(feature::FeatureRequest(received), data).await,
        "ReplyRequest" | "LikeRequest" | "AnnounceRequest" => {
            carry_out(interaction_request::InteractionRequest(received), data).await
        }
        "Accept" | "Reject" | "TentativeAccept" | "TentativeReject" => {
            carry_out(accept::Answer(received), data).await
        }
        "Add" | "Remove" => carry_out(feature::CollectionChange(received), data).await,
        _ if crate::federation::comments::create::is_bare_object(&received.activity) => {
            carry_out(
                crate::federation::comments::create::Create::of_bare(received),
                data,
            )
            .await
        }
        _ => Err(InboxError::Dropped(DropReason::UnknownActivityType)),
    }
}

async fn carry_out<A>(activity: A, data: &Context) -> Result<(), InboxError>
where
    A: Activity<DataType = crate::node::Node, Error = InboxError>,
{
    activity.verify(data).await?;
    activity.receive(data).await
}

/// Counts a dropped activity, and records that its server is alive.
async fn drop_verified(
    reason: DropReason,
    sender: &RemoteActor,
    data: &Context,
) -> Result<(), InboxError> {
    let mut tx = data.store.begin().await?;
    tx.revive_host(&sender.row.host).await?;
    tx.count_dropped(reason.code()).await?;
    tx.commit().await?;
    Ok(())
}

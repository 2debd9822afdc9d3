//! Verifies the HTTP signature of a request: its form first, then the signature itself with the signer's key.

use crate::{
    crypto::signatures::{self, Expectation, RequestParts, Scheme, SignatureError, Unverified},
    federation::remote::{keys, requests::permits},
    node::{
        Context, Node,
        caches::{key_cache::OwnedKey, strangers::document_of},
        error::InboxError,
    },
};
use chrono::Utc;
use std::sync::Arc;
use url::Url;

/// Checks everything about a signature that needs no key.
///
/// # Errors
/// [`InboxError::Malformed`] or [`InboxError::Unverified`].
pub(super) fn check_signature_form(
    request: &RequestParts<'_>,
    ctx: &Context,
) -> Result<Unverified, InboxError> {
    parse_signature(request, ctx).map_err(signature_error)
}

pub(super) fn parse_signature(
    request: &RequestParts<'_>,
    node: &Node,
) -> Result<Unverified, SignatureError> {
    let scheme = match node.config.public_url.scheme() {
        "http" => Scheme::Http,
        _ => Scheme::Https,
    };
    let mut hosts = vec![node.config.authority()];
    hosts.extend_from_slice(node.urls().former_hosts());
    let expectation = Expectation {
        hosts: &hosts,
        scheme,
        now: Utc::now(),
    };
    signatures::parse(request, &expectation)
}

pub(super) fn signature_error(error: SignatureError) -> InboxError {
    match error.status() {
        400 => InboxError::Malformed(error.to_string()),
        _ => InboxError::Unverified(error.to_string()),
    }
}

/// Returns the address of the document that contains the key: the `keyId` without its fragment.
///
/// # Errors
/// [`InboxError::Malformed`] if the `keyId` is not a URL.
pub(super) fn key_document(unverified: &Unverified) -> Result<Url, InboxError> {
    let mut key = Url::parse(unverified.key_id())
        .map_err(|_| InboxError::malformed("the keyId is not a URL"))?;
    key.set_fragment(None);
    Ok(key)
}

/// Verifies a signature with the stored key, else with a fetched one. Returns the key and its owner.
///
/// If the signature does not match the key of a known actor, the actor is fetched again: once in five minutes for each
/// network that sends such signatures. `actor` is the alleged signer, or the key's own document.
///
/// # Errors
/// [`InboxError::Unverified`] if the signature does not match; [`InboxError::Later`] or [`InboxError::Busy`] if the key
/// cannot be fetched now.
pub(super) async fn verify(
    unverified: &Unverified,
    actor: &Url,
    ctx: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let key_id = unverified.key_id();
    if !unverified.is_plausible() {
        return Err(InboxError::unverified("the signature fits no key"));
    }
    let (mut mismatch, mut owner) = (None, None);
    if let Some(remembered) = keys::stored(key_id, ctx).await? {
        if unverified.verify(&remembered.key).is_ok() {
            return Ok(remembered);
        }
        // The database may have a newer key than the cache.
        ctx.key_cache.forget(key_id).await;
    } else {
        owner = known_actor(&[document_of(key_id), actor.as_str()], ctx).await?;
        if owner.is_none() {
            return verify_unknown(unverified, ctx).await;
        }
    }
    // Another request may have fetched the key in the meantime.
    if let Some(stored) = keys::stored(key_id, ctx).await? {
        match unverified.verify(&stored.key) {
            Ok(_) => return Ok(stored),
            Err(error) => (mismatch, owner) = (Some(error), Some(stored.owner.row.uri.clone())),
        }
    }
    match owner {
        Some(owner) => verify_after_refetch(unverified, &owner, mismatch, ctx).await,
        None => verify_unknown(unverified, ctx).await,
    }
}

/// Verifies a signature with a key in memory: nothing is read or fetched. Returns `None` if that is not possible, or the
/// signature does not match.
pub(super) async fn verify_from_memory(
    unverified: &Unverified,
    ctx: &Context,
) -> Option<Arc<OwnedKey>> {
    let remembered = ctx.key_cache.get(unverified.key_id()).await?;
    unverified.verify(&remembered.key).ok()?;
    Some(remembered)
}

/// Verifies a signature with a key whose owner was never fetched.
async fn verify_unknown(
    unverified: &Unverified,
    ctx: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let key_id = unverified.key_id();
    ctx.key_cache.check_failures(key_id).await?;
    let fetched = keys::fetch_unknown(key_id, ctx).await?;
    unverified.verify(&fetched.key).map_err(|mismatch| {
        // The key was fetched just now, so the next failure of this network causes no other fetch.
        let (refetches, network) = (&ctx.refetches, permits::network());
        if let Ok(turn) = refetches.take(&fetched.owner.row.uri, &network) {
            turn.fetched();
        }
        refetches.note_refused(key_id, &network);
        signature_error(mismatch)
    })?;
    Ok(fetched)
}

/// Returns the first of some addresses that is a known actor's id.
async fn known_actor(addresses: &[&str], ctx: &Context) -> Result<Option<String>, InboxError> {
    let mut conn = ctx.store.read().await?;
    for (place, address) in addresses.iter().enumerate() {
        // Most keys are in their actor's document.
        if addresses[..place].contains(address) {
            continue;
        }
        if let Some(actor) = conn.remote_actor(address).await? {
            return Ok(Some(actor.uri));
        }
        if let Some(stranger) = ctx.strangers.get(address) {
            return Ok(Some(stranger.actor.uri.clone()));
        }
    }
    Ok(None)
}

/// Verifies a signature that does not match the stored keys of an actor with the actor's current key.
///
/// # Errors
/// The signature's own error at the first failure after a fetch. [`InboxError::Later`] for any other failure in these
/// five minutes: the actor may have replaced its key, so its server must send the activity again.
async fn verify_after_refetch(
    unverified: &Unverified,
    owner: &str,
    mismatch: Option<SignatureError>,
    ctx: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let (key_id, network) = (unverified.key_id(), permits::network());
    let refetches = &ctx.refetches;
    let turn = match refetches.take(owner, &network) {
        Ok(turn) => turn,
        Err(turn) if !refetches.refuses(&turn, key_id, &network) => {
            return Err(InboxError::Later("the sender was fetched just now".into()));
        }
        Err(_) => {
            let unnamed = || InboxError::unverified("the activity's actor does not name this key");
            return Err(mismatch.map_or_else(unnamed, signature_error));
        }
    };
    let fetched = keys::fetch_again(key_id, ctx).await;
    match &fetched {
        // Nothing was fetched.
        Err(InboxError::Busy(_)) => refetches.give_back(owner, &network),
        Ok(_) | Err(InboxError::Unverified(_)) => turn.fetched(),
        Err(_) => {}
    }
    let verified = fetched.and_then(|fetched| match unverified.verify(&fetched.key) {
        Ok(_) => Ok(fetched),
        Err(mismatch) => Err(signature_error(mismatch)),
    });
    if let Err(InboxError::Unverified(_)) = &verified {
        refetches.note_refused(key_id, &network);
    }
    verified
}

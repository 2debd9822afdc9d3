//! Checks the integrity proof in an activity (FEP-8b32).

use super::sender::claim_refetch;
use crate::{
    crypto::integrity_proofs::{Proof, ProofError},
    federation::remote::{actors, keys, requests::permits},
    node::{
        Context, caches::key_cache::OwnedKey, error::InboxError, remote_actor::RemoteActor,
        urls::same_origin_text,
    },
    protocol::{Activity, same_id},
    store,
};
use chrono::Utc;
use std::sync::Arc;
use url::Url;

/// The maximum age of a proof in a forwarded activity, in milliseconds. Receipts are kept as long, so that nobody can
/// repeat an old activity.
const MAX_AGE: i64 = 14 * 24 * 3600 * 1000;

/// Returns whether an activity that its actor delivered has a valid proof too. A proof that cannot be checked without a
/// fetch is ignored, since the HTTP signature suffices.
///
/// # Errors
/// [`InboxError::Unverified`] if the proof is invalid, even though the HTTP signature is valid (FEP-8b32, Proof
/// verification).
pub(super) async fn check(
    activity: &Activity,
    actor: &RemoteActor,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let proof = match Proof::of(&activity.raw, Utc::now()) {
        Ok(Some(proof)) => proof,
        Ok(None) | Err(ProofError::Ignored(_)) => return Ok(false),
        Err(error) => return Err(InboxError::Unverified(error.to_string())),
    };
    if !same_origin_text(&proof.method, &actor.row.uri) {
        return Err(InboxError::unverified(
            "the proof's key is on another host than the activity's actor",
        ));
    }
    let Some(key) = assertion_key(&proof.method, ctx).await? else {
        return Ok(false);
    };
    if key.owner.row.uri != actor.row.uri {
        return Err(InboxError::unverified(
            "the proof is not by the activity's actor",
        ));
    }
    let Err(mismatch) = proof.verify(&key.key) else {
        return Ok(true);
    };
    // The key may have been replaced by another of the same id.
    if may_refetch(actor, ctx).await? {
        actors::refetch(&actor.row.uri, ctx).await?;
        let renewed = assertion_key(&proof.method, ctx).await?;
        if renewed.is_some_and(|key| proof.verify(&key.key).is_ok()) {
            return Ok(true);
        }
    }
    Err(InboxError::Unverified(mismatch.to_string()))
}

/// Returns whether the actor may be fetched again now, and claims that fetch.
async fn may_refetch(actor: &RemoteActor, ctx: &Context) -> Result<bool, InboxError> {
    match actor.stranger() {
        Some(_) => {
            let refetches = &ctx.refetches;
            Ok(refetches.take(&actor.row.uri, &permits::network()).is_ok())
        }
        None => claim_refetch(actor.row.id, ctx).await,
    }
}

/// Returns the actor of a forwarded activity if the activity's proof shows that the actor made it.
pub(super) async fn author_of(
    activity: &Activity,
    actor: &Url,
    ctx: &Context,
) -> Result<Option<RemoteActor>, InboxError> {
    let Ok(Some(proof)) = Proof::of(&activity.raw, Utc::now()) else {
        return Ok(None);
    };
    let is_recent = proof
        .created
        .is_some_and(|time| time.timestamp_millis() > store::now() - MAX_AGE);
    if !is_recent || !same_origin_text(&proof.method, actor.as_str()) {
        return Ok(None);
    }
    if assertion_key(&proof.method, ctx).await?.is_none() {
        // If the key cannot be fetched now, the object itself is fetched later.
        if ctx.key_cache.check_failures(&proof.method).await.is_ok() {
            let _ = keys::fetch_unknown(&proof.method, ctx).await;
        }
    }
    let key = assertion_key(&proof.method, ctx).await?;
    Ok(key
        .filter(|key| same_id(&key.owner.row.uri, actor.as_str()) && proof.verify(&key.key).is_ok())
        .map(|key| key.owner.clone()))
}

/// Returns a stored key that its owner names as an assertion method.
async fn assertion_key(method: &str, ctx: &Context) -> Result<Option<Arc<OwnedKey>>, InboxError> {
    let key = keys::stored(method, ctx).await?;
    Ok(key.filter(|key| key.purpose.is_assertion_method()))
}

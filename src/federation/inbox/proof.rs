//! What the proof in an activity says of who made it (FEP-8b32).

use super::claim_refetch;
use crate::{
    crypto::integrity_proofs::{Proof, ProofError},
    federation::remote::{actors, fetch_permits, keys},
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

/// Longest age of the proof of an activity that another brings, in milliseconds: as long as receipts are kept, so
/// that nobody brings back what is over.
const MAX_AGE: i64 = 14 * 24 * 3600 * 1000;

/// Whether an activity that its actor delivered has a proof that holds too.
///
/// One that can't be checked without a fetch is as none: the HTTP signature says enough.
///
/// # Errors
/// If the proof is broken, which goes before the HTTP signature (FEP-8b32, Proof verification).
pub async fn check(
    activity: &Activity,
    actor: &RemoteActor,
    data: &Context,
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
    let Some(key) = assertion_key(&proof.method, data).await? else {
        return Ok(false);
    };
    if key.owner.row.uri != actor.row.uri {
        return Err(InboxError::unverified(
            "the proof is not by the activity's actor",
        ));
    }
    let Err(misfit) = proof.verify(&key.key) else {
        return Ok(true);
    };
    // The key may have been replaced by another of the same id.
    if may_refetch(actor, data).await? {
        actors::refetch(&actor.row.uri, data).await?;
        let renewed = assertion_key(&proof.method, data).await?;
        if renewed.is_some_and(|key| proof.verify(&key.key).is_ok()) {
            return Ok(true);
        }
    }
    Err(InboxError::Unverified(misfit.to_string()))
}

/// Takes the right to fetch the actor again.
async fn may_refetch(actor: &RemoteActor, data: &Context) -> Result<bool, InboxError> {
    match actor.stranger() {
        Some(_) => {
            let refetches = &data.refetches;
            Ok(refetches
                .take(&actor.row.uri, &fetch_permits::network())
                .is_ok())
        }
        None => claim_refetch(actor.row.id, data).await,
    }
}

/// The actor of an activity that another delivered, if the activity's own proof shows that the actor made it.
pub async fn author_of(
    activity: &Activity,
    actor: &Url,
    data: &Context,
) -> Result<Option<RemoteActor>, InboxError> {
    let Ok(Some(proof)) = Proof::of(&activity.raw, Utc::now()) else {
        return Ok(None);
    };
    let is_young = proof
        .created
        .is_some_and(|time| time.timestamp_millis() > store::now() - MAX_AGE);
    if !is_young || !same_origin_text(&proof.method, actor.as_str()) {
        return Ok(None);
    }
    if assertion_key(&proof.method, data).await?.is_none() {
        // Who can't be asked now is asked later for the object itself.
        if data.key_cache.check_failures(&proof.method).await.is_ok() {
            let _ = keys::fetch_unknown(&proof.method, data).await;
        }
    }
    let key = assertion_key(&proof.method, data).await?;
    Ok(key
        .filter(|key| same_id(&key.owner.row.uri, actor.as_str()) && proof.verify(&key.key).is_ok())
        .map(|key| key.owner.clone()))
}

/// A known key that its owner names as one to assert with.
async fn assertion_key(method: &str, data: &Context) -> Result<Option<Arc<OwnedKey>>, InboxError> {
    let key = keys::stored(method, data).await?;
    Ok(key.filter(|key| key.purpose.is_assertion_method()))
}

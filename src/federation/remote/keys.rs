//! Keys of other servers' actors: from memory, the database, or their server. Requests for one key share one fetch.

use super::{
    actors::{adopt, refetch},
    fetch,
};
use crate::{
    crypto::keys::PublicKey,
    federation::remote::requests::permits,
    node::{
        Context,
        caches::{
            key_cache::{OwnedKey, read_key},
            strangers::document_of,
        },
        error::InboxError,
        remote_actor::RemoteActor,
        urls::{host_of, same_origin_text},
    },
    protocol::{ActorDocument, ActorKey, same_id},
    store::{KeyPurpose, RemoteKey},
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// The pause between two refetches of an actor after invalid proofs or because its data is old, in milliseconds.
pub const REFETCH_PAUSE: i64 = 5 * 60 * 1000;

/// Returns the key with this id from memory or the database; `None` if it would have to be fetched.
pub async fn stored(key_id: &str, ctx: &Context) -> Result<Option<Arc<OwnedKey>>, InboxError> {
    if let Some(found) = ctx.key_cache.get(key_id).await {
        return Ok(Some(found));
    }
    let Some((owner, key)) = owner_of(key_id, ctx).await? else {
        return Ok(None);
    };
    let owned = OwnedKey::read(owner, &key);
    if let Some(owned) = &owned {
        ctx.key_cache.insert(key_id, owned).await;
    }
    Ok(owned)
}

/// Returns the owner of a key and the key, from the database or among strangers.
async fn owner_of(
    key_id: &str,
    ctx: &Context,
) -> Result<Option<(RemoteActor, RemoteKey)>, InboxError> {
    if let Some((row, key)) = ctx.store.read().await?.remote_key(key_id).await? {
        return Ok(Some((RemoteActor::of(row)?, key)));
    }
    match ctx.strangers.owner_of(key_id) {
        Some((stranger, key)) => Ok(Some((RemoteActor::of_stranger(stranger)?, key))),
        None => Ok(None),
    }
}

/// Fetches an unknown key.
///
/// # Errors
/// The failure of the fetch, which another request may have begun.
pub async fn fetch_unknown(key_id: &str, ctx: &Context) -> Result<Arc<OwnedKey>, InboxError> {
    fetch_once(key_id, false, ctx).await
}

/// Fetches a key again.
///
/// # Errors
/// As [`fetch_unknown`].
pub async fn fetch_again(key_id: &str, ctx: &Context) -> Result<Arc<OwnedKey>, InboxError> {
    fetch_once(key_id, true, ctx).await
}

async fn fetch_once(
    key_id: &str,
    is_again: bool,
    ctx: &Context,
) -> Result<Arc<OwnedKey>, InboxError> {
    let url = Url::parse(key_id).map_err(|_| InboxError::malformed("the key's id is not a URL"))?;
    let host = host_of(&url).unwrap_or_default();
    // A request that waits for another one's fetch takes a waiting place too.
    permits::wait_for(&url, ctx).await?;
    let fetch = Box::pin(async {
        // Another fetch may have ended since the caller looked.
        if !is_again && let Some(found) = stored(key_id, ctx).await? {
            return Ok(found);
        }
        // One time limit for the key's document, redirects and its owner.
        let limit = Duration::from_secs(ctx.config.federation.fetch_timeout.max(1));
        let fetched = tokio::time::timeout(limit, Box::pin(fetch_key(key_id, ctx)))
            .await
            .unwrap_or_else(|_| Err(too_slow()));
        ctx.key_cache.note_outcome(key_id, &fetched).await;
        note_for_admin(&host, &fetched, ctx).await;
        let (owner, key) = fetched?;
        OwnedKey::read(owner, &key).ok_or_else(|| InboxError::unverified("the key can't be used"))
    });
    let fetched = ctx.key_cache.fetch_once(key_id, fetch).await?;
    ctx.key_cache.insert(key_id, &fetched).await;
    Ok(fetched)
}

/// Distinguishes a slow server from a long wait for a permit.
fn too_slow() -> InboxError {
    if permits::was_queued() {
        InboxError::Busy("too many requests are being made".into())
    } else {
        InboxError::Later("fetching the key took too long".into())
    }
}

/// Counts the hosts whose keys can't be fetched, for `pamphlet doctor`. Keys of deleted actors indicate no problem.
async fn note_for_admin<T>(host: &str, outcome: &Result<T, InboxError>, ctx: &Context) {
    let reason = match outcome {
        Ok(_) => None,
        Err(
            InboxError::Later(reason)
            | InboxError::Unobtainable(reason)
            | InboxError::Unverified(reason),
        ) => Some(reason),
        Err(_) => return,
    };
    let noted = async {
        if reason.is_none() && !ctx.store.read().await?.has_key_failure(host).await? {
            return Ok(());
        }
        let mut tx = ctx.store.begin().await?;
        match reason {
            Some(reason) => tx.add_key_failure(host, reason).await?,
            None => tx.forget_key_failure(host).await?,
        }
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, host, "could not record the failure to fetch a key");
    }
}

/// The maximum number of stored keys of one actor.
const MAX_KEYS: usize = 4;

tokio::task_local! {
    /// The id of the key whose document is being fetched. The library can't pass it on.
    static SOUGHT: String;
}

/// Returns the keys that are the actor's: those in its own document, and among others the one whose own
/// document led here, now or before. Any actor could list another one's key.
pub(super) fn keys_to_keep(keys: Vec<RemoteKey>, uri: &str, old_keys: &[String]) -> Vec<RemoteKey> {
    let sought = SOUGHT.try_with(String::clone).unwrap_or_default();
    let is_sought = |key: &RemoteKey| same_id(&key.id, &sought);
    let mut keys: Vec<RemoteKey> = keys
        .into_iter()
        .filter(|key| {
            same_id(document_of(&key.id), uri)
                || is_sought(key)
                || old_keys.iter().any(|old| same_id(old, &key.id))
        })
        .collect();
    keys.sort_by_key(|key| !is_sought(key));
    keys.truncate(MAX_KEYS);
    keys
}

/// Returns the keys of a supported type that are on the actor's host, in their stored form.
pub(super) fn usable_keys(document: &ActorDocument) -> Vec<RemoteKey> {
    let id = document.id.as_deref().unwrap_or_default();
    let mut usable: Vec<(RemoteKey, PublicKey)> = Vec::new();
    for ActorKey {
        id: key_id,
        text,
        is_assertion_method,
    } in document.keys()
    {
        let Some(key) = read_key(&text) else { continue };
        if key_id.len() > super::actors::MAX_URL || !same_origin_text(&key_id, id) {
            continue;
        }
        match usable
            .iter_mut()
            .find(|(known, _)| same_id(&known.id, &key_id))
        {
            // The same key in both properties. A different key with the same id is a mistake and is ignored.
            Some((known, same)) if *same == key => {
                if known.purpose.is_assertion_method() != is_assertion_method {
                    known.purpose = KeyPurpose::Both;
                }
            }
            Some(_) => {}
            None => {
                let (public_key, purpose) = if is_assertion_method {
                    (key.to_multibase(), KeyPurpose::Assertion)
                } else {
                    (key.to_pem(), KeyPurpose::Signature)
                };
                let id = key_id;
                usable.push((
                    RemoteKey {
                        id,
                        public_key,
                        purpose,
                    },
                    key,
                ));
            }
        }
    }
    usable.into_iter().map(|(key, _)| key).collect()
}

/// Fetches a key and its owner from the key's id, which leads to an actor's document or to a key document that
/// names its owner. The owner must list the key.
///
/// A key stays with its current owner until the owner's document no longer lists it.
async fn fetch_key(key_id: &str, ctx: &Context) -> Result<(RemoteActor, RemoteKey), InboxError> {
    let is_of =
        |holder: &RemoteActor, actor: &RemoteActor| same_id(&holder.row.uri, &actor.row.uri);
    let actor = fetch_owner(key_id, ctx).await?;
    let holder = match owner_of(key_id, ctx).await? {
        Some((holder, _)) if !is_of(&holder, &actor) => {
            refetch(&holder.row.uri, ctx)
                .await
                .map_err(|error| match error {
                    InboxError::Later(_) | InboxError::Busy(_) | InboxError::Store(_) => error,
                    _ => InboxError::unverified(
                        "the key is another actor's, who can't be asked for it",
                    ),
                })?;
            let actor = fetch_owner(key_id, ctx).await?;
            let holder = owner_of(key_id, ctx).await?;
            holder.filter(|(holder, _)| is_of(holder, &actor))
        }
        holder => holder,
    };
    holder.ok_or_else(|| {
        InboxError::unverified("the key's owner does not name it as a key that can be used")
    })
}

/// Fetches the actor to whom a key's own document leads.
async fn fetch_owner(key_id: &str, ctx: &Context) -> Result<RemoteActor, InboxError> {
    let value = fetch::document(key_id, ctx).await?;
    let document: ActorDocument = serde_json::from_value(value.clone())
        .map_err(|_| InboxError::unverified("the key's document is not an object"))?;
    let sought = key_id.to_owned();
    if document.inbox.is_some() {
        return SOUGHT.scope(sought, adopt(document, ctx)).await;
    }
    let owner = ["owner", "controller"]
        .iter()
        .find_map(|name| value.get(*name)?.as_str());
    let owner = owner.ok_or_else(|| InboxError::unverified("the key's document names no owner"))?;
    if !same_origin_text(owner, key_id) {
        return Err(InboxError::unverified("the key's owner is on another host"));
    }
    SOUGHT.scope(sought, refetch(owner, ctx)).await
}

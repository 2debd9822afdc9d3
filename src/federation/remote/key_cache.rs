//! Limits the cost of strangers: each unknown key is fetched once at a time, and failures are remembered for as long as
//! their reasons last. How many fetches there are at once is decided in `fetch_gate.rs`.

use crate::{
    config::{Config, limits::Limit},
    crypto::keys::PublicKey,
    federation::remote::{
        actors::{self, RemoteActor},
        fetch_permits,
    },
    node::{Context, error::InboxError, refetches::Refetches, strangers::Strangers},
    protocol::canonical_id,
    store::{KeyPurpose, RemoteKey},
};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long a key is taken from memory: other nodes on the same database may have replaced it.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);
/// The time before the next fetch of a key whose document proved it unusable.
const UNUSABLE_FOR: Duration = Duration::from_secs(300);
/// The same for a key that its server refused or lacks. A proxy may have answered, or an account may be suspended.
const UNOBTAINABLE_FOR: Duration = Duration::from_secs(60);
/// The same for a key whose server did not respond, or was temporarily unavailable.
const UNREACHABLE_FOR: Duration = Duration::from_secs(20);
/// Milliseconds between two fetches of one actor that it causes itself: by a proof that does not fit, or by its age.
pub const REFETCH_PAUSE: i64 = 5 * 60 * 1000;

/// A key with its owner and its purpose.
pub type OwnedKey = Arc<(RemoteActor, PublicKey, KeyPurpose)>;

pub struct Gate {
    known: Cache<String, OwnedKey>,
    /// Actors that are not stored, with their keys.
    pub strangers: Strangers,
    /// Whose turn it is to have a known actor fetched again.
    pub refetches: Refetches,
    /// Fetches under way, so that many who ask for one key wait for one fetch.
    fetching: Cache<String, OwnedKey>,
    unusable: Cache<String, String>,
    unobtainable: Cache<String, String>,
    unreachable: Cache<String, String>,
}

fn failures(kept_for: Duration) -> Cache<String, String> {
    Cache::builder()
        .max_capacity(20_000)
        .time_to_live(kept_for)
        .build()
}

impl Gate {
    pub fn new(config: &Config) -> Self {
        Gate {
            known: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED_FOR)
                .build(),
            strangers: Strangers::new(config.limits.value(Limit::StrangerKilobytes)),
            refetches: Refetches::default(),
            fetching: Cache::new(20_000),
            unusable: failures(UNUSABLE_FOR),
            unobtainable: failures(UNOBTAINABLE_FOR),
            unreachable: failures(UNREACHABLE_FOR),
        }
    }

    /// The key with this id, from memory or the database; `None` if it would have to be fetched.
    pub async fn stored_key(
        &self,
        key_id: &str,
        data: &Context,
    ) -> Result<Option<OwnedKey>, InboxError> {
        let name = canonical_id(key_id);
        if let Some(found) = self.known.get(name.as_ref()).await {
            return Ok(Some(found));
        }
        let Some((owner, key)) = self.owner_of(key_id, data).await? else {
            return Ok(None);
        };
        let Some(owned) = read(owner, &key) else {
            return Ok(None);
        };
        if owned.0.stranger().is_none() {
            self.known.insert(name.into_owned(), owned.clone()).await;
        }
        Ok(Some(owned))
    }

    /// Returns the owner of a key and the key as it is stored, or remembered of a stranger.
    pub async fn owner_of(
        &self,
        key_id: &str,
        data: &Context,
    ) -> Result<Option<(RemoteActor, RemoteKey)>, InboxError> {
        if let Some((row, key)) = data.store.read().await?.remote_key(key_id).await? {
            return Ok(Some((RemoteActor::of(row)?, key)));
        }
        match self.strangers.owner_of(key_id) {
            Some((stranger, key)) => Ok(Some((RemoteActor::of_stranger(stranger)?, key))),
            None => Ok(None),
        }
    }

    /// The unknown key with this id, fetched; many who ask for one cause one fetch.
    pub async fn fetched_key(&self, key_id: &str, data: &Context) -> Result<OwnedKey, InboxError> {
        self.fetch(key_id, false, data).await
    }

    /// The key with this id, fetched again.
    pub async fn refetched_key(
        &self,
        key_id: &str,
        data: &Context,
    ) -> Result<OwnedKey, InboxError> {
        self.fetch(key_id, true, data).await
    }

    async fn fetch(
        &self,
        key_id: &str,
        is_again: bool,
        data: &Context,
    ) -> Result<OwnedKey, InboxError> {
        let url =
            Url::parse(key_id).map_err(|_| InboxError::malformed("the key's id is not a URL"))?;
        let host = crate::node::urls::host_of(&url).unwrap_or_default();
        // Also whoever waits for the fetch of another takes a place.
        fetch_permits::wait_for(&url, data).await?;
        let fetch = Box::pin(async {
            // The last fetch may have ended after this caller looked.
            if !is_again && let Some(found) = self.stored_key(key_id, data).await? {
                return Ok(found);
            }
            // One patience for all that a key takes: its document, redirects, its owner.
            let patience = Duration::from_secs(data.config.federation.fetch_timeout.max(1));
            let fetched = tokio::time::timeout(patience, Box::pin(actors::fetch_key(key_id, data)))
                .await
                .unwrap_or_else(|_| Err(too_slow()));
            self.remember_failure(key_id, &fetched).await;
            note_for_admin(&host, &fetched, data).await;
            let (owner, key) = fetched?;
            read(owner, &key).ok_or_else(|| InboxError::unverified("the key can't be used"))
        });
        let fetched = self.fetching.try_get_with(key_id.to_owned(), fetch).await;
        self.fetching.invalidate(key_id).await;
        let fetched = fetched.map_err(|error| InboxError::shared(&error))?;
        if fetched.0.stranger().is_none() {
            let name = canonical_id(key_id).into_owned();
            self.known.insert(name, fetched.clone()).await;
        }
        Ok(fetched)
    }

    async fn remember_failure<T>(&self, key_id: &str, outcome: &Result<T, InboxError>) {
        let (memory, reason) = match outcome {
            // A fetch that was not made says nothing.
            Ok(_) | Err(InboxError::Store(_) | InboxError::Busy(_)) => return,
            Err(InboxError::Later(reason)) => (&self.unreachable, reason.clone()),
            Err(InboxError::Unobtainable(reason) | InboxError::NotFound(reason)) => {
                (&self.unobtainable, reason.clone())
            }
            Err(other) => (&self.unusable, other.to_string()),
        };
        memory.insert(key_id.to_owned(), reason).await;
    }

    /// Checks that no fetch of a key failed lately.
    ///
    /// # Errors
    /// The remembered failure. [`InboxError::Later`] if it may have passed, since no fetch was made: the sender then
    /// tries again.
    pub async fn check_memory(&self, key_id: &str) -> Result<(), InboxError> {
        if let Some(reason) = self.unusable.get(key_id).await {
            return Err(InboxError::Unverified(reason));
        }
        for memory in [&self.unobtainable, &self.unreachable] {
            if let Some(reason) = memory.get(key_id).await {
                return Err(InboxError::Later(reason));
            }
        }
        Ok(())
    }

    /// Forgets a key that did not fit or was replaced, so that it is read anew.
    pub async fn forget(&self, key_id: &str) {
        self.known.invalidate(canonical_id(key_id).as_ref()).await;
    }

    /// Forgets all keys, after an actor with its keys was removed.
    pub async fn forget_all(&self) {
        self.known.invalidate_all();
        self.strangers.forget_all();
    }
}

fn read(owner: RemoteActor, key: &RemoteKey) -> Option<OwnedKey> {
    let public_key = actors::read_key(&key.public_key)?;
    Some(Arc::new((owner, public_key, key.purpose)))
}

/// Tells a slow server from a long wait for the turn to ask it.
fn too_slow() -> InboxError {
    match fetch_permits::was_queued() {
        true => InboxError::Busy("too many requests are being made".into()),
        false => InboxError::Later("the key took too long".into()),
    }
}

/// Counts the hosts whose keys can't be fetched, for `pamphlet doctor`. Keys of deleted actors indicate no problem.
async fn note_for_admin<T>(host: &str, outcome: &Result<T, InboxError>, data: &Context) {
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
        if reason.is_none() && !data.store.read().await?.has_key_failure(host).await? {
            return Ok(());
        }
        let mut tx = data.store.begin().await?;
        match reason {
            Some(reason) => tx.add_key_failure(host, reason).await?,
            None => tx.forget_key_failure(host).await?,
        }
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, host, "the failure of a key could not be counted");
    }
}

//! Keys of other servers' actors in memory, and the failures to fetch one, each remembered for as long as its reason
//! lasts. `federation/remote/keys.rs` fetches those that are missing.

use crate::{
    crypto::keys::PublicKey,
    node::{error::InboxError, remote_actor::RemoteActor},
    protocol::canonical_id,
    store::{KeyPurpose, RemoteKey},
};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// How long a key is used from memory: other nodes on the same database may have replaced it.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);
/// The time before the next fetch of a key whose document proved it unusable.
const UNUSABLE_FOR: Duration = Duration::from_secs(300);
/// The same for a key that its server refused or lacks. A proxy may have answered, or an account may be suspended.
const UNOBTAINABLE_FOR: Duration = Duration::from_secs(60);
/// The same for a key whose server did not respond, or was temporarily unavailable.
const UNREACHABLE_FOR: Duration = Duration::from_secs(20);
/// The number of keys, and of failures of each kind, to remember.
const CAPACITY: u64 = 20_000;

/// A key with its owner.
#[derive(Debug)]
pub struct OwnedKey {
    pub owner: RemoteActor,
    pub key: PublicKey,
    pub purpose: KeyPurpose,
}

impl OwnedKey {
    /// Reads a stored key. Returns `None` if it is in no known form.
    pub fn read(owner: RemoteActor, key: &RemoteKey) -> Option<Arc<OwnedKey>> {
        let public_key = read_key(&key.public_key)?;
        Some(Arc::new(OwnedKey {
            owner,
            key: public_key,
            purpose: key.purpose,
        }))
    }
}

/// Reads a public key in one of the two forms in which it is stored: PEM or Multibase.
pub fn read_key(text: &str) -> Option<PublicKey> {
    if text.trim_start().starts_with("-----") {
        PublicKey::from_pem(text).ok()
    } else {
        PublicKey::from_multibase(text).ok()
    }
}

/// The keys that are known, by their ids.
pub struct KeyCache {
    known: Cache<String, Arc<OwnedKey>>,
    /// Fetches in flight, so that requests for the same key wait for one fetch.
    in_flight: Cache<String, Arc<OwnedKey>>,
    unusable: Cache<String, String>,
    unobtainable: Cache<String, String>,
    unreachable: Cache<String, String>,
}

impl Default for KeyCache {
    fn default() -> Self {
        KeyCache {
            known: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(REMEMBERED_FOR)
                .build(),
            in_flight: Cache::new(CAPACITY),
            unusable: failures(UNUSABLE_FOR),
            unobtainable: failures(UNOBTAINABLE_FOR),
            unreachable: failures(UNREACHABLE_FOR),
        }
    }
}

fn failures(kept_for: Duration) -> Cache<String, String> {
    Cache::builder()
        .max_capacity(CAPACITY)
        .time_to_live(kept_for)
        .build()
}

impl KeyCache {
    /// Returns the key with this id from memory.
    pub async fn get(&self, key_id: &str) -> Option<Arc<OwnedKey>> {
        self.known.get(canonical_id(key_id).as_ref()).await
    }

    /// Remembers a key. A stranger's is remembered with the stranger.
    pub async fn insert(&self, key_id: &str, owned: &Arc<OwnedKey>) {
        if owned.owner.stranger().is_none() {
            let id = canonical_id(key_id).into_owned();
            self.known.insert(id, owned.clone()).await;
        }
    }

    /// Runs a fetch of a key, or waits for the one in flight.
    ///
    /// # Errors
    /// The fetch's own, for all that waited for it.
    pub async fn fetch_once(
        &self,
        key_id: &str,
        fetch: impl Future<Output = Result<Arc<OwnedKey>, InboxError>>,
    ) -> Result<Arc<OwnedKey>, InboxError> {
        let fetched = self.in_flight.try_get_with(key_id.to_owned(), fetch).await;
        self.in_flight.invalidate(key_id).await;
        fetched.map_err(|error| InboxError::shared(&error))
    }

    /// Remembers the failure of a fetch.
    pub async fn note_outcome<T>(&self, key_id: &str, outcome: &Result<T, InboxError>) {
        let (memory, reason) = match outcome {
            // The fetch was not made, so nothing is known about the key.
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
    pub async fn check_failures(&self, key_id: &str) -> Result<(), InboxError> {
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

    /// Forgets a key that did not verify a signature or was replaced, so that it is read again.
    pub async fn forget(&self, key_id: &str) {
        self.known.invalidate(canonical_id(key_id).as_ref()).await;
    }

    /// Forgets all keys, after an actor with its keys was removed.
    pub fn forget_all(&self) {
        self.known.invalidate_all();
    }
}

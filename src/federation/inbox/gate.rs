//! Limits the cost of strangers: each unknown key is fetched once at a time, failures are remembered for as long as
//! their reasons last, and a slow host occupies only its own share of the fetches.

use super::InboxError;
use crate::{
    federation::{
        actors::{self, RemoteActor},
        keys::PublicKey,
        node::Context,
    },
    protocol::canonical_id,
};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Fetches for incoming activities under way at once, in all and for one host.
const FETCHES: usize = 64;
const FETCHES_OF_HOST: usize = 4;
/// How long a fetch waits for its turn.
const FETCH_QUEUE: Duration = Duration::from_secs(4);
/// How long a key is taken from memory: other nodes on the same database may have replaced it.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);
/// The time before the next fetch of a key whose document proved it unusable.
const UNUSABLE_FOR: Duration = Duration::from_secs(300);
/// The same for a key that its server refused or lacks. A proxy may have answered, or an account may be suspended.
const UNOBTAINABLE_FOR: Duration = Duration::from_secs(60);
/// The same for a key whose server did not respond, or was temporarily unavailable.
const UNREACHABLE_FOR: Duration = Duration::from_secs(20);
/// Milliseconds between two fetches of one actor that failed signatures cause.
pub const REFETCH_PAUSE: i64 = 5 * 60 * 1000;

/// A key with its owner.
pub type OwnedKey = Arc<(RemoteActor, PublicKey)>;

pub struct Gate {
    known: Cache<String, OwnedKey>,
    /// Fetches under way, so that many who ask for one key wait for one fetch.
    fetching: Cache<String, OwnedKey>,
    unusable: Cache<String, String>,
    unobtainable: Cache<String, String>,
    unreachable: Cache<String, String>,
    hosts: Cache<String, Arc<Semaphore>>,
    fetches: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Gate {
            known: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED_FOR)
                .build(),
            fetching: Cache::new(20_000),
            unusable: failures(UNUSABLE_FOR),
            unobtainable: failures(UNOBTAINABLE_FOR),
            unreachable: failures(UNREACHABLE_FOR),
            hosts: Cache::builder()
                .max_capacity(10_000)
                .time_to_idle(Duration::from_secs(600))
                .build(),
            fetches: Semaphore::new(FETCHES),
        }
    }
}

fn failures(kept_for: Duration) -> Cache<String, String> {
    Cache::builder()
        .max_capacity(20_000)
        .time_to_live(kept_for)
        .build()
}

impl Gate {
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
        let Some((row, key)) = data.store.read().await?.remote_key(key_id).await? else {
            return Ok(None);
        };
        let Some(key) = actors::read_key(&key) else {
            return Ok(None);
        };
        let owned = Arc::new((RemoteActor::of(row)?, key));
        self.known.insert(name.into_owned(), owned.clone()).await;
        Ok(Some(owned))
    }

    /// The key with this id, fetched; many who ask for one cause one fetch.
    pub async fn fetched_key(
        &self,
        key_id: &str,
        host: &str,
        data: &Context,
    ) -> Result<OwnedKey, InboxError> {
        self.check_memory(key_id).await?;
        let fetch = async {
            let slots = self
                .hosts
                .get_with(host.to_owned(), async {
                    Arc::new(Semaphore::new(FETCHES_OF_HOST))
                })
                .await;
            let busy = || InboxError::Later("too many actors are being fetched".into());
            let both = async { (slots.acquire().await, self.fetches.acquire().await) };
            let _slots = tokio::time::timeout(FETCH_QUEUE, both)
                .await
                .map_err(|_| busy())?;
            // One patience for all that a key takes: its document, redirects, its owner.
            let patience = Duration::from_secs(data.config.federation.fetch_timeout.max(1));
            let fetched = tokio::time::timeout(patience, actors::fetch_key(key_id, data))
                .await
                .unwrap_or_else(|_| Err(InboxError::Later("the key took too long".into())));
            self.remember_failure(key_id, &fetched).await;
            note_for_admin(host, &fetched, data).await;
            fetched.map(Arc::new)
        };
        let fetched = self.fetching.try_get_with(key_id.to_owned(), fetch).await;
        self.fetching.invalidate(key_id).await;
        let fetched = fetched.map_err(|error| InboxError::shared(&error))?;
        let name = canonical_id(key_id).into_owned();
        self.known.insert(name, fetched.clone()).await;
        Ok(fetched)
    }

    async fn remember_failure<T>(&self, key_id: &str, outcome: &Result<T, InboxError>) {
        let (memory, reason) = match outcome {
            Ok(_) | Err(InboxError::Store(_)) => return,
            Err(InboxError::Later(reason)) => (&self.unreachable, reason.clone()),
            Err(InboxError::Unobtainable(reason)) => (&self.unobtainable, reason.clone()),
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
    let is_end = |reason: &&String| reason.ends_with("is gone") || reason.ends_with("is not there");
    if reason.is_some_and(|reason| is_end(&reason)) {
        return;
    }
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

impl Gate {
    /// Forgets all keys, after an actor with its keys was removed.
    pub async fn forget_all(&self) {
        self.known.invalidate_all();
    }
}

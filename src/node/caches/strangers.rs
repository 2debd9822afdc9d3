//! Fetched actors that no row refers to. They stay in memory, which is bounded, until an activity of
//! theirs changes something. That activity's transaction stores them.
//!
//! A stranger gets the id of its future row when it is fetched, so that the activity can refer to it.

use crate::{
    protocol::canonical_id,
    store::{self, NewRemoteActor, RemoteKey},
};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};

/// The time after which a stranger is fetched again.
const KEPT_FOR: Duration = Duration::from_secs(3600);
/// The memory that an entry takes besides its texts, in bytes.
const ENTRY: usize = 1024;
/// The number of remembered keys whose ids do not begin with their owner's id.
const KEYS: u64 = 20_000;

/// A fetched actor that has no row yet.
#[derive(Debug)]
pub struct Stranger {
    /// The id of its future row.
    pub id: i64,
    pub actor: NewRemoteActor,
    pub fetched_at: i64,
    /// The handle that its document claims (FEP-2c59).
    pub claim: Option<String>,
}

impl Stranger {
    fn key(&self, key_id: &str) -> Option<&RemoteKey> {
        let key_id = canonical_id(key_id);
        let mut keys = self.actor.keys.iter();
        keys.find(|key| canonical_id(&key.id) == key_id)
    }
}

/// The remembered strangers.
pub struct Strangers {
    by_uri: Cache<String, Arc<Stranger>>,
    /// The owners of keys, by the keys' ids.
    owners: Cache<String, String>,
}

impl Strangers {
    pub fn new(kilobytes: u64) -> Self {
        let size =
            |uri: &String, stranger: &Arc<Stranger>| uri.len() + stranger.actor.size() + ENTRY;
        Strangers {
            by_uri: Cache::builder()
                .weigher(move |uri, stranger| {
                    u32::try_from(size(uri, stranger)).unwrap_or(u32::MAX)
                })
                .max_capacity(kilobytes.saturating_mul(1024))
                .time_to_live(KEPT_FOR)
                .build(),
            owners: Cache::builder()
                .max_capacity(KEYS)
                .time_to_live(KEPT_FOR)
                .build(),
        }
    }

    pub fn get(&self, uri: &str) -> Option<Arc<Stranger>> {
        self.by_uri.get(canonical_id(uri).as_ref())
    }

    /// Returns the owner of a key, with the key.
    pub fn owner_of(&self, key_id: &str) -> Option<(Arc<Stranger>, RemoteKey)> {
        let named = self.owners.get(canonical_id(key_id).as_ref());
        let owner = self.get(named.as_deref().unwrap_or(document_of(key_id)))?;
        let key = owner.key(key_id)?.clone();
        Some((owner, key))
    }

    /// Remembers a fetched actor. A key that belongs to another stranger stays with that one.
    pub fn remember(&self, actor: NewRemoteActor, claim: Option<String>) -> Arc<Stranger> {
        let uri = canonical_id(&actor.uri).into_owned();
        for key in &actor.keys {
            let is_free = self.owner_of(&key.id).is_none();
            if is_free && canonical_id(document_of(&key.id)) != uri.as_str() {
                let key_id = canonical_id(&key.id).into_owned();
                self.owners.insert(key_id, uri.clone());
            }
        }
        let known = self.by_uri.get(&uri);
        let stranger = Arc::new(Stranger {
            id: known.map_or_else(store::new_row_id, |known| known.id),
            actor,
            fetched_at: store::now(),
            claim,
        });
        self.by_uri.insert(uri, stranger.clone());
        stranger
    }

    /// Returns the ids of an actor's keys.
    pub fn keys_of(&self, uri: &str) -> Vec<String> {
        let stranger = self.get(uri);
        stranger.map_or_else(Vec::new, |stranger| {
            let keys = stranger.actor.keys.iter();
            keys.map(|key| key.id.clone()).collect()
        })
    }

    pub fn forget(&self, uri: &str) {
        self.by_uri.invalidate(canonical_id(uri).as_ref());
    }

    pub fn forget_all(&self) {
        self.by_uri.invalidate_all();
    }
}

/// Returns the address of the document that contains a key.
pub fn document_of(key_id: &str) -> &str {
    key_id.split('#').next().unwrap_or(key_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KeyPurpose;

    fn actor(uri: &str, keys: &[&str], name: &str) -> NewRemoteActor {
        let keys = keys.iter().map(|id| RemoteKey {
            id: (*id).to_owned(),
            public_key: format!("key of {uri}"),
            purpose: KeyPurpose::Signature,
        });
        NewRemoteActor {
            keys: keys.collect(),
            ..NewRemoteActor::for_test(uri, name)
        }
    }

    #[test]
    fn a_stranger_keeps_its_id_and_its_keys() {
        let strangers = Strangers::new(64);
        let (a, b) = ("https://h.example/a", "https://h.example/b");
        let (own, apart) = ("https://h.example/a#key", "https://h.example/keys/1");
        let first = strangers.remember(actor(a, &[own, apart], "A"), None);
        let again = strangers.remember(actor(a, &[own, apart], "A, again"), None);
        assert_eq!(first.id, again.id);
        strangers.remember(actor(b, &[own, apart], "B"), None);
        for key in [own, apart] {
            assert_eq!(strangers.owner_of(key).unwrap().0.actor.uri, a, "{key}");
        }
        // Its owner's document no longer lists it.
        strangers.remember(actor(a, &[own], "A"), None);
        assert!(strangers.owner_of(apart).is_none());
        strangers.remember(actor(b, &[apart], "B"), None);
        assert_eq!(strangers.owner_of(apart).unwrap().0.actor.uri, b);
    }

    #[test]
    fn the_memory_is_bounded() {
        let strangers = Strangers::new(64);
        for number in 0..1000 {
            let uri = format!("https://h{number}.example/a");
            strangers.remember(actor(&uri, &[], &"x".repeat(1000)), None);
        }
        strangers.by_uri.run_pending_tasks();
        assert!(strangers.by_uri.weighted_size() <= 64 * 1024);
        assert!(strangers.by_uri.entry_count() > 10);
    }
}

//! Limits how often a known actor is fetched again because its keys do not verify a signature: for each actor, once in
//! five minutes for each network that sends such signatures, so that a forger blocks no other network's refetch.

use crate::protocol::canonical_id;
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The time between two refetches of one actor that one network causes.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// The number of pairs of an actor or key and a network to remember.
const TURNS: u64 = 50_000;

/// A claimed refetch.
#[derive(Debug, Default)]
pub struct Turn(AtomicBool);

impl Turn {
    /// Records that the actor was fetched.
    pub fn fetched(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The refetches of the last five minutes.
pub struct Refetches {
    turns: Cache<(String, String), Arc<Turn>>,
    /// Keys and networks whose signatures were refused.
    refused: Cache<(String, String), ()>,
}

impl Default for Refetches {
    fn default() -> Self {
        let kept = || Cache::builder().max_capacity(TURNS).time_to_live(PAUSE);
        Refetches {
            turns: kept().build(),
            refused: Cache::builder()
                .max_capacity(TURNS)
                .time_to_live(PAUSE)
                .build(),
        }
    }
}

impl Refetches {
    /// Claims the refetch of an actor for a network.
    ///
    /// # Errors
    /// The earlier claim, if it has not expired.
    pub fn take(&self, actor: &str, network: &str) -> Result<Arc<Turn>, Arc<Turn>> {
        let entry = self.turns.entry(name(actor, network));
        let entry = entry.or_default();
        if entry.is_fresh() {
            Ok(entry.into_value())
        } else {
            Err(entry.into_value())
        }
    }

    /// Releases a claim that led to no fetch.
    pub fn give_back(&self, actor: &str, network: &str) {
        self.turns.invalidate(&name(actor, network));
    }

    /// Returns whether an invalid signature is refused for good: the first one by a key after its owner was
    /// fetched. Senders of later ones retry, since the owner may have replaced its key after the fetch.
    pub fn refuses(&self, turn: &Turn, key_id: &str, network: &str) -> bool {
        turn.0.load(Ordering::Relaxed) && self.note_refused(key_id, network)
    }

    /// Records a refused signature. Returns false if one by this key was refused before.
    pub fn note_refused(&self, key_id: &str, network: &str) -> bool {
        let entry = self.refused.entry(name(key_id, network));
        entry.or_insert(()).is_fresh()
    }
}

fn name(id: &str, network: &str) -> (String, String) {
    (canonical_id(id).into_owned(), network.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_turns_of_their_own_and_one_failure_of_each_key_is_final() {
        let refetches = Refetches::default();
        let (actor, key, one) = ("https://a.example/u", "https://a.example/u#k", "192.0.2.1");
        let turn = refetches.take(actor, one).unwrap();
        assert!(!refetches.refuses(&turn, key, one), "being fetched");
        assert!(refetches.take(actor, one).is_err());
        turn.fetched();
        assert!(refetches.refuses(&turn, key, one), "the first failure");
        assert!(!refetches.refuses(&turn, key, one), "the second");
        assert!(refetches.refuses(&turn, "https://a.example/u#l", one));
        assert!(refetches.refuses(&turn, key, "192.0.2.2"));
        assert!(refetches.take(actor, "192.0.2.2").is_ok());
        assert!(refetches.take("https://a.example/v", one).is_ok());
        refetches.give_back(actor, one);
        assert!(refetches.take(actor, one).is_ok());
    }
}

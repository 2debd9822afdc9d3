//! The right to fetch a known actor again because a signature does not fit its keys: once in a while for each actor and
//! network that such signatures come from, so that a forger uses up nobody's turn but that of its own network.

use crate::protocol::canonical_id;
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The time between two fetches of one actor that signatures from one network cause.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// Actors or keys, with networks, that are remembered.
const TURNS: u64 = 50_000;

/// A turn that was taken.
#[derive(Debug, Default)]
pub struct Turn(AtomicBool);

impl Turn {
    /// Notes that the actor was fetched.
    pub fn fetched(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The turns that were taken lately.
pub struct Refetches {
    turns: Cache<(String, String), Arc<Turn>>,
    /// Keys, with networks, whose signatures were refused.
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
    /// Takes the turn of a network.
    ///
    /// # Errors
    /// The turn that was taken before, if it is not over.
    pub fn take(&self, actor: &str, network: &str) -> Result<Arc<Turn>, Arc<Turn>> {
        let entry = self.turns.entry(name(actor, network));
        let entry = entry.or_default();
        match entry.is_fresh() {
            true => Ok(entry.into_value()),
            false => Err(entry.into_value()),
        }
    }

    /// Returns a turn that was not used.
    pub fn give_back(&self, actor: &str, network: &str) {
        self.turns.invalidate(&name(actor, network));
    }

    /// Returns whether a signature that does not fit is refused for good: the first one of a key after its owner was
    /// fetched. The sender of any other tries again, since the owner may have replaced its key after the fetch.
    pub fn refuses(&self, turn: &Turn, key_id: &str, network: &str) -> bool {
        turn.0.load(Ordering::Relaxed) && self.note_refused(key_id, network)
    }

    /// Notes that a signature is refused. Returns false if one by this key was before.
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

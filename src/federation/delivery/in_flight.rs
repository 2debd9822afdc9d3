//! The destinations that this worker has leased and not yet settled.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

/// How many turns of each are not written down. The next one may begin before it is known here that the
/// last one was settled, so that they are counted.
#[derive(Default)]
pub struct InFlight(Mutex<HashMap<i64, usize>>);

impl InFlight {
    pub fn begin(&self, destination_ids: impl Iterator<Item = i64>) {
        let mut turns = self.lock();
        for id in destination_ids {
            *turns.entry(id).or_default() += 1;
        }
    }

    pub fn end(&self, destination_ids: impl Iterator<Item = i64>) {
        let mut turns = self.lock();
        for id in destination_ids {
            match turns.get_mut(&id) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(turns.remove(&id)),
            }
        }
    }

    pub fn all(&self) -> Vec<i64> {
        self.lock().keys().copied().collect()
    }

    /// A thread that panicked left them as good as they were.
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, usize>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

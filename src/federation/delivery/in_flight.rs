//! The destinations that this worker has leased and whose results are not yet written.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The number of unwritten batches by destination. The next batch may start before this worker knows that the last one
/// was written, so there can be two.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<i64, usize>>);

impl InFlight {
    pub(super) fn begin(&self, destination_ids: impl Iterator<Item = i64>) {
        let mut turns = self.lock();
        for id in destination_ids {
            *turns.entry(id).or_default() += 1;
        }
    }

    pub(super) fn end(&self, destination_ids: impl Iterator<Item = i64>) {
        let mut turns = self.lock();
        for id in destination_ids {
            match turns.get_mut(&id) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(turns.remove(&id)),
            }
        }
    }

    pub(super) fn all(&self) -> Vec<i64> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, usize>> {
        // No code under the lock can leave the map half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

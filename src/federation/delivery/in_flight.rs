//! The destinations that this worker has leased and whose results are not yet written.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The unwritten batches by destination.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<i64, Lease>>);

/// A leased destination.
#[derive(Default)]
struct Lease {
    /// The number of unwritten batches. The next batch may start before this worker knows that the last one was written,
    /// so there can be two.
    batches: usize,
    /// The generation of the destination when its last batch was claimed.
    generation: i64,
    /// Whether its batch is to end early.
    is_cut_short: bool,
}

impl InFlight {
    /// Records the batches of destinations, which have these ids and generations.
    pub(super) fn begin(&self, destinations: impl Iterator<Item = (i64, i64)>) {
        let mut leases = self.lock();
        for (id, generation) in destinations {
            let lease = leases.entry(id).or_default();
            lease.batches += 1;
            lease.generation = generation;
            lease.is_cut_short = false;
        }
    }

    /// Records that the results of batches are written. Returns whether one of them was cut short.
    pub(super) fn end(&self, destination_ids: impl Iterator<Item = i64>) -> bool {
        let mut leases = self.lock();
        let mut was_cut_short = false;
        for id in destination_ids {
            let Some(lease) = leases.get_mut(&id) else {
                continue;
            };
            was_cut_short |= lease.is_cut_short;
            lease.batches -= 1;
            if lease.batches == 0 {
                leases.remove(&id);
            }
        }
        was_cut_short
    }

    /// Cuts the batch of a destination short if something was enqueued after it was claimed: `generation` is the present
    /// one.
    pub(super) fn cut_short(&self, destination_id: i64, generation: i64) {
        if let Some(lease) = self.lock().get_mut(&destination_id) {
            lease.is_cut_short |= lease.generation < generation;
        }
    }

    /// Returns whether the batch of a destination is to end before its next delivery that is not urgent.
    pub(super) fn is_cut_short(&self, destination_id: i64) -> bool {
        let leases = self.lock();
        leases
            .get(&destination_id)
            .is_some_and(|lease| lease.is_cut_short)
    }

    pub(super) fn all(&self) -> Vec<i64> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Lease>> {
        // No code under the lock can leave the map half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_cut_short_by_what_came_after_it() {
        let in_flight = InFlight::default();
        in_flight.begin([(1, 5), (2, 5)].into_iter());
        in_flight.cut_short(1, 5);
        assert!(!in_flight.is_cut_short(1));
        in_flight.cut_short(1, 6);
        in_flight.cut_short(3, 6);
        assert!(in_flight.is_cut_short(1) && !in_flight.is_cut_short(2));
        assert!(!in_flight.end([2].into_iter()));
        assert!(in_flight.end([1].into_iter()));
        assert!(in_flight.all().is_empty());
    }
}

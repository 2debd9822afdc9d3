//! Collects work that arrives at the same time, so that it is done together.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Work that waits to be done together. Whoever adds the first piece starts the worker that does it, and all that is added
/// meanwhile: there is never more than one worker, and none while there is no work.
#[derive(Debug)]
pub(crate) struct Batches<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    waiting: Vec<T>,
    has_worker: bool,
}

impl<T> Default for Batches<T> {
    fn default() -> Self {
        Batches {
            state: Mutex::new(State {
                waiting: Vec::new(),
                has_worker: false,
            }),
        }
    }
}

impl<T> Batches<T> {
    /// Adds a piece of work. Returns true if the caller must start the worker.
    #[must_use]
    pub(crate) fn add(&self, work: T) -> bool {
        let mut state = self.state();
        state.waiting.push(work);
        !std::mem::replace(&mut state.has_worker, true)
    }

    /// Returns whether there is work for the worker. If not, the worker has ended.
    #[must_use]
    pub(crate) fn has_work(&self) -> bool {
        let mut state = self.state();
        state.has_worker = !state.waiting.is_empty();
        state.has_worker
    }

    /// Takes up to `limit` pieces, the oldest first. Only the worker may call it.
    pub(crate) fn take(&self, limit: usize) -> Vec<T> {
        let waiting = &mut self.state().waiting;
        let number = waiting.len().min(limit);
        waiting.drain(..number).collect()
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No code under the lock can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_taken_in_order_by_one_worker() {
        let batches = Batches::default();
        assert!(batches.add(1), "the first starts the worker");
        assert!(!batches.add(2) && !batches.add(3));
        assert_eq!(batches.take(2), [1, 2]);
        assert!(!batches.add(4), "the worker goes on");
        assert!(batches.has_work());
        assert_eq!(batches.take(2), [3, 4]);
        assert!(!batches.has_work());
        assert!(batches.add(5), "the worker has ended");
    }
}

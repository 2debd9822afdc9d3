//! Concurrency: how many turns are under way, for one host and in all, and where the slow ones step aside.

use moka::sync::Cache;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns for one host at once.
const PER_HOST: usize = 2;
/// Turns that wait for their host at once, holding no slot.
const MAX_QUEUED: usize = 1024;
/// A turn that takes longer steps aside.
const SLOW_AFTER: Duration = Duration::from_secs(2);

pub(super) struct Concurrency {
    active: Arc<Semaphore>,
    /// As many again, for those that take long.
    slow: Semaphore,
    queue: Arc<Semaphore>,
    hosts: Cache<String, Arc<Semaphore>>,
}

/// The right to begin a turn.
pub(super) type Permit = OwnedSemaphorePermit;

/// Where a claimed destination's turn begins.
pub(super) enum Start {
    /// At once.
    Now(OwnedSemaphorePermit),
    /// When its host has a slot.
    Queued(OwnedSemaphorePermit),
    /// Full: too many wait for their hosts.
    Full,
}

impl Concurrency {
    pub fn new(concurrency: usize) -> Self {
        let count = concurrency.max(1);
        Concurrency {
            active: Arc::new(Semaphore::new(count)),
            slow: Semaphore::new(count),
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
            hosts: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(Duration::from_secs(600))
                .build(),
        }
    }

    /// Waits for a slot, and takes more as far as there are; at most `most`.
    pub async fn acquire_up_to(&self, most: usize) -> Vec<Permit> {
        // The semaphores are never closed.
        let first = self.active.clone().acquire_owned().await;
        let mut permits: Vec<Permit> = first.into_iter().collect();
        while permits.len() < most
            && let Ok(permit) = self.active.clone().try_acquire_owned()
        {
            permits.push(permit);
        }
        permits
    }

    /// Where a turn with this host begins.
    pub fn start(&self, host: &str) -> Start {
        if let Ok(permit) = self.host(host).try_acquire_owned() {
            return Start::Now(permit);
        }
        match self.queue.clone().try_acquire_owned() {
            Ok(permit) => Start::Queued(permit),
            Err(_) => Start::Full,
        }
    }

    /// Waits for a slot of the host, then for one of all.
    pub async fn acquire(&self, host: &str) -> Option<(OwnedSemaphorePermit, Permit)> {
        let of_host = self.host(host).acquire_owned().await.ok()?;
        let permit = self.active.clone().acquire_owned().await.ok()?;
        Some((of_host, permit))
    }

    /// Runs a turn in its slot; one that takes long gives the slot to others and goes on aside.
    pub async fn run(&self, permit: Permit, batch: impl Future<Output = ()>) {
        tokio::pin!(batch);
        if tokio::time::timeout(SLOW_AFTER, &mut batch).await.is_ok() {
            return;
        }
        tokio::select! {
            () = &mut batch => {}
            _slow = self.slow.acquire() => {
                drop(permit);
                batch.await;
            }
        }
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        self.hosts
            .get_with(host.to_owned(), || Arc::new(Semaphore::new(PER_HOST)))
    }
}

//! Limits how many batches run at once: in all and for each host. Slow batches move to permits of their own.

use moka::sync::Cache;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The maximum number of concurrent batches for one host.
const PER_HOST: usize = 2;
/// The maximum number of batches with urgent deliveries that run beside all others.
const URGENT: usize = 16;
/// The maximum number of batches that wait for their host without a permit.
const MAX_QUEUED: usize = 1024;
/// The time after which a batch counts as slow.
const SLOW_AFTER: Duration = Duration::from_secs(2);

/// The permits of running and waiting batches.
pub(super) struct Concurrency {
    active: Arc<Semaphore>,
    urgent: Arc<Semaphore>,
    /// As many permits again for slow batches.
    slow: Semaphore,
    queue: Arc<Semaphore>,
    hosts: Cache<String, Arc<Semaphore>>,
}

/// The permit to run a batch.
pub(super) type Permit = OwnedSemaphorePermit;

/// When a claimed destination's batch starts.
pub(super) enum Start {
    /// Now: its host has a permit.
    Now(OwnedSemaphorePermit),
    /// Later, when its host has a permit.
    Queued(OwnedSemaphorePermit),
    /// Not at all: too many batches wait for their hosts.
    Full,
}

impl Concurrency {
    pub(super) fn new(concurrency: usize) -> Self {
        let count = concurrency.max(1);
        Concurrency {
            active: Arc::new(Semaphore::new(count)),
            urgent: Arc::new(Semaphore::new(URGENT)),
            slow: Semaphore::new(count),
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
            hosts: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(Duration::from_secs(600))
                .build(),
        }
    }

    /// Waits for a permit, and takes further free permits, up to `most`.
    pub(super) async fn acquire_up_to(&self, most: usize) -> Vec<Permit> {
        acquire_up_to(&self.active, most).await
    }

    /// Waits for a permit for urgent deliveries, and takes further ones that are free.
    pub(super) async fn acquire_urgent(&self) -> Vec<Permit> {
        acquire_up_to(&self.urgent, URGENT).await
    }

    /// Returns when a batch for this host starts.
    pub(super) fn start(&self, host: &str) -> Start {
        if let Ok(permit) = self.host(host).try_acquire_owned() {
            return Start::Now(permit);
        }
        match self.queue.clone().try_acquire_owned() {
            Ok(permit) => Start::Queued(permit),
            Err(_) => Start::Full,
        }
    }

    /// Waits for a permit of the host, then for a general one.
    pub(super) async fn acquire(&self, host: &str) -> Option<(OwnedSemaphorePermit, Permit)> {
        let of_host = self.host(host).acquire_owned().await.ok()?;
        let permit = self.active.clone().acquire_owned().await.ok()?;
        Some((of_host, permit))
    }

    /// Runs a batch with its permit. A slow batch releases the permit once it gets one for slow batches.
    pub(super) async fn run(&self, permit: Permit, batch: impl Future<Output = ()>) {
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

async fn acquire_up_to(permits: &Arc<Semaphore>, most: usize) -> Vec<Permit> {
    // The semaphores are never closed.
    let first = permits.clone().acquire_owned().await;
    let mut acquired: Vec<Permit> = first.into_iter().collect();
    while acquired.len() < most
        && let Ok(permit) = permits.clone().try_acquire_owned()
    {
        acquired.push(permit);
    }
    acquired
}

//! Slots: how many turns are under way, for one host and in all, and where the slow ones step aside.

use moka::sync::Cache;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns for one host at once.
const PER_HOST: usize = 2;
/// Turns that wait for their host at once, holding no slot.
const PARKING: usize = 1024;
/// A turn that takes longer steps aside.
const QUICK: Duration = Duration::from_secs(2);

pub(super) struct Slots {
    quick: Arc<Semaphore>,
    /// As many again, for those that take long.
    aside: Semaphore,
    parking: Arc<Semaphore>,
    hosts: Cache<String, Arc<Semaphore>>,
}

/// The right to begin a turn.
pub(super) type Slot = OwnedSemaphorePermit;

/// Where a claimed destination's turn begins.
pub(super) enum Start {
    /// At once.
    Now(OwnedSemaphorePermit),
    /// When its host has a slot.
    Parked(OwnedSemaphorePermit),
    /// Nowhere: too many wait for their hosts.
    Nowhere,
}

impl Slots {
    pub fn new(concurrency: usize) -> Self {
        let count = concurrency.max(1);
        Slots {
            quick: Arc::new(Semaphore::new(count)),
            aside: Semaphore::new(count),
            parking: Arc::new(Semaphore::new(PARKING)),
            hosts: Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(Duration::from_secs(600))
                .build(),
        }
    }

    /// Waits for a slot, and takes more as far as there are; at most `most`.
    pub async fn take(&self, most: usize) -> Vec<Slot> {
        // The semaphores are never closed.
        let first = self.quick.clone().acquire_owned().await;
        let mut slots: Vec<Slot> = first.into_iter().collect();
        while slots.len() < most
            && let Ok(permit) = self.quick.clone().try_acquire_owned()
        {
            slots.push(permit);
        }
        slots
    }

    /// Where a turn with this host begins.
    pub fn start(&self, host: &str) -> Start {
        if let Ok(permit) = self.host(host).try_acquire_owned() {
            return Start::Now(permit);
        }
        match self.parking.clone().try_acquire_owned() {
            Ok(permit) => Start::Parked(permit),
            Err(_) => Start::Nowhere,
        }
    }

    /// Waits for a slot of the host, then for one of all.
    pub async fn wait_for(&self, host: &str) -> Option<(OwnedSemaphorePermit, Slot)> {
        let of_host = self.host(host).acquire_owned().await.ok()?;
        let slot = self.quick.clone().acquire_owned().await.ok()?;
        Some((of_host, slot))
    }

    /// Runs a turn in its slot; one that takes long gives the slot to others and goes on aside.
    pub async fn run(&self, slot: Slot, turn: impl Future<Output = ()>) {
        tokio::pin!(turn);
        if tokio::time::timeout(QUICK, &mut turn).await.is_ok() {
            return;
        }
        tokio::select! {
            () = &mut turn => {}
            _aside = self.aside.acquire() => {
                drop(slot);
                turn.await;
            }
        }
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        self.hosts
            .get_with(host.to_owned(), || Arc::new(Semaphore::new(PER_HOST)))
    }
}

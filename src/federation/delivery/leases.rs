//! Leases of destinations: a worker renews its own, and releases those of workers that have ended.

use super::Worker;
use crate::{
    node::Node,
    store::{self, StoreError, WorkerLock},
};
use std::time::Duration;
use tokio::time::Instant;

/// The length of a lease, in milliseconds. Another worker may take the destination after it, or as soon as it finds that
/// this worker has ended.
pub(super) const LEASE: i64 = 60 * 1000;
/// How often leases are renewed, and how often other workers are checked.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(15);
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// After the database was lost, all workers take their locks again. None concludes from a missing lock that another has
/// ended before they had the time for it.
const RETURN_TIME: Duration = Duration::from_secs(10);

/// Keeps this worker's lock and leases, and takes over from workers that have ended. Never returns.
pub(super) async fn keep(node: Node, mut place: WorkerLock) {
    let mut look = tokio::time::interval(CHECK_INTERVAL);
    let mut renewed = Instant::now();
    let mut returned = None;
    loop {
        look.tick().await;
        if let Err(error) = take_over(&node, &mut place, &mut returned).await {
            tracing::warn!(%error, "other workers could not be checked");
        }
        if renewed.elapsed() < RENEWAL_INTERVAL {
            continue;
        }
        match renew(&node, &place.name()).await {
            Ok(()) => renewed = Instant::now(),
            Err(error) => {
                tracing::warn!(%error, "the leases of destinations could not be renewed");
            }
        }
    }
}

async fn take_over(
    node: &Node,
    place: &mut WorkerLock,
    returned: &mut Option<Instant>,
) -> Result<(), StoreError> {
    if place.hold().await? {
        *returned = Some(Instant::now());
        // Another worker may have concluded that this one has ended.
        let mut tx = node.store.begin().await?;
        tx.add_worker(&place.name()).await?;
        tx.commit().await?;
    }
    if returned.is_some_and(|since| since.elapsed() < RETURN_TIME) {
        return Ok(());
    }
    let lost = node.store.read().await?.lost_workers().await?;
    for name in lost.into_iter().filter(|name| *name != place.name()) {
        dismiss(node, &name).await?;
        tracing::warn!(
            worker = name,
            "a worker has ended, so its deliveries continue here"
        );
        node.store.wake();
    }
    Ok(())
}

async fn renew(node: &Node, owner: &str) -> Result<(), StoreError> {
    let mut tx = node.store.begin().await?;
    tx.renew_leases(owner, store::now() + LEASE).await?;
    tx.commit().await
}

/// Releases the leases that this worker holds in the database without knowing of them, after a claim whose result was
/// lost. Nobody else would work on these destinations.
pub(super) async fn release_unknown(worker: &Worker) -> Result<(), StoreError> {
    let mut tx = worker.node.store.begin().await?;
    tx.release_leases_except(&worker.owner, &worker.in_flight.all())
        .await?;
    tx.commit().await
}

/// Releases all leases of a worker that ends.
pub(super) async fn release_all(node: &Node, owner: &str) {
    if let Err(error) = dismiss(node, owner).await {
        tracing::warn!(%error, "the leases could not be released, so they will expire");
    }
}

async fn dismiss(node: &Node, name: &str) -> Result<(), StoreError> {
    let mut tx = node.store.begin().await?;
    tx.remove_worker(name).await?;
    tx.commit().await
}

//! Leases: a living worker keeps its own, and gives others those of a worker that is gone.

use super::Worker;
use crate::{
    node::Node,
    store::{self, StoreError, WorkerLock},
};
use std::time::Duration;

/// How long a destination is ours before another worker may take it, in milliseconds, should nobody find
/// out earlier that this worker is gone.
pub(super) const LEASE: i64 = 60 * 1000;
/// How often leases are renewed, and how often the others are looked after.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(15);
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Says again and again that this worker lives, and takes over from those that don't.
pub(super) async fn keep(node: Node, mut place: WorkerLock) {
    let mut look = tokio::time::interval(CHECK_INTERVAL);
    let mut renewed = tokio::time::Instant::now();
    loop {
        look.tick().await;
        if let Err(error) = take_over(&node, &mut place).await {
            tracing::warn!(%error, "other workers can't be seen");
        }
        if renewed.elapsed() < RENEWAL_INTERVAL {
            continue;
        }
        match renew(&node, &place.name()).await {
            Ok(()) => renewed = tokio::time::Instant::now(),
            Err(error) => {
                tracing::warn!(%error, "the leases of destinations could not be renewed");
            }
        }
    }
}

async fn take_over(node: &Node, place: &mut WorkerLock) -> Result<(), StoreError> {
    place.hold().await?;
    let lost = node.store.read().await?.lost_workers().await?;
    for name in lost.into_iter().filter(|name| *name != place.name()) {
        dismiss(node, &name).await?;
        tracing::warn!(worker = name, "a worker is gone; its deliveries go on here");
        node.store.wake();
    }
    Ok(())
}

async fn renew(node: &Node, owner: &str) -> Result<(), StoreError> {
    let mut tx = node.store.begin().await?;
    tx.renew_leases(owner, store::now() + LEASE).await?;
    tx.commit().await
}

/// A claim of which we did not hear, or that came to nothing, may stand in the database: nobody else would
/// work on it.
pub(super) async fn release_unknown(worker: &Worker) -> Result<(), StoreError> {
    let mut tx = worker.node.store.begin().await?;
    tx.release_leases_except(&worker.owner, &worker.in_flight.all())
        .await?;
    tx.commit().await
}

/// This worker has ended.
pub(super) async fn release_all(node: &Node, owner: &str) {
    if let Err(error) = dismiss(node, owner).await {
        tracing::warn!(%error, "the last leases could not be given back; they will expire");
    }
}

async fn dismiss(node: &Node, name: &str) -> Result<(), StoreError> {
    let mut tx = node.store.begin().await?;
    tx.remove_worker(name).await?;
    tx.commit().await
}

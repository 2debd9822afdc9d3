//! Claims the destinations of urgent deliveries beside all others: they need no permit of a fan-out, and the batches of
//! their destinations end early for them.

use super::{
    Worker,
    claim::{Which, claim_with},
};
use crate::{
    base::wait::WakeUp,
    node::NodeError,
    store::{self, StoreError, UrgentDestination},
};
use std::{sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;

/// The longest sleep, in case a wake-up is missed. All deliveries are also claimed without this task.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// The maximum number of destinations that are looked at together.
const MAX_SEEN: i64 = 256;

/// Claims urgent deliveries until the worker stops.
pub(super) async fn run(worker: Arc<Worker>, batches: TaskTracker) {
    while !worker.stop.is_cancelled() {
        let wake_up = WakeUp::listen(worker.node.store.woken());
        match claim(&worker, &batches).await {
            Ok(0) => wake_up.wait(LONGEST_SLEEP, &worker.stop).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "urgent deliveries could not be claimed, retrying");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Claims what nobody has leased, and cuts short the batches that this worker sends to the others. Returns the number of
/// claimed destinations.
async fn claim(worker: &Arc<Worker>, batches: &TaskTracker) -> Result<usize, NodeError> {
    let found = find(worker).await?;
    let (free, leased): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.is_free);
    for destination in leased {
        let UrgentDestination { id, generation, .. } = destination;
        worker.in_flight.cut_short(id, generation);
    }
    if free.is_empty() {
        return Ok(0);
    }
    tokio::select! {
        permits = worker.concurrency.acquire_urgent() => {
            claim_with(worker, batches, permits, Which::Urgent).await
        }
        () = worker.stop.cancelled() => Ok(0),
    }
}

async fn find(worker: &Worker) -> Result<Vec<UrgentDestination>, StoreError> {
    let mut conn = worker.node.store.read().await?;
    conn.urgent_destinations(&worker.owner, MAX_SEEN, store::now())
        .await
}

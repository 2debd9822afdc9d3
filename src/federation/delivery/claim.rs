//! Claims due destinations, as many as concurrency permits, and starts a batch for each.

use super::{Worker, batch::Batch, concurrency::Start, followers_digest, leases::LEASE};
use crate::{
    node::{NodeError, local_actors::LocalActor},
    store::{self, BatchResult, Destination, DestinationHealth, DueDelivery},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio_util::task::TaskTracker;

/// The maximum size of a batch: a slow server releases its permit after so many deliveries.
const BATCH: i64 = 8;
/// The maximum number of destinations that are claimed together.
const MAX_CLAIMED: usize = 128;
/// How long a destination is postponed if too many others wait for their hosts, in milliseconds.
const CROWDED_PAUSE: i64 = 1000;

/// Claims as many due destinations as there are permits, and starts their batches. Returns the number of destinations.
pub(super) async fn claim(worker: &Arc<Worker>, batches: &TaskTracker) -> Result<usize, NodeError> {
    // The permit comes before the lease, so that no destination is leased whose batch can't start.
    let permits = worker.concurrency.acquire_up_to(MAX_CLAIMED).await;
    let mut tx = worker.node.store.begin().await?;
    let claimed = tx
        .claim_destinations(&worker.owner, store::now() + LEASE, permits.len() as i64)
        .await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    tx.commit().await?;
    let count = claimed.len();
    let ready = load_batches(worker, claimed).await?;
    let ids = ready.iter().map(|batch| batch.destination.id);
    worker.in_flight.begin(ids);
    for (batch, permit) in ready.into_iter().zip(permits) {
        match worker.concurrency.start(&batch.destination.host) {
            Start::Now(of_host) => batches.spawn(async move {
                let worker = batch.worker.clone();
                worker.concurrency.run(permit, batch.run()).await;
                drop(of_host);
            }),
            Start::Queued(queued) => batches.spawn(async move {
                let worker = batch.worker.clone();
                drop(permit);
                let acquired = worker.concurrency.acquire(&batch.destination.host).await;
                drop(queued);
                if let Some((of_host, permit)) = acquired {
                    worker.concurrency.run(permit, batch.run()).await;
                    drop(of_host);
                }
            }),
            Start::Full => batches.spawn(postpone(batch)),
        };
    }
    Ok(count)
}

/// Loads the batches of these destinations.
async fn load_batches(
    worker: &Arc<Worker>,
    claimed: Vec<Destination>,
) -> Result<Vec<Batch>, NodeError> {
    let ids: Vec<i64> = claimed.iter().map(|destination| destination.id).collect();
    let mut waiting = waiting(worker, &ids, store::now()).await?;
    let idle: Vec<i64> = ids
        .into_iter()
        .filter(|id| !waiting.contains_key(id))
        .collect();
    if !idle.is_empty() {
        // The destination is due: if nothing else waits, its deferred deliveries are attempted.
        waiting.extend(self::waiting(worker, &idle, i64::MAX).await?);
    }
    let senders = Arc::new(senders(worker, &waiting).await?);
    let mut digests = followers_digest::digests(worker, &claimed, &waiting).await?;
    let batches = claimed.into_iter().map(|destination| Batch {
        worker: worker.clone(),
        deliveries: waiting.remove(&destination.id).unwrap_or_default(),
        digests: digests.remove(&destination.id).unwrap_or_default(),
        senders: senders.clone(),
        handovers: HashMap::new(),
        destination,
    });
    Ok(batches.collect())
}

/// Returns the deliveries that wait for these destinations and are due by `now`, grouped by destination.
async fn waiting(
    worker: &Worker,
    ids: &[i64],
    now: i64,
) -> Result<HashMap<i64, Vec<DueDelivery>>, NodeError> {
    let mut conn = worker.node.store.read().await?;
    let mut waiting: HashMap<i64, Vec<DueDelivery>> = HashMap::new();
    for delivery in conn.waiting_deliveries(ids, BATCH, now).await? {
        waiting
            .entry(delivery.destination_id)
            .or_default()
            .push(delivery);
    }
    Ok(waiting)
}

/// Returns the senders of these activities, with their current keys.
async fn senders(
    worker: &Worker,
    waiting: &HashMap<i64, Vec<DueDelivery>>,
) -> Result<HashMap<i64, Arc<LocalActor>>, NodeError> {
    let activities: BTreeSet<i64> = waiting
        .values()
        .flatten()
        .map(|delivery| delivery.activity_id)
        .collect();
    let node = &worker.node;
    let mut ids = BTreeSet::new();
    for activity in activities {
        let prepared = worker.activities.get(node, activity).await?;
        ids.extend(prepared.map(|prepared| prepared.sender.row.id));
    }
    let mut senders = HashMap::new();
    for id in ids {
        senders.insert(id, node.local_actors.by_id(&node.store, id).await?);
    }
    Ok(senders)
}

async fn postpone(batch: Batch) {
    batch
        .worker
        .result_writer
        .record(BatchResult {
            destination_id: batch.destination.id,
            generation: batch.destination.generation,
            delivered: Vec::new(),
            refused: Vec::new(),
            deferred: Vec::new(),
            handovers: Vec::new(),
            verdict: DestinationHealth::Postponed {
                wait: CROWDED_PAUSE,
            },
        })
        .await;
}

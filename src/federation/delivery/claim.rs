//! Claims due destinations, as many as concurrency permits, and starts a batch for each.

use super::{
    Worker,
    activity_cache::PreparedActivity,
    batch::Batch,
    concurrency::{Permit, Start},
    followers_digest,
    leases::LEASE,
};
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
    claim_with(worker, batches, permits, Which::All).await
}

/// Which deliveries are claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Urgent,
}

/// Claims as many due destinations as there are permits, and starts a batch for each. Returns the number of destinations.
pub(super) async fn claim_with(
    worker: &Arc<Worker>,
    batches: &TaskTracker,
    permits: Vec<Permit>,
    which: Which,
) -> Result<usize, NodeError> {
    let lowest = i64::from(which == Which::Urgent);
    let most = permits.len() as i64;
    let mut tx = worker.node.store.begin_batch().await?;
    let claimed = tx
        .claim_destinations(&worker.owner, store::now() + LEASE, lowest, most)
        .await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    tx.commit().await?;
    let count = claimed.len();
    let ready = load_batches(worker, claimed, which).await?;
    let leased = ready.iter().map(|batch| &batch.destination);
    worker
        .in_flight
        .begin(leased.map(|it| (it.id, it.generation)));
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
    which: Which,
) -> Result<Vec<Batch>, NodeError> {
    let mut waiting = urgent(worker, &claimed).await?;
    let ids = claimed.iter().map(|destination| destination.id);
    // Beside a batch of urgent deliveries, the others of its destination wait for the next batch.
    let ids: Vec<i64> = ids
        .filter(|id| which == Which::All || !waiting.contains_key(id))
        .collect();
    for (id, others) in self::waiting(worker, &ids, store::now()).await? {
        append(waiting.entry(id).or_default(), others);
    }
    let idle: Vec<i64> = ids
        .into_iter()
        .filter(|id| !waiting.contains_key(id))
        .collect();
    // The destination is due: if nothing else waits, its deferred deliveries are attempted.
    waiting.extend(self::waiting(worker, &idle, i64::MAX).await?);
    let deliveries = waiting.values().flatten();
    let ids = deliveries.map(|delivery| delivery.activity_id).collect();
    let activities = worker.activities.load(&worker.node, ids).await?;
    let senders = Arc::new(senders(worker, &activities).await?);
    let mut digests = followers_digest::digests(worker, &claimed, &activities).await?;
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

/// Returns the urgent deliveries of these destinations, grouped by destination.
async fn urgent(
    worker: &Worker,
    claimed: &[Destination],
) -> Result<HashMap<i64, Vec<DueDelivery>>, NodeError> {
    let ids = claimed.iter().filter(|it| it.priority > 0).map(|it| it.id);
    let ids: Vec<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut conn = worker.node.store.read().await?;
    let urgent = conn.urgent_deliveries(&ids, BATCH, store::now()).await?;
    Ok(by_destination(urgent))
}

/// Appends the deliveries that are not among the first ones, up to the size of a batch.
fn append(batch: &mut Vec<DueDelivery>, others: Vec<DueDelivery>) {
    let first: BTreeSet<i64> = batch.iter().map(|delivery| delivery.id).collect();
    let rest = others
        .into_iter()
        .filter(|other| !first.contains(&other.id));
    batch.extend(rest);
    batch.truncate(BATCH as usize);
}

fn by_destination(deliveries: Vec<DueDelivery>) -> HashMap<i64, Vec<DueDelivery>> {
    let mut grouped: HashMap<i64, Vec<DueDelivery>> = HashMap::new();
    for delivery in deliveries {
        let destination = grouped.entry(delivery.destination_id).or_default();
        destination.push(delivery);
    }
    grouped
}

/// Returns the deliveries that wait for these destinations and are due by `now`, grouped by destination.
async fn waiting(
    worker: &Worker,
    ids: &[i64],
    now: i64,
) -> Result<HashMap<i64, Vec<DueDelivery>>, NodeError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut conn = worker.node.store.read().await?;
    let waiting = conn.waiting_deliveries(ids, BATCH, now).await?;
    Ok(by_destination(waiting))
}

/// Returns the senders of these activities, with their current keys.
async fn senders(
    worker: &Worker,
    activities: &[Arc<PreparedActivity>],
) -> Result<HashMap<i64, Arc<LocalActor>>, NodeError> {
    let node = &worker.node;
    let ids: BTreeSet<i64> = activities.iter().map(|it| it.sender.row.id).collect();
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

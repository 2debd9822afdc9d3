//! Claiming: due destinations are leased, as many as there are slots, and get their turns.

use super::{Worker, batch::Turn, concurrency::Start, followers_digest, leases::LEASE};
use crate::{
    node::{NodeError, local_actors::LocalActor},
    store::{self, BatchResult, Destination, DestinationHealth, DueDelivery},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio_util::task::TaskTracker;

/// Deliveries of one turn: a slow server gives its slot back after so many.
const TURN: i64 = 8;
/// Destinations claimed at once.
const CLAIM: usize = 128;
/// How long a destination waits whose host has too many others waiting, in milliseconds.
const CROWDED: i64 = 1000;

/// Claims as many due destinations as there are slots, and starts their turns; how many.
pub(super) async fn claim(worker: &Arc<Worker>, turns: &TaskTracker) -> Result<usize, NodeError> {
    // Waits for a slot here, so that nothing is leased that can't begin.
    let slots = worker.slots.take(CLAIM).await;
    let mut tx = worker.node.store.begin().await?;
    let claimed = tx
        .claim_destinations(&worker.owner, store::now() + LEASE, slots.len() as i64)
        .await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    tx.commit().await?;
    let count = claimed.len();
    let ready = make_ready(worker, claimed).await?;
    let ids = ready.iter().map(|turn| turn.destination.id);
    worker.under_way.begin(ids);
    for (turn, slot) in ready.into_iter().zip(slots) {
        match worker.slots.start(&turn.destination.host) {
            Start::Now(of_host) => turns.spawn(async move {
                let worker = turn.worker.clone();
                worker.slots.run(slot, turn.take()).await;
                drop(of_host);
            }),
            Start::Parked(parking) => turns.spawn(async move {
                let worker = turn.worker.clone();
                drop(slot);
                let place = worker.slots.wait_for(&turn.destination.host).await;
                drop(parking);
                if let Some((of_host, slot)) = place {
                    worker.slots.run(slot, turn.take()).await;
                    drop(of_host);
                }
            }),
            Start::Nowhere => turns.spawn(postpone(turn)),
        };
    }
    Ok(count)
}

/// The turns of these destinations, with what they have to send.
async fn make_ready(
    worker: &Arc<Worker>,
    claimed: Vec<Destination>,
) -> Result<Vec<Turn>, NodeError> {
    let ids: Vec<i64> = claimed.iter().map(|destination| destination.id).collect();
    let mut waiting = waiting(worker, &ids, store::now()).await?;
    let idle: Vec<i64> = ids
        .into_iter()
        .filter(|id| !waiting.contains_key(id))
        .collect();
    if !idle.is_empty() {
        // The destination's clock decides: if nothing else waits, deferred deliveries are tried.
        waiting.extend(self::waiting(worker, &idle, i64::MAX).await?);
    }
    let senders = Arc::new(senders(worker, &waiting).await?);
    let mut digests = followers_digest::digests(worker, &claimed, &waiting).await?;
    let turns = claimed.into_iter().map(|destination| Turn {
        worker: worker.clone(),
        deliveries: waiting.remove(&destination.id).unwrap_or_default(),
        digests: digests.remove(&destination.id).unwrap_or_default(),
        senders: senders.clone(),
        handovers: HashMap::new(),
        destination,
    });
    Ok(turns.collect())
}

/// Returns the deliveries that wait for these destinations and are due by `now`, grouped by destination.
async fn waiting(
    worker: &Worker,
    ids: &[i64],
    now: i64,
) -> Result<HashMap<i64, Vec<DueDelivery>>, NodeError> {
    let mut conn = worker.node.store.read().await?;
    let mut waiting: HashMap<i64, Vec<DueDelivery>> = HashMap::new();
    for delivery in conn.waiting_deliveries(ids, TURN, now).await? {
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
        let prepared = worker.outgoing.get(node, activity).await?;
        ids.extend(prepared.map(|prepared| prepared.sender.row.id));
    }
    let mut senders = HashMap::new();
    for id in ids {
        senders.insert(id, node.local_actors.by_id(&node.store, id).await?);
    }
    Ok(senders)
}

async fn postpone(turn: Turn) {
    turn.worker
        .settler
        .settle(BatchResult {
            destination_id: turn.destination.id,
            generation: turn.destination.generation,
            delivered: Vec::new(),
            refused: Vec::new(),
            deferred: Vec::new(),
            handovers: Vec::new(),
            verdict: DestinationHealth::Postponed { wait: CROWDED },
        })
        .await;
}

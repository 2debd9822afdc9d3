//! Deliveries: what waits for each destination is sent in order, by many destinations at once.
//!
//! A worker leases destinations, gives each a turn of a few deliveries over kept-alive connections,
//! and settles the turns in batches. Leases expire, so that a killed worker's destinations are taken
//! over; what it had sent and not settled is sent again, under the same id.

mod answer;
mod outgoing;
mod settler;
mod turn;

pub use answer::Schedule;

use super::{Node, NodeError, fetch};
use crate::store;
use outgoing::Outgoing;
use settler::Settler;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use turn::Turn;

/// How long a destination is ours before another worker may take it, in milliseconds, and how often that
/// is renewed: a killed worker's destinations are free after the first, a living one's never.
const LEASE: i64 = 60 * 1000;
const RENEWAL: Duration = Duration::from_secs(15);
/// Deliveries of one turn: a slow server gives its slot back after so many.
const TURN: i64 = 8;
/// Destinations claimed at once.
const CLAIM: usize = 128;
/// After the node was told to stop: how long what is under way may take, and how long it takes to write
/// down what became of it. Together less than the ten seconds that service managers wait.
const GRACE: Duration = Duration::from_secs(7);
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Longest sleep between two looks, should a signal be missed.
const PATIENCE: Duration = Duration::from_secs(15);

/// Everything a turn needs.
struct Worker {
    node: Node,
    client: reqwest::Client,
    outgoing: Outgoing,
    settler: Settler,
    schedule: Schedule,
    hosts: turn::HostSlots,
    /// No new delivery is begun.
    stop: CancellationToken,
    /// Deliveries under way are given up.
    abandon: CancellationToken,
}

/// Delivers until `stop`, then lets what is under way finish, for a few seconds, and gives all leases back.
pub async fn run(node: Node, stop: CancellationToken) -> Result<(), NodeError> {
    let client = fetch::guarded_client(&node.config, node.config.delivery.timeout())?;
    let slots = Arc::new(Semaphore::new(node.config.delivery.concurrency.max(1)));
    let owner = store::new_uid();
    let (settler, settling) = Settler::start(node.clone(), owner.clone());
    let turns = TaskTracker::new();
    let worker = Arc::new(Worker {
        client,
        outgoing: Outgoing::default(),
        settler,
        schedule: Schedule::new(&node.config.delivery),
        hosts: turn::HostSlots::default(),
        stop: stop.clone(),
        abandon: CancellationToken::new(),
        node,
    });
    if worker.node.store.is_sqlite() {
        release_leases(&worker.node).await;
    }
    let renewing = tokio::spawn(renew_leases(worker.node.clone(), owner.clone()));
    while !stop.is_cancelled() {
        let wake = worker.node.store.woken();
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match claim(&worker, &owner, &slots, &turns).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "deliveries could not be claimed, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        }
        let sleep = until_next(&worker.node).await;
        tokio::select! {
            () = &mut woken => {}
            () = worker.settler.settled() => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
    turns.close();
    if tokio::time::timeout(GRACE, turns.wait()).await.is_err() {
        tracing::warn!("some deliveries did not finish in time; they will be sent again");
        worker.abandon.cancel();
    }
    // The last turns are written down and their leases given back.
    let last_words = async {
        turns.wait().await;
        drop(worker);
        let _ = settling.await;
    };
    let _ = tokio::time::timeout(LAST_WORDS, last_words).await;
    renewing.abort();
    Ok(())
}

/// Says again and again that this worker lives.
async fn renew_leases(node: Node, owner: String) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let renewed = async {
            let mut tx = node.store.begin().await?;
            tx.renew_leases(&owner, store::now() + LEASE).await?;
            tx.commit().await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(%error, "the leases of destinations could not be renewed");
        }
    }
}

/// There is one node on an SQLite database: leases that stand when it starts are those of a killed one.
async fn release_leases(node: &Node) {
    let released = async {
        let mut tx = node.store.begin().await?;
        tx.release_leases().await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        tracing::warn!(%error, "deliveries of an earlier run wait until their leases expire");
    }
}

/// Claims as many due destinations as there are slots, and starts their turns; how many.
async fn claim(
    worker: &Arc<Worker>,
    owner: &str,
    slots: &Arc<Semaphore>,
    turns: &TaskTracker,
) -> Result<usize, NodeError> {
    // Waits for a slot here, so that nothing is leased that can't begin.
    let Ok(first) = slots.clone().acquire_owned().await else {
        return Ok(0);
    };
    let mut permits = vec![first];
    while permits.len() < CLAIM
        && let Ok(permit) = slots.clone().try_acquire_owned()
    {
        permits.push(permit);
    }
    let mut tx = worker.node.store.begin().await?;
    let claimed = tx
        .claim_destinations(owner, store::now() + LEASE, permits.len() as i64)
        .await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    tx.commit().await?;
    let ids: Vec<i64> = claimed.iter().map(|destination| destination.id).collect();
    let mut waiting: HashMap<i64, Vec<store::DueDelivery>> = HashMap::new();
    for delivery in worker
        .node
        .store
        .read()
        .await?
        .waiting_deliveries(&ids, TURN)
        .await?
    {
        waiting
            .entry(delivery.destination_id)
            .or_default()
            .push(delivery);
    }
    let count = claimed.len();
    for (destination, permit) in claimed.into_iter().zip(permits) {
        let deliveries = waiting.remove(&destination.id).unwrap_or_default();
        let turn = Turn {
            worker: worker.clone(),
            destination,
            deliveries,
        };
        turns.spawn(async move {
            turn.take().await;
            drop(permit);
        });
    }
    Ok(count)
}

async fn until_next(node: &Node) -> Duration {
    let next = match node.store.read().await {
        Ok(mut conn) => conn.next_attempt().await.ok().flatten(),
        Err(_) => None,
    };
    match next {
        Some(due) => Duration::from_millis((due - store::now()).max(20) as u64).min(PATIENCE),
        None => PATIENCE,
    }
}

//! Deliveries: what waits for each destination is sent in order, by many destinations at once.
//!
//! A worker leases destinations, gives each a turn of a few deliveries over kept-alive connections,
//! and settles the turns in batches. Leases expire, so that a killed worker's destinations are taken
//! over; what it had sent and not settled is sent again, under the same id.

pub mod batch;
pub mod claim;
pub mod clients;
pub mod clock;
pub mod concurrency;
pub mod followers_digest;
pub mod in_flight;
pub mod leases;
pub mod outcome;
pub mod outgoing;
pub mod result_writer;
pub mod send;
pub mod signers;

pub use outcome::Schedule;

use crate::{
    base::wait::{self, WakeUp},
    node::{Node, NodeError},
    store::{self, WorkerLock},
};
use clients::Clients;
use concurrency::Slots;
use in_flight::UnderWay;
use outgoing::Outgoing;
use result_writer::Settler;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// After the node was told to stop: how long what is under way may take, and how long it takes to write
/// down what became of it. Together less than the ten seconds that service managers wait.
const GRACE: Duration = Duration::from_secs(7);
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Longest sleep between two looks, should a signal be missed.
const PATIENCE: Duration = Duration::from_secs(15);

/// Everything a turn needs.
struct Worker {
    node: Node,
    /// The name that its leases are under.
    owner: String,
    clients: Clients,
    outgoing: Outgoing,
    settler: Settler,
    schedule: Schedule,
    slots: Slots,
    under_way: Arc<UnderWay>,
    /// As many signatures at once as there are processors: more would only take threads.
    signing: Semaphore,
    /// No new delivery is begun.
    stop: CancellationToken,
    /// Deliveries under way are given up.
    abandon: CancellationToken,
}

/// Delivers until `stop`, then lets what is under way finish, for a few seconds, and gives all leases back.
pub async fn run(node: Node, place: WorkerLock, stop: CancellationToken) -> Result<(), NodeError> {
    let clients = Clients::new(&node.config)?;
    let owner = place.name();
    let under_way = Arc::<UnderWay>::default();
    let (settler, settling) = Settler::start(node.clone(), owner.clone(), under_way.clone());
    let turns = TaskTracker::new();
    let worker = Arc::new(Worker {
        clients,
        outgoing: Outgoing::default(),
        settler,
        schedule: Schedule::new(&node.config.delivery),
        slots: Slots::new(node.config.delivery.concurrency),
        under_way,
        owner: owner.clone(),
        signing: Semaphore::new(processors()),
        stop: stop.clone(),
        abandon: CancellationToken::new(),
        node,
    });
    let leases = tokio::spawn(leases::keep(worker.node.clone(), place));
    let clock = tokio::spawn(clock::watch(
        worker.node.clone(),
        worker.schedule.longest_wait(),
    ));
    let mut unsure = false;
    while !stop.is_cancelled() {
        if unsure {
            unsure = leases::give_back_unknown(&worker).await.is_err();
        }
        let wake_up = WakeUp::listen(worker.node.store.woken());
        match claim::claim(&worker, &turns).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "deliveries could not be claimed, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                unsure = true;
                continue;
            }
        }
        let sleep = until_next(&worker.node).await;
        tokio::select! {
            () = wake_up.wait(sleep, &stop) => {}
            () = worker.settler.settled() => {}
        }
    }
    turns.close();
    if tokio::time::timeout(GRACE, turns.wait()).await.is_err() {
        tracing::warn!("some deliveries did not finish in time; they will be sent again");
        worker.abandon.cancel();
    }
    // The last turns are written down and their leases given back.
    let node = worker.node.clone();
    let last_words = async move {
        turns.wait().await;
        drop(worker);
        let _ = settling.await;
        leases::give_back(&node, &owner).await;
    };
    let _ = tokio::time::timeout(LAST_WORDS, last_words).await;
    clock.abort();
    leases.abort();
    // Its place is free when it has ended.
    let _ = leases.await;
    Ok(())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

async fn until_next(node: &Node) -> Duration {
    let next = match node.store.read().await {
        Ok(mut conn) => conn.next_attempt().await.ok().flatten(),
        Err(_) => None,
    };
    wait::until(next, store::now(), PATIENCE)
}

//! Delivers activities to remote inboxes: many destinations at once, but each destination's activities in order.
//!
//! A worker leases destinations, sends each a batch of a few deliveries over kept connections, and writes the results of
//! many batches in one transaction. Urgent deliveries, such as an `Accept`, overtake fan-outs. Leases expire, so that other workers take over from a killed one. The activities that
//! it had sent without writing the result are sent again under the same id.

mod activity_cache;
mod batch;
mod claim;
mod clients;
mod clock;
mod concurrency;
mod followers_digest;
mod in_flight;
mod key_choice;
mod leases;
mod outcome;
mod result_writer;
mod send;
mod urgent;

use crate::{
    base::wait::{self, WakeUp},
    node::{Node, NodeError},
    store::{self, WorkerLock},
};
use activity_cache::ActivityCache;
use clients::Clients;
use concurrency::Concurrency;
use in_flight::InFlight;
use outcome::RetrySchedule;
use result_writer::ResultWriter;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// When the node stops: the time for deliveries in flight, and the time to write their results. The sum is less than the
/// ten seconds that service managers wait.
const FINISH_TIMEOUT: Duration = Duration::from_secs(7);
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest sleep, in case a wake-up is missed.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// The shared state of all batches.
struct Worker {
    node: Node,
    /// The name under which it holds leases.
    owner: String,
    clients: Clients,
    activities: ActivityCache,
    result_writer: ResultWriter,
    schedule: RetrySchedule,
    concurrency: Concurrency,
    in_flight: Arc<InFlight>,
    /// Limits concurrent signatures to the number of processors: more would only occupy threads.
    signing: Semaphore,
    /// Cancelled when no new delivery may start.
    stop: CancellationToken,
    /// Cancelled when the deliveries in flight are abandoned.
    abandon: CancellationToken,
}

/// Delivers until `stop`, then finishes the deliveries in flight for a few seconds, and releases all leases.
///
/// # Errors
/// If the HTTP clients can't be built.
pub async fn run(node: Node, place: WorkerLock, stop: CancellationToken) -> Result<(), NodeError> {
    let clients = Clients::new(&node.config)?;
    let owner = place.name();
    let in_flight = Arc::<InFlight>::default();
    let (result_writer, writing) =
        ResultWriter::start(node.clone(), owner.clone(), in_flight.clone());
    let batches = TaskTracker::new();
    let worker = Arc::new(Worker {
        clients,
        activities: ActivityCache::default(),
        result_writer,
        schedule: RetrySchedule::new(&node.config.delivery),
        concurrency: Concurrency::new(node.config.delivery.concurrency),
        in_flight,
        owner: owner.clone(),
        signing: Semaphore::new(processors()),
        stop: stop.clone(),
        abandon: CancellationToken::new(),
        node,
    });
    let leases = tokio::spawn(leases::keep(worker.node.clone(), place));
    let clock = tokio::spawn(clock::watch(
        worker.node.clone(),
        worker.schedule.longest_delay(),
    ));
    let urgent = tokio::spawn(urgent::run(worker.clone(), batches.clone()));
    log_hold(&worker.node).await;
    let mut claim_failed = false;
    while !stop.is_cancelled() {
        if claim_failed {
            claim_failed = leases::release_unknown(&worker).await.is_err();
        }
        let wake_up = WakeUp::listen(worker.node.store.woken());
        match claim::claim(&worker, &batches).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "destinations could not be claimed, retrying");
                tokio::time::sleep(Duration::from_secs(1)).await;
                claim_failed = true;
                continue;
            }
        }
        let sleep = until_next(&worker.node).await;
        tokio::select! {
            () = wake_up.wait(sleep, &stop) => {}
            () = worker.result_writer.written() => {}
        }
    }
    let _ = urgent.await;
    batches.close();
    if tokio::time::timeout(FINISH_TIMEOUT, batches.wait())
        .await
        .is_err()
    {
        tracing::warn!("some deliveries did not finish in time and will be sent again");
        worker.abandon.cancel();
    }
    // Writes the last results and releases the leases.
    let node = worker.node.clone();
    let write_last = async move {
        batches.wait().await;
        drop(worker);
        let _ = writing.await;
        leases::release_all(&node, &owner).await;
    };
    let _ = tokio::time::timeout(WRITE_TIMEOUT, write_last).await;
    clock.abort();
    leases.abort();
    // The worker lock is free once this task has ended.
    let _ = leases.await;
    Ok(())
}

/// Says in the log that nothing is sent, if all deliveries are held.
async fn log_hold(node: &Node) {
    let hold = match node.store.read().await {
        Ok(mut conn) => conn.delivery_hold().await.ok().flatten(),
        Err(_) => None,
    };
    if let Some(hold) = hold {
        tracing::warn!(
            since = %store::moment(hold.since),
            "all deliveries are held: `pamphlet deliveries resume` sends them"
        );
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

async fn until_next(node: &Node) -> Duration {
    let next = match node.store.read().await {
        Ok(mut conn) => conn.next_attempt().await.ok().flatten(),
        Err(_) => None,
    };
    wait::until(next, store::now(), LONGEST_SLEEP)
}

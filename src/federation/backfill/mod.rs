//! Completes conversations (FEP-f228): fetches the missing ancestors of replies, and the replies that other servers have.
//!
//! The inbox queues what to fetch in the transaction of what it received. A loop works the queue off, and retries later if
//! a server is down. `lookup.rs` handles a queued post, `ancestors.rs` fetches a post with its ancestors, `replies.rs` the
//! replies to a comment, and `refresh.rs` a changed comment. `recheck.rs` checks whether stored comments and authors still
//! exist at their origin. `in_flight.rs` limits the tasks per host and domain.

mod ancestors;
mod in_flight;
mod lookup;
mod recheck;
mod refresh;
mod replies;

use crate::{
    base::wait::{self, WakeUp},
    federation::remote::signed_client::federation_config,
    node::{Node, NodeError},
    store::{self, Crawl, Lookup, Recheck, Tx},
};
use activitypub_federation::config::FederationConfig;
use in_flight::{InFlight, OF_DOMAIN, OF_HOST, Reservation};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The maximum number of concurrent tasks.
const MAX_TASKS: usize = 32;
/// The maximum number of these that may be rechecks.
const MAX_RECHECKS: i64 = 4;
/// The maximum time of one task.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The lease of a task, in milliseconds: after it, another node takes over. It is longer than [`TIMEOUT`].
const LEASE: i64 = 2 * 60 * 1000;
/// The longest sleep: a comment whose replies are due causes no wake-up.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);
/// The sleep while all due tasks wait for busy hosts.
const BLOCKED_SLEEP: Duration = Duration::from_millis(200);
/// The wait for a busy host or domain, or for lookups of the same root activity, in milliseconds.
const BUSY_PAUSE: i64 = 2000;
/// How long an unrelated post is remembered.
const UNRELATED_FOR: Duration = Duration::from_secs(3600);

/// The shared state of all tasks.
struct Worker {
    node: Node,
    federation: FederationConfig<Node>,
    /// Posts whose ancestors belong to nothing here, so that a long foreign conversation is fetched only once.
    unrelated_ancestors: Cache<String, ()>,
    /// Listed replies that reply to nothing here.
    unrelated_replies: Cache<String, ()>,
    /// The hosts that are being checked or were checked recently.
    host_pauses: recheck::HostPauses,
    in_flight: Arc<InFlight>,
}

/// A claimed task.
enum Task {
    Lookup(Lookup, Reservation),
    Replies(Crawl, Reservation),
    Recheck(Recheck),
}

/// The result of claiming due tasks.
enum Started {
    /// Nothing is due.
    Nothing,
    /// All due tasks wait for busy hosts.
    Blocked,
    Some,
}

/// Works off the queue until `stop`.
///
/// # Errors
/// If the HTTP client can't be built.
pub async fn run(node: Node, stop: CancellationToken) -> Result<(), NodeError> {
    let worker = Arc::new(Worker {
        federation: federation_config(&node).await?,
        unrelated_ancestors: uri_cache(),
        unrelated_replies: uri_cache(),
        host_pauses: recheck::HostPauses::default(),
        in_flight: Arc::default(),
        node,
    });
    let permits = Arc::new(Semaphore::new(MAX_TASKS));
    let tasks = TaskTracker::new();
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(worker.node.store.woken());
        let sleep = match start_due(&worker, &permits, &tasks, &stop).await {
            Ok(Started::Nothing) => until_next(&worker.node).await,
            Ok(Started::Blocked) => BLOCKED_SLEEP,
            Ok(Started::Some) => continue,
            Err(error) => {
                tracing::warn!(%error, "backfill tasks could not be claimed, retrying");
                Duration::from_secs(1)
            }
        };
        wake_up.wait(sleep, &stop).await;
    }
    tasks.close();
    tasks.wait().await;
    Ok(())
}

fn uri_cache() -> Cache<String, ()> {
    Cache::builder()
        .max_capacity(50_000)
        .time_to_live(UNRELATED_FOR)
        .build()
}

/// Starts as many due tasks as there are permits.
async fn start_due(
    worker: &Arc<Worker>,
    permits: &Arc<Semaphore>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Started, NodeError> {
    let with_rechecks = worker.node.config.conversations.recheck;
    let mut conn = worker.node.store.read().await?;
    let next = conn.next_backfill_due(with_rechecks).await?;
    drop(conn);
    if next.is_none_or(|due| due > store::now()) {
        return Ok(Started::Nothing);
    }
    let Some(permits) = free_permits(permits, stop).await else {
        return Ok(Started::Nothing);
    };
    let claimed = worker.claim(permits.len(), with_rechecks).await?;
    if claimed.is_empty() {
        return Ok(Started::Blocked);
    }
    for (task, permit) in claimed.into_iter().zip(permits) {
        let (worker, stop) = (worker.clone(), stop.clone());
        tasks.spawn(async move {
            // An interrupted task is repeated when its lease expires.
            let _ = stop.run_until_cancelled(worker.carry_out(task)).await;
            drop(permit);
            worker.node.store.wake();
        });
    }
    Ok(Started::Some)
}

/// Returns all free permits, at least one. Returns `None` when the node stops.
async fn free_permits(
    permits: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<Vec<OwnedSemaphorePermit>> {
    let first = stop
        .run_until_cancelled(permits.clone().acquire_owned())
        .await;
    let mut free = vec![first?.ok()?];
    while let Ok(permit) = permits.clone().try_acquire_owned() {
        free.push(permit);
    }
    Some(free)
}

async fn until_next(node: &Node) -> Duration {
    let next = match node.store.read().await {
        Ok(mut conn) => {
            let with_rechecks = node.config.conversations.recheck;
            let next = conn.next_backfill_due(with_rechecks).await;
            next.ok().flatten()
        }
        Err(_) => None,
    };
    wait::until(next, store::now(), LONGEST_SLEEP)
}

impl Worker {
    /// Claims up to `limit` due tasks. Each kind has a share, so that none starves another.
    async fn claim(&self, limit: usize, with_rechecks: bool) -> Result<Vec<Task>, NodeError> {
        let busy = self.in_flight.busy();
        let mut conn = self.node.store.read().await?;
        let due = conn
            .due_lookups(&busy, OF_HOST, OF_DOMAIN, limit as i64)
            .await?;
        drop(conn);
        let mut tx = self.node.store.begin().await?;
        let crawls = self.in_flight.free_reply_fetches().min((limit / 4).max(1));
        let mut claimed = self.claim_replies(crawls, &mut tx).await?;
        for lookup in due {
            if claimed.len() == limit {
                break;
            }
            if let Some(reservation) = self.in_flight.reserve_lookup(&lookup)
                && tx.claim_lookup(&lookup.uri, store::now() + LEASE).await?
            {
                claimed.push(Task::Lookup(lookup, reservation));
            }
        }
        let left = (limit - claimed.len()) as i64;
        if with_rechecks && left > 0 {
            let until = store::now() + LEASE;
            let rechecks = tx.claim_rechecks(until, left.min(MAX_RECHECKS)).await?;
            let rechecks = self.host_pauses.take(rechecks, &mut tx).await?;
            claimed.extend(rechecks.into_iter().map(Task::Recheck));
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Claims comments whose replies are due, at most one for each domain. The others are postponed.
    async fn claim_replies(&self, limit: usize, tx: &mut Tx) -> Result<Vec<Task>, NodeError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut claimed = Vec::new();
        for crawl in tx.claim_crawls(store::now() + LEASE, limit as i64).await? {
            let host = replies::host_of_comment(&crawl);
            match self.in_flight.reserve_replies(&crawl, &host) {
                Some(reservation) => claimed.push(Task::Replies(crawl, reservation)),
                None => {
                    let time = store::now() + BUSY_PAUSE + recheck::random_below(BUSY_PAUSE);
                    tx.postpone_crawl(crawl.id, time).await?;
                }
            }
        }
        Ok(claimed)
    }

    async fn carry_out(&self, task: Task) {
        // Each task has a request budget of its own.
        let ctx = self.federation.to_request_data();
        let outcome = match &task {
            Task::Lookup(lookup, _reservation) => Box::pin(self.look_up(lookup, &ctx)).await,
            Task::Replies(crawl, _reservation) => Box::pin(self.fetch_replies(crawl, &ctx)).await,
            Task::Recheck(recheck) => {
                let checked = Box::pin(recheck::recheck(recheck, &ctx)).await;
                self.host_pauses.release(&recheck.host);
                checked
            }
        };
        if let Err(error) = outcome {
            // The lease expires, and the task is repeated.
            tracing::warn!(%error, "the result of a backfill task could not be stored");
        }
    }
}

//! Conversations made whole: replies whose parents are not here, and answers that were given elsewhere.
//!
//! The inbox notes what is to be looked up, in the transaction of what it received; a loop here works it
//! off, and tries again later where a server is down. `climb.rs` goes up from a reply to something of
//! ours, `crawl.rs` down from a comment to its replies, `refresh.rs` re-fetches a comment. `recheck.rs` checks
//! whether stored comments and authors still exist at their origin.

mod climb;
mod crawl;
mod recheck;
mod refresh;

use super::{Node, NodeError, inbox::InboxError, node::Context};
use crate::store::{self, Crawl, Lookup, Recheck};
use activitypub_federation::config::FederationConfig;
use moka::future::Cache;
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Lookups and crawls under way at once.
const SLOTS: usize = 16;
/// The maximum number of these that may be rechecks.
const RECHECKS: i64 = 4;
/// Longest time for one.
const TIME: Duration = Duration::from_secs(60);
/// After which a killed node's lookups are taken up again, in milliseconds; more than [`TIME`].
const LEASE: i64 = 2 * 60 * 1000;
/// Tries of a lookup; the first wait, and how much longer each is than the one before: days in all.
const TRIES: i64 = 8;
const FIRST_WAIT: i64 = 60 * 1000;
const WAIT_GROWTH: i64 = 4;
/// Longest sleep between two looks: a comment whose answers are to be looked for gives no signal.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a post is remembered from which no way leads to us.
const NOWHERE_FOR: Duration = Duration::from_secs(3600);

/// What every lookup needs.
struct Worker {
    node: Node,
    federation: FederationConfig<Node>,
    /// Posts from which no way leads to us, so that a long conversation elsewhere is climbed once.
    nowhere: Cache<String, ()>,
    /// The hosts that were rechecked recently.
    asked: recheck::Pauses,
}

/// What is to be done.
enum Task {
    Lookup(Lookup),
    Crawl(Crawl),
    Recheck(Recheck),
}

/// Works off what is noted, until `stop`.
///
/// # Errors
/// If the HTTP client can't be made.
pub async fn run(node: Node, stop: CancellationToken) -> Result<(), NodeError> {
    let worker = Arc::new(Worker {
        federation: node.federation().await?,
        nowhere: Cache::builder()
            .max_capacity(50_000)
            .time_to_live(NOWHERE_FOR)
            .build(),
        asked: recheck::Pauses::default(),
        node,
    });
    let slots = Arc::new(Semaphore::new(SLOTS));
    let tasks = TaskTracker::new();
    while !stop.is_cancelled() {
        let wake = worker.node.store.woken();
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let sleep = match begin_due(&worker, &slots, &tasks, &stop).await {
            Ok(0) => until_next(&worker.node).await,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "conversations could not be completed, trying again");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Begins as many due tasks as there are slots; how many.
async fn begin_due(
    worker: &Arc<Worker>,
    slots: &Arc<Semaphore>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<usize, NodeError> {
    let with_rechecks = worker.node.config.conversations.recheck;
    let mut conn = worker.node.store.read().await?;
    let next = conn.next_of_conversations(with_rechecks).await?;
    drop(conn);
    if next.is_none_or(|due| due > store::now()) {
        return Ok(0);
    }
    let Some(permits) = free(slots, stop).await else {
        return Ok(0);
    };
    let (until, limit) = (store::now() + LEASE, permits.len() as i64);
    let mut tx = worker.node.store.begin().await?;
    // Each kind gets a share, so that none starves another.
    let crawls = tx.claim_crawls(until, (limit / 4).max(1)).await?;
    let left = limit - crawls.len() as i64;
    let lookups = tx.claim_lookups(until, left).await?;
    let left = left - lookups.len() as i64;
    let rechecks = match with_rechecks {
        true => tx.claim_rechecks(until, left.min(RECHECKS)).await?,
        false => Vec::new(),
    };
    let count = crawls.len() + lookups.len() + rechecks.len();
    let rechecks = worker.asked.take(rechecks, &mut tx).await?;
    tx.commit().await?;
    let claimed: Vec<Task> = lookups
        .into_iter()
        .map(Task::Lookup)
        .chain(crawls.into_iter().map(Task::Crawl))
        .chain(rechecks.into_iter().map(Task::Recheck))
        .collect();
    for (task, permit) in claimed.into_iter().zip(permits) {
        let (worker, stop) = (worker.clone(), stop.clone());
        tasks.spawn(async move {
            // What is broken off is taken up again when its lease is over.
            let _ = stop.run_until_cancelled(worker.carry_out(task)).await;
            drop(permit);
        });
    }
    Ok(count)
}

/// All free slots, at least one; `None` when the node stops.
async fn free(
    slots: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<Vec<OwnedSemaphorePermit>> {
    let first = stop
        .run_until_cancelled(slots.clone().acquire_owned())
        .await;
    let mut permits = vec![first?.ok()?];
    while let Ok(permit) = slots.clone().try_acquire_owned() {
        permits.push(permit);
    }
    Some(permits)
}

async fn until_next(node: &Node) -> Duration {
    let next = match node.store.read().await {
        Ok(mut conn) => {
            let with_rechecks = node.config.conversations.recheck;
            let next = conn.next_of_conversations(with_rechecks).await;
            next.ok().flatten()
        }
        Err(_) => None,
    };
    match next {
        Some(due) => Duration::from_millis((due - store::now()).max(20) as u64).min(PATIENCE),
        None => PATIENCE,
    }
}

impl Worker {
    async fn carry_out(&self, task: Task) {
        // A budget of requests of its own for each.
        let data = self.federation.to_request_data();
        let outcome = match &task {
            Task::Lookup(lookup) => self.look_up(lookup, &data).await,
            Task::Crawl(crawl) => self.crawl(crawl, &data).await,
            Task::Recheck(recheck) => {
                let checked = recheck::recheck(recheck, &data).await;
                self.asked.release(&recheck.host);
                checked
            }
        };
        if let Err(error) = outcome {
            // Its lease ends, and it is tried again.
            tracing::warn!(%error, "what was found of a conversation could not be stored");
        }
    }

    async fn look_up(&self, lookup: &Lookup, data: &Context) -> Result<(), NodeError> {
        let mut conn = data.store.read().await?;
        let known = conn.comment_by_uri(&lookup.uri).await?;
        let author = match known {
            None => conn.author_of_public_post(&lookup.uri).await?,
            Some(_) => None,
        };
        drop(conn);
        let mut stored = 0;
        let work = async {
            if let Some(comment) = known {
                return refresh::refresh(comment, data).await;
            }
            if let Some(author) = author
                && !refresh::is_there(&lookup.uri, &author, data).await?
            {
                return Ok(());
            }
            climb::climb(&lookup.uri, &self.nowhere, &mut stored, data).await
        };
        let outcome = tokio::time::timeout(TIME, work)
            .await
            .unwrap_or_else(|_| Err(InboxError::Later("the conversation took too long".into())));
        let mut tx = data.store.begin().await?;
        match outcome {
            // What was stored is not fetched again: the next try goes on from there.
            Err(InboxError::Later(_)) if stored > 0 => {
                tx.postpone_lookup(&lookup.uri, store::now() + 1000).await?;
            }
            Err(InboxError::Later(_)) if lookup.attempts < TRIES => {
                tx.postpone_lookup(&lookup.uri, store::now() + wait(lookup.attempts))
                    .await?;
            }
            Err(InboxError::Store(error)) => return Err(error.into()),
            Err(InboxError::Dropped(reason)) => {
                tx.finish_lookup(&lookup.uri).await?;
                tx.count_dropped(reason).await?;
            }
            Err(_) => {
                tx.finish_lookup(&lookup.uri).await?;
                tx.count_dropped("reply that can't be had").await?;
            }
            Ok(()) => tx.finish_lookup(&lookup.uri).await?,
        }
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }

    async fn crawl(&self, crawl: &Crawl, data: &Context) -> Result<(), NodeError> {
        let found = tokio::time::timeout(TIME, crawl::replies_of(crawl, data)).await;
        let mut found = found.unwrap_or_default();
        found.retain(|uri| !self.nowhere.contains_key(uri));
        let unknown = data.store.read().await?.unknown_of(&found).await?;
        let host = crawl::host_of_comment(crawl);
        let mut tx = data.store.begin().await?;
        for uri in &unknown {
            tx.add_lookup(uri, &host).await?;
        }
        let next = crawl::next_time(crawl, &data.config.conversations);
        tx.set_next_crawl(crawl.id, next).await?;
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }
}

/// Milliseconds until the try after this one.
fn wait(attempts: i64) -> i64 {
    let exponent = attempts.clamp(1, TRIES) as u32 - 1;
    FIRST_WAIT * WAIT_GROWTH.pow(exponent)
}

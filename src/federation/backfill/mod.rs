//! Conversations made whole: replies whose parents are not here, and answers that were given elsewhere.
//!
//! The inbox notes what is to be looked up, in the transaction of what it received; a loop here works it
//! off, and tries again later where a server is down. `climb.rs` goes up from a reply to something of
//! ours, `crawl.rs` down from a comment to its replies, `refresh.rs` re-fetches a comment. `recheck.rs` checks
//! whether stored comments and authors still exist at their origin. `under_way.rs` keeps slow hosts and busy domains
//! from taking all slots.

pub mod ancestors;
pub mod in_flight;
pub mod recheck;
pub mod refresh;
pub mod replies;

use super::remote::{
    backfill_queue::{self, Referrer},
    requests::{self, Cause, Obstacle},
};
use crate::{
    base::{
        backoff::Backoff,
        wait::{self, WakeUp},
    },
    federation::remote::signed_client::federation_config,
    node::{Context, Node, NodeError, drop_reason::DropReason, error::InboxError},
    store::{self, Crawl, Lookup, Recheck, Tx},
};
use activitypub_federation::config::FederationConfig;
use in_flight::{InFlight, OF_DOMAIN, OF_HOST, Reservation};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Lookups and crawls under way at once.
const MAX_TASKS: usize = 32;
/// The maximum number of these that may be rechecks.
const MAX_RECHECKS: i64 = 4;
/// Longest time for one.
const TIMEOUT: Duration = Duration::from_secs(60);
/// After which a killed node's lookups are taken up again, in milliseconds; more than [`TIMEOUT`].
const LEASE: i64 = 2 * 60 * 1000;
/// The number of attempts for a lookup, and the waits between them: days in all.
const MAX_ATTEMPTS: i64 = 8;
const BACKOFF: Backoff = Backoff {
    first: 60 * 1000,
    growth: 4.0,
    longest: 3 * 24 * 60 * 60 * 1000,
};
/// Longest sleep between two looks: a comment whose answers are to be looked for gives no signal.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);
/// Sleep while all that is due waits for busy hosts.
const BLOCKED_SLEEP: Duration = Duration::from_millis(200);
/// The wait of a crawl for a busy domain, or for lookups of the same root, in milliseconds.
const CRAWL_PAUSE: i64 = 2000;
/// The wait of a lookup for a busy host that it was led to, in milliseconds.
const ELSEWHERE_PAUSE: i64 = 60 * 1000;
/// How long a post is remembered from which no way leads to us.
const UNRELATED_FOR: Duration = Duration::from_secs(3600);

/// What every lookup needs.
struct Worker {
    node: Node,
    federation: FederationConfig<Node>,
    /// Posts from which no way leads to us, so that a long conversation elsewhere is climbed once.
    unrelated_ancestors: Cache<String, ()>,
    /// Posts that a list of replies has and that answer nothing here.
    unrelated_replies: Cache<String, ()>,
    /// The hosts that were rechecked recently.
    asked: recheck::HostPauses,
    in_flight: Arc<InFlight>,
}

/// What is to be done.
enum Task {
    Lookup(Lookup, Reservation),
    Crawl(Crawl, Reservation),
    Recheck(Recheck),
}

/// The result of a look at what is due.
enum Started {
    /// Nothing is due.
    Nothing,
    /// Something is due, and waits for busy hosts.
    Blocked,
    Some,
}

/// Works off what is noted, until `stop`.
///
/// # Errors
/// If the HTTP client can't be made.
pub async fn run(node: Node, stop: CancellationToken) -> Result<(), NodeError> {
    let worker = Arc::new(Worker {
        federation: federation_config(&node).await?,
        unrelated_ancestors: uri_cache(),
        unrelated_replies: uri_cache(),
        asked: recheck::HostPauses::default(),
        in_flight: Arc::default(),
        node,
    });
    let slots = Arc::new(Semaphore::new(MAX_TASKS));
    let tasks = TaskTracker::new();
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(worker.node.store.woken());
        let sleep = match start_due(&worker, &slots, &tasks, &stop).await {
            Ok(Started::Nothing) => until_next(&worker.node).await,
            Ok(Started::Blocked) => BLOCKED_SLEEP,
            Ok(Started::Some) => continue,
            Err(error) => {
                tracing::warn!(%error, "conversations could not be completed, trying again");
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

/// Begins as many due tasks as there are slots.
async fn start_due(
    worker: &Arc<Worker>,
    slots: &Arc<Semaphore>,
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
    let Some(permits) = free(slots, stop).await else {
        return Ok(Started::Nothing);
    };
    let claimed = worker.claim(permits.len(), with_rechecks).await?;
    if claimed.is_empty() {
        return Ok(Started::Blocked);
    }
    for (task, permit) in claimed.into_iter().zip(permits) {
        let (worker, stop) = (worker.clone(), stop.clone());
        tasks.spawn(async move {
            // What is broken off is taken up again when its lease is over.
            let _ = stop.run_until_cancelled(worker.carry_out(task)).await;
            drop(permit);
            worker.node.store.wake();
        });
    }
    Ok(Started::Some)
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
            let next = conn.next_backfill_due(with_rechecks).await;
            next.ok().flatten()
        }
        Err(_) => None,
    };
    wait::until(next, store::now(), LONGEST_SLEEP)
}

impl Worker {
    /// Claims up to `limit` due tasks, of each kind a share, so that none starves another.
    async fn claim(&self, limit: usize, with_rechecks: bool) -> Result<Vec<Task>, NodeError> {
        let busy = self.in_flight.busy();
        let mut conn = self.node.store.read().await?;
        let due = conn
            .due_lookups(&busy, OF_HOST, OF_DOMAIN, limit as i64)
            .await?;
        drop(conn);
        let mut tx = self.node.store.begin().await?;
        let crawls = self.in_flight.free_reply_fetches().min((limit / 4).max(1));
        let mut claimed = self.claim_crawls(crawls, &mut tx).await?;
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
            let rechecks = self.asked.take(rechecks, &mut tx).await?;
            claimed.extend(rechecks.into_iter().map(Task::Recheck));
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Claims crawls, at most one for each domain; the others are postponed.
    async fn claim_crawls(&self, limit: usize, tx: &mut Tx) -> Result<Vec<Task>, NodeError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut claimed = Vec::new();
        for crawl in tx.claim_crawls(store::now() + LEASE, limit as i64).await? {
            let host = replies::host_of_comment(&crawl);
            match self.in_flight.reserve_replies(&crawl, &host) {
                Some(reservation) => claimed.push(Task::Crawl(crawl, reservation)),
                None => {
                    let time = store::now() + CRAWL_PAUSE + recheck::random_below(CRAWL_PAUSE);
                    tx.postpone_crawl(crawl.id, time).await?;
                }
            }
        }
        Ok(claimed)
    }

    async fn carry_out(&self, task: Task) {
        // A budget of requests of its own for each.
        let ctx = self.federation.to_request_data();
        let outcome = match &task {
            Task::Lookup(lookup, _reservation) => Box::pin(self.look_up(lookup, &ctx)).await,
            Task::Crawl(crawl, _reservation) => Box::pin(self.crawl(crawl, &ctx)).await,
            Task::Recheck(recheck) => {
                let checked = Box::pin(recheck::recheck(recheck, &ctx)).await;
                self.asked.release(&recheck.host);
                checked
            }
        };
        if let Err(error) = outcome {
            // Its lease ends, and it is tried again.
            tracing::warn!(%error, "what was found of a conversation could not be stored");
        }
    }

    async fn look_up(&self, lookup: &Lookup, ctx: &Context) -> Result<(), NodeError> {
        let is_awaited = lookup.attempts > 0;
        let awaited = is_awaited.then_some(lookup.asked.as_str());
        let cause = Cause::of_background(Some(&lookup.root), awaited);
        let mut stored = 0;
        let work = cause
            .clone()
            .scope(Box::pin(self.fetch(lookup, &mut stored, ctx)));
        let outcome = tokio::time::timeout(TIMEOUT, work)
            .await
            .unwrap_or_else(|_| Err(InboxError::Later("the conversation took too long".into())));
        let outcome = match outcome {
            Err(InboxError::Store(error)) => return Err(error.into()),
            Err(InboxError::Busy(reason)) => Err(InboxError::Later(reason)),
            other => other,
        };
        let mut tx = ctx.store.begin().await?;
        if lookup.found_below.is_some() && tx.was_named_by_activity(&lookup.uri).await? {
            return Ok(());
        }
        match (outcome, cause.obstacle()) {
            (Err(InboxError::Later(_)), Some(obstacle)) => {
                wait_for(lookup, &obstacle, &mut tx).await?;
            }
            // What was stored is not fetched again: the next try goes on from there.
            (Err(InboxError::Later(_)), None) if stored > 0 => {
                tx.postpone_lookup(&lookup.uri, store::now() + 1000).await?;
            }
            (Err(InboxError::Later(_)), None) if lookup.attempts + 1 < MAX_ATTEMPTS => {
                tx.postpone_lookup(&lookup.uri, store::now() + BACKOFF.wait(lookup.attempts))
                    .await?;
            }
            (Err(InboxError::Dropped(reason)), _) => {
                tx.finish_lookup(&lookup.uri).await?;
                tx.count_dropped(reason.code()).await?;
            }
            (Err(_), _) => {
                tx.finish_lookup(&lookup.uri).await?;
                tx.count_dropped(DropReason::ReplyUnavailable.code())
                    .await?;
            }
            (Ok(()), _) => tx.finish_lookup(&lookup.uri).await?,
        }
        tx.commit().await?;
        ctx.store.wake();
        Ok(())
    }

    async fn fetch(
        &self,
        lookup: &Lookup,
        stored: &mut usize,
        ctx: &Context,
    ) -> Result<(), InboxError> {
        let mut conn = ctx.store.read().await?;
        let known = conn.comment_by_uri(&lookup.uri).await?;
        if lookup.found_below.is_some() {
            drop(conn);
            return match known {
                Some(_) => Ok(()),
                None => {
                    ancestors::store_listed_reply(&lookup.uri, &self.unrelated_replies, ctx).await
                }
            };
        }
        if let Some(comment) = known {
            drop(conn);
            return refresh::refresh(comment, ctx).await;
        }
        let author = conn.author_of_public_post(&lookup.uri).await?;
        drop(conn);
        if let Some(author) = author
            && !refresh::still_exists(&lookup.uri, &author, ctx).await?
        {
            return Ok(());
        }
        ancestors::fetch_ancestors(&lookup.uri, &self.unrelated_ancestors, stored, ctx).await
    }

    async fn crawl(&self, crawl: &Crawl, ctx: &Context) -> Result<(), NodeError> {
        let root = crawl.caused_by.as_deref().unwrap_or(&crawl.uri);
        let (left, renewed) = requests::left_of(root, ctx).await?;
        let soon = store::now() + LEASE + 1000;
        let mut conn = ctx.store.read().await?;
        let wait = match renewed {
            Some(renewed) if left == 0 => Some(renewed),
            // Earlier findings go first.
            _ if conn.has_lookups_of(root, soon).await? => Some(store::now() + CRAWL_PAUSE),
            _ => None,
        };
        drop(conn);
        if let Some(time) = wait {
            let mut tx = ctx.store.begin().await?;
            tx.postpone_crawl(crawl.id, time).await?;
            return Ok(tx.commit().await?);
        }
        let mut found = replies::ListedReplies::default();
        let cause = Cause::of_background(Some(root), None);
        let reading = replies::fetch_listed(crawl, left.div_ceil(2), &mut found, ctx);
        let _ = tokio::time::timeout(TIMEOUT, cause.clone().scope(reading)).await;
        let is_complete = self.queue_found(crawl, root, &found, ctx).await?;
        let next = replies::next_fetch_at(crawl, &ctx.config.conversations);
        let next = match cause.obstacle() {
            Some(Obstacle::UsedUp { until } | Obstacle::Busy { until, .. }) => {
                replies::next_fetch_of_rest_at(crawl, until)
            }
            Some(Obstacle::Down { until, .. }) => next.map(|next| next.max(until)),
            None if is_complete => next,
            None => {
                next.or_else(|| replies::next_fetch_of_rest_at(crawl, renewed.unwrap_or_default()))
            }
        };
        let mut tx = ctx.store.begin().await?;
        tx.set_next_crawl(crawl.id, next).await?;
        tx.commit().await?;
        ctx.store.wake();
        Ok(())
    }

    /// Queues the replies that were found, as many as the root may still fetch. Returns false if some are left for a
    /// later crawl.
    async fn queue_found(
        &self,
        crawl: &Crawl,
        root: &str,
        found: &replies::ListedReplies,
        ctx: &Context,
    ) -> Result<bool, NodeError> {
        let mut unknown = found.unknown(&crawl.uri, ctx).await?;
        unknown.retain(|uri| {
            !self.unrelated_ancestors.contains_key(uri) && !self.unrelated_replies.contains_key(uri)
        });
        let host = replies::host_of_comment(crawl);
        let referrer = Referrer::of(&crawl.uri, &host, ctx).await?;
        let (left, _) = requests::left_of(root, ctx).await?;
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let mut tx = ctx.store.begin().await?;
        let mut queued = 0;
        for (place, uri) in (0..).zip(unknown.iter().take(left)) {
            let (uri, comment) = (uri.as_str(), crawl.uri.as_str());
            if !backfill_queue::add_listed(&mut tx, uri, comment, root, place, &referrer, ctx)
                .await?
            {
                break;
            }
            queued += 1;
        }
        tx.commit().await?;
        Ok(queued == unknown.len())
    }
}

/// Makes a lookup wait for what stood in its way, and all others that would meet the same.
async fn wait_for(lookup: &Lookup, obstacle: &Obstacle, tx: &mut Tx) -> Result<(), NodeError> {
    let uri = &lookup.uri;
    match obstacle {
        Obstacle::UsedUp { until } => tx.postpone_root(uri, &lookup.root, *until).await?,
        Obstacle::Busy { host, until } => {
            let pause = match *host == lookup.asked {
                true => CRAWL_PAUSE,
                // The way to it costs requests each time.
                false => ELSEWHERE_PAUSE,
            };
            let until = (*until).max(store::now() + pause) + recheck::random_below(pause / 2);
            tx.postpone_for_host(uri, host, until).await?;
        }
        Obstacle::Down { host, until } => {
            tx.postpone_host(uri, host, *until, MAX_ATTEMPTS).await?;
            if lookup.attempts + 1 >= MAX_ATTEMPTS {
                tx.count_dropped(DropReason::ReplyUnavailable.code())
                    .await?;
            }
        }
    }
    Ok(())
}

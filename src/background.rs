//! Background work: runs the loops that publish changes, deliver activities, fetch conversations and clean up.
//!
//! One process at a time works on a SQLite database, any number on a PostgreSQL database.

use crate::{
    base::{time, wait},
    config::retention::{self, DAY},
    federation::{account::key_rotation, backfill, delivery, outbox},
    guests,
    moderation::akismet,
    node::{Node, NodeError},
    publishing, search,
    store::{self, WorkerLock},
};
use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often a process on standby tries to take over.
const STANDBY_INTERVAL: Duration = Duration::from_millis(500);
/// How often outdated rows are deleted.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(3600);
/// How often the followers are counted.
const COUNT_INTERVAL: Duration = Duration::from_secs(300);
/// The hours between two searches for remote actors to which nothing refers.
const ACTOR_CLEANUP_HOURS: u64 = 24;
/// The number of actors that one transaction looks at. Others wait for it on SQLite.
const ACTOR_BATCH: i64 = 5000;

/// Runs all loops until `stop`, after waiting on standby for the worker lock.
pub(crate) async fn run(node: Node, stop: CancellationToken) {
    let Some(lock) = acquire_lock(&node, &stop).await else {
        return;
    };
    let loops = TaskTracker::new();
    loops.spawn(outbox::run(node.clone(), stop.clone()));
    loops.spawn(clean_up(node.clone(), stop.clone()));
    loops.spawn(count_followers(node.clone(), stop.clone()));
    loops.spawn(run_backfill(node.clone(), stop.clone()));
    loops.spawn(akismet::run(node.clone(), stop.clone()));
    loops.spawn(search::run(node.clone(), stop.clone()));
    loops.spawn(async move {
        if let Err(error) = delivery::run(node, lock, stop).await {
            tracing::error!(%error, "the delivery loop has stopped");
        }
    });
    loops.close();
    loops.wait().await;
}

async fn run_backfill(node: Node, stop: CancellationToken) {
    if let Err(error) = backfill::run(node, stop).await {
        tracing::error!(%error, "the backfill loop has stopped");
    }
}

/// Waits for the worker lock. Returns `None` if the process stops before.
async fn acquire_lock(node: &Node, stop: &CancellationToken) -> Option<WorkerLock> {
    let mut is_logged = false;
    while !stop.is_cancelled() {
        match node.store.acquire_worker_lock().await {
            Ok(Some(lock)) => {
                if is_logged {
                    tracing::info!(
                        "the other process has ended: this one takes over its background work"
                    );
                }
                return Some(lock);
            }
            Ok(None) if !is_logged => {
                is_logged = true;
                tracing::warn!(
                    "another process works on this SQLite database: this one is on standby"
                );
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the worker lock could not be acquired, retrying"),
        }
        wait::sleep(STANDBY_INTERVAL, stop).await;
    }
    None
}

/// Stores the followers of the day for the statistics.
async fn count_followers(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = save_follower_day(&node).await {
            tracing::warn!(%error, "the followers could not be counted");
        }
        wait::sleep(COUNT_INTERVAL, &stop).await;
    }
}

async fn save_follower_day(node: &Node) -> Result<(), NodeError> {
    let (day, start) = time::day_of(store::now(), node.config.site.time_zone);
    // Counted outside the transaction, for which others wait.
    let counts = node.store.read().await?.follower_counts(start).await?;
    let mut tx = node.store.begin().await?;
    tx.save_follower_day(&day.to_string(), &counts).await?;
    Ok(tx.commit().await?)
}

/// Deletes outdated rows every hour.
async fn clean_up(node: Node, stop: CancellationToken) {
    for hour in 0u64.. {
        if stop.is_cancelled() {
            return;
        }
        let mut cleaned = delete_outdated(&node).await;
        if hour % ACTOR_CLEANUP_HOURS == 0 {
            cleaned = cleaned.and(delete_unreferenced_actors(&node).await);
        }
        if let Err(error) = cleaned {
            tracing::warn!(%error, "outdated rows could not be deleted");
        }
        wait::sleep(CLEANUP_INTERVAL, &stop).await;
    }
}

async fn delete_outdated(node: &Node) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.forget_receipts(store::now() - retention::RECEIPTS)
        .await?;
    let now = store::now();
    tx.forget_tombstones(now - retention::TOMBSTONES, now - 30 * DAY)
        .await?;
    let addresses = node.config.comments.keep_addresses.milliseconds();
    tx.forget_addresses(store::now() - addresses).await?;
    tx.forget_forwards(store::now() - 8 * DAY).await?;
    tx.clear_forwards_of_deleted().await?;
    tx.forget_messages(store::now() - retention::MESSAGES)
        .await?;
    let notices = node.config.notices.keep.milliseconds();
    tx.forget_notices(store::now() - notices).await?;
    tx.forget_retired_keys(store::now() - key_rotation::OVERLAP)
        .await?;
    tx.forget_key_failures(store::now() - 7 * DAY).await?;
    tx.forget_requests().await?;
    tx.forget_limit_hits(store::now() - retention::LIMIT_HITS)
        .await?;
    tx.forget_throughput(store::now() - DAY).await?;
    tx.forget_object_hosts(store::now() - retention::OBJECT_HOSTS)
        .await?;
    tx.forget_unconfirmed(store::now() - guests::confirm::CONFIRM_WITHIN)
        .await?;
    tx.forget_rare_words().await?;
    tx.forget_spellings().await?;
    tx.forget_orphaned_versions().await?;
    tx.commit().await?;
    if let Err(error) = publishing::bin::end_outdated(node).await {
        tracing::warn!(%error, "the bin could not be emptied of what is too old");
    }
    Ok(())
}

/// Deletes the remote actors to which nothing refers any more.
async fn delete_unreferenced_actors(node: &Node) -> Result<(), NodeError> {
    let mut next = Some(i64::MIN);
    while let Some(after) = next {
        let mut tx = node.store.begin().await?;
        let (deleted, last) = tx
            .delete_unreferenced_actors(store::now() - DAY, after, ACTOR_BATCH)
            .await?;
        tx.commit().await?;
        if deleted > 0 {
            node.forget_keys();
        }
        next = last;
    }
    Ok(())
}

//! The work behind the scenes: what the database says is to be told, is told and delivered.
//!
//! One process works on an SQLite database, any number on a PostgreSQL.

use crate::{
    base::wait,
    federation::{account::key_rotation, backfill, delivery, outbox},
    guests,
    moderation::akismet,
    node::{Node, NodeError},
    store::{self, WorkerLock},
};
use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How often a process that stands by looks whether the other is gone.
const STAND_BY: Duration = Duration::from_millis(500);
/// How often what nobody needs any more is forgotten.
const TIDYING: Duration = Duration::from_secs(3600);
/// Hours between two searches for actors to which nothing refers.
const SEARCH: u64 = 24;
/// Such actors that are deleted in one transaction.
const BATCH: i64 = 500;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Works until `stop`; until it may, it stands by.
pub async fn run(node: Node, stop: CancellationToken) {
    let Some(place) = place(&node, &stop).await else {
        return;
    };
    let loops = TaskTracker::new();
    loops.spawn(outbox::run(node.clone(), stop.clone()));
    loops.spawn(tidy(node.clone(), stop.clone()));
    loops.spawn(converse(node.clone(), stop.clone()));
    loops.spawn(akismet::run(node.clone(), stop.clone()));
    loops.spawn(async move {
        if let Err(error) = delivery::run(node, place, stop).await {
            tracing::error!(%error, "deliveries have stopped");
        }
    });
    loops.close();
    loops.wait().await;
}

async fn converse(node: Node, stop: CancellationToken) {
    if let Err(error) = backfill::run(node, stop).await {
        tracing::error!(%error, "conversations are not completed any more");
    }
}

/// Waits for this process's turn; `None` if it is told to stop before.
async fn place(node: &Node, stop: &CancellationToken) -> Option<WorkerLock> {
    let mut said = false;
    while !stop.is_cancelled() {
        match node.store.acquire_worker_lock().await {
            Ok(Some(place)) => {
                if said {
                    tracing::info!("the other process is gone: this one delivers now");
                }
                return Some(place);
            }
            Ok(None) if !said => {
                said = true;
                tracing::warn!(
                    "another process delivers from this SQLite database: this one stands by"
                );
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "deliveries can't begin yet, trying again"),
        }
        wait::sleep(STAND_BY, stop).await;
    }
    None
}

/// Forgets what is no longer needed.
async fn tidy(node: Node, stop: CancellationToken) {
    for hour in 0u64.. {
        if stop.is_cancelled() {
            return;
        }
        let mut tidied = forget(&node).await;
        if hour % SEARCH == 0 {
            tidied = tidied.and(forget_strangers(&node).await);
        }
        if let Err(error) = tidied {
            tracing::warn!(%error, "tidying the database failed");
        }
        wait::sleep(TIDYING, &stop).await;
    }
}

async fn forget(node: &Node) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.forget_receipts(store::now() - 14 * DAY).await?;
    let now = store::now();
    tx.forget_tombstones(now - 60 * DAY, now - 30 * DAY).await?;
    let addresses = node.config.comments.keep_addresses.milliseconds();
    tx.forget_addresses(store::now() - addresses).await?;
    tx.forget_forwards(store::now() - 8 * DAY).await?;
    tx.clear_forwards_of_deleted().await?;
    tx.forget_messages(store::now() - 30 * DAY).await?;
    let notices = node.config.notices.keep.milliseconds();
    tx.forget_notices(store::now() - notices).await?;
    tx.forget_retired_keys(store::now() - key_rotation::OVERLAP)
        .await?;
    tx.forget_key_failures(store::now() - 7 * DAY).await?;
    tx.forget_requests().await?;
    tx.forget_limit_hits(store::now() - 7 * DAY).await?;
    tx.forget_throughput(store::now() - DAY).await?;
    tx.forget_unconfirmed(store::now() - guests::confirm::CONFIRM_WITHIN)
        .await?;
    tx.forget_rare_words().await?;
    tx.forget_spellings().await?;
    Ok(tx.commit().await?)
}

/// Deletes the actors of other servers to which nothing refers any more.
async fn forget_strangers(node: &Node) -> Result<(), NodeError> {
    loop {
        let mut tx = node.store.begin().await?;
        let forgotten = tx
            .delete_unreferenced_actors(store::now() - DAY, BATCH)
            .await?;
        tx.commit().await?;
        if forgotten > 0 {
            node.forget_keys();
        }
        if forgotten < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

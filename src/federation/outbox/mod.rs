//! From the change log to activities: what was written into the database is told to the fediverse.
//!
//! Each change is handled in one transaction with what it causes, so that a crash at any point neither
//! loses nor repeats anything. What was last told of an article decides between Create, Update,
//! Delete and nothing.

mod actors;
mod articles;
mod outgoing;
mod resend;

pub use resend::resend;

pub use actors::{Audience, tell_of_actor};

use super::{Node, NodeError};
use crate::store::{self, Change, ChangeKind};
use std::{collections::HashMap, time::Duration};
use tokio_util::sync::CancellationToken;

/// Changes handled in one transaction.
const BATCH: i64 = 16;
/// Longest sleep between two looks, should a signal be missed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Handles changes as they come, until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    if let Err(error) = actors::tell_of_site(&node).await {
        tracing::warn!(%error, "followers could not be told of the site's new name or description");
    }
    while !stop.is_cancelled() {
        let wake = node.store.woken();
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match step(&node).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "the change log could not be handled, trying again");
                pause(Duration::from_secs(1), &stop).await;
                continue;
            }
        }
        let sleep = until_next(&node).await;
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// The time until the next scheduled change.
async fn until_next(node: &Node) -> Duration {
    let due = match node.store.read().await {
        Ok(mut conn) => conn.next_change_due().await.ok().flatten(),
        Err(_) => None,
    };
    match due {
        Some(due) => Duration::from_millis((due - store::now()).max(50) as u64).min(PATIENCE),
        None => PATIENCE,
    }
}

/// Handles the oldest due changes; how many.
pub async fn step(node: &Node) -> Result<usize, NodeError> {
    if !node.store.read().await?.has_due_changes().await? {
        return Ok(0);
    }
    let mut tx = node.store.begin().await?;
    let changes = tx.due_changes(BATCH).await?;
    for (change, ids) in by_subject(&changes) {
        let postponed = match change.kind {
            ChangeKind::Article => articles::handle_article(node, &mut tx, &change.uid).await?,
            ChangeKind::Author => {
                actors::handle_author(node, &mut tx, &change.uid).await?;
                None
            }
        };
        let (last, earlier) = ids.split_last().unwrap_or((&change.id, &[]));
        for id in earlier {
            tx.finish_change(*id).await?;
        }
        match postponed {
            Some(due_at) => tx.postpone_change(*last, due_at).await?,
            None => tx.finish_change(*last).await?,
        }
    }
    tx.commit().await?;
    node.store.wake();
    Ok(changes.len())
}

/// Several changes of one thing are handled as one, in the place of the first.
fn by_subject(changes: &[Change]) -> Vec<(&Change, Vec<i64>)> {
    let mut order: Vec<(&Change, Vec<i64>)> = Vec::new();
    let mut places: HashMap<(ChangeKind, &str), usize> = HashMap::new();
    for change in changes {
        let place = *places
            .entry((change.kind, change.uid.as_str()))
            .or_insert(order.len());
        match order.get_mut(place) {
            Some((_, ids)) => ids.push(change.id),
            None => order.push((change, vec![change.id])),
        }
    }
    order
}

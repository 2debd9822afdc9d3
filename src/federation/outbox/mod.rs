//! From the change log to activities: what was written into the database is told to the fediverse.
//!
//! Each change is handled in one transaction with what it causes, so that a crash at any point neither
//! loses nor repeats anything. What was last told of an article decides between Create, Update,
//! Delete and nothing.

pub mod actors;
pub mod articles;
pub mod features;
pub mod interactions;
pub mod notes;
pub mod pins;
pub mod quotes;
pub mod resend;
pub mod size_warning;
pub mod upgrade;

pub use super::objects::approval_responses::respond_to_request;
pub use actors::{Audience, tell_of_actor};
pub use features::revoke_feature;
pub use interactions::{take_back, undo_unknown_follow};
pub use quotes::revoke_quote;
pub use resend::resend;
pub use size_warning::size_warning;

use super::objects::mentions;
use crate::{
    base::wait::{self, WakeUp},
    federation::remote::signed_client::federation_config,
    node::{Context, Node, NodeError},
    store::{self, Change, ChangeKind, NoteState},
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Changes handled in one transaction.
const BATCH: i64 = 16;
/// Longest sleep between two looks, should a signal be missed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Handles changes as they come, until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    compare_anew(&node, &stop).await;
    if let Err(error) = actors::tell_of_actors(&node).await {
        tracing::warn!(%error, "the site's changed profile could not be published");
    }
    let federation = match federation_config(&node).await {
        Ok(federation) => federation,
        Err(error) => {
            tracing::error!(%error, "changes are not handled");
            return;
        }
    };
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        match step(&federation.to_request_data(), &stop).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "the change log could not be handled, trying again");
                wait::sleep(Duration::from_secs(1), &stop).await;
                continue;
            }
        }
        let sleep = until_next(&node).await;
        wake_up.wait(sleep, &stop).await;
    }
}

/// Replaces outdated hashes before anything is published, so that an upgrade alone sends no `Update`.
async fn compare_anew(node: &Node, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match upgrade::compare_anew(node).await {
            Ok(true) => return,
            Ok(false) => wait::sleep(Duration::from_millis(100), stop).await,
            Err(error) => {
                tracing::warn!(%error, "outdated hashes could not be replaced, trying again");
                wait::sleep(Duration::from_secs(1), stop).await;
            }
        }
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

/// Handles the oldest due changes, unless it is told to stop before it begins; how many.
async fn step(data: &Context, stop: &CancellationToken) -> Result<usize, NodeError> {
    let coming = data.store.read().await?.peek_due_changes(BATCH).await?;
    if coming.is_empty() {
        return Ok(0);
    }
    tokio::select! {
        looked = look_ahead(&coming, data) => looked?,
        () = stop.cancelled() => return Ok(0),
    }
    let node: &Node = data;
    let mut tx = node.store.begin().await?;
    let mut changes = tx.lock_due_changes(BATCH).await?;
    if changes.is_empty() {
        // Another node is at it.
        return Ok(0);
    }
    tx.fold_tag_spellings().await?;
    // What was written since waits for its own look ahead.
    let seen: HashSet<i64> = coming.iter().map(|change| change.id).collect();
    changes.retain(|change| seen.contains(&change.id));
    for (change, ids) in by_subject(&changes) {
        let postponed = match change.kind {
            ChangeKind::Article => articles::handle_article(node, &mut tx, &change.uid).await?,
            ChangeKind::Author => {
                actors::handle_author(node, &mut tx, &change.uid).await?;
                None
            }
            ChangeKind::Note => {
                notes::handle_note(node, &mut tx, &change.uid).await?;
                None
            }
            ChangeKind::Interaction => {
                interactions::handle_interaction(node, &mut tx, &change.uid).await?;
                None
            }
            ChangeKind::Pin => {
                pins::handle_pin(node, &mut tx, &change.uid).await?;
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
    let touches_featured =
        |change: &Change| matches!(change.kind, ChangeKind::Article | ChangeKind::Pin);
    if changes.iter().any(touches_featured) {
        actors::tell_of_site(node, &mut tx).await?;
    }
    tx.commit().await?;
    node.store.wake();
    Ok(changes.len())
}

/// Looks up whom the texts mention: nothing is fetched while the transaction holds up others.
async fn look_ahead(coming: &[Change], data: &Context) -> Result<(), NodeError> {
    let mut texts = Vec::new();
    for (change, _) in by_subject(coming) {
        let mut conn = data.store.read().await?;
        let text = match change.kind {
            ChangeKind::Article => {
                let article = conn.article_by_uid(&change.uid).await?;
                article
                    .filter(|article| article.is_visible())
                    .map(|article| article.markdown)
            }
            ChangeKind::Note => {
                let note = conn.note_by_uid(&change.uid).await?;
                note.filter(|note| note.state == NoteState::Waiting)
                    .map(|note| note.markdown)
            }
            ChangeKind::Author | ChangeKind::Interaction | ChangeKind::Pin => None,
        };
        texts.extend(text);
    }
    Ok(mentions::resolve_unknown(&texts, data).await?)
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

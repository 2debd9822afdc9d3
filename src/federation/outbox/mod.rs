//! Turns rows of the change log into activities.
//!
//! One transaction handles a change and stores its activities and deliveries, so that a crash neither loses nor repeats
//! anything. The last published state of an article decides between Create, Update, Delete and nothing.

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
pub use actors::{Audience, publish_actor};
pub use features::revoke_feature;
pub use interactions::{undo, undo_unknown_follow};
pub use quotes::revoke_quote;
pub use resend::resend;
pub use size_warning::size_warning;

use super::objects::mentions;
use crate::{
    base::wait::{self, WakeUp},
    federation::remote::signed_client::federation_config,
    node::{Context, Node, NodeError},
    store::{self, Change, ChangeKind, NoteState, StoreError, Tx},
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The number of changes in one transaction.
const BATCH: i64 = 16;
/// The longest wait between two queries, in case a wake-up was missed.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// Handles changes as they are written, until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    replace_hashes(&node, &stop).await;
    if let Err(error) = actors::publish_actors(&node).await {
        tracing::warn!(%error, "could not publish the site's changed profile");
    }
    let federation = match federation_config(&node).await {
        Ok(federation) => federation,
        Err(error) => {
            tracing::error!(%error, "the outbox can't start");
            return;
        }
    };
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        match step(&federation.to_request_data(), &stop).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "could not handle the change log, retrying");
                wait::sleep(Duration::from_secs(1), &stop).await;
                continue;
            }
        }
        let sleep = until_next(&node).await;
        wake_up.wait(sleep, &stop).await;
    }
}

/// Replaces outdated hashes before anything is published, so that an upgrade alone sends no `Update`.
async fn replace_hashes(node: &Node, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match upgrade::replace_hashes(node).await {
            Ok(true) => return,
            Ok(false) => wait::sleep(Duration::from_millis(100), stop).await,
            Err(error) => {
                tracing::warn!(%error, "could not replace outdated hashes, retrying");
                wait::sleep(Duration::from_secs(1), stop).await;
            }
        }
    }
}

/// Returns the time until the next scheduled change.
async fn until_next(node: &Node) -> Duration {
    let due = match node.store.read().await {
        Ok(mut conn) => conn.next_change_due().await.ok().flatten(),
        Err(_) => None,
    };
    match due {
        Some(due) => Duration::from_millis((due - store::now()).max(50) as u64).min(MAX_WAIT),
        None => MAX_WAIT,
    }
}

/// Handles the oldest due changes, unless `stop` comes before it begins. Returns their number.
async fn step(ctx: &Context, stop: &CancellationToken) -> Result<usize, NodeError> {
    let coming = ctx.store.read().await?.peek_due_changes(BATCH).await?;
    if coming.is_empty() {
        return Ok(0);
    }
    tokio::select! {
        resolved = resolve_mentions(&coming, ctx) => resolved?,
        () = stop.cancelled() => return Ok(0),
    }
    let node: &Node = ctx;
    let mut tx = node.store.begin().await?;
    let mut changes = tx.lock_due_changes(BATCH).await?;
    if changes.is_empty() {
        // Another node handles them.
        return Ok(0);
    }
    tx.fold_tag_spellings().await?;
    // The mentions of changes written since are not resolved yet.
    let seen: HashSet<i64> = coming.iter().map(|change| change.id).collect();
    changes.retain(|change| seen.contains(&change.id));
    for group in by_subject(&changes) {
        let Some(change) = group.first() else {
            continue;
        };
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
                let is_silent = group.iter().all(|change| change.silent);
                pins::handle_pin(node, &mut tx, &change.uid, is_silent).await?;
                None
            }
        };
        finish(&mut tx, &group, postponed).await?;
    }
    if let Some(is_silent) = change_of_featured(&changes) {
        actors::publish_site(node, &mut tx, is_silent).await?;
    }
    tx.commit().await?;
    node.store.wake();
    Ok(changes.len())
}

/// Returns whether all changes that may change the collection of featured articles are silent; `None` if there are none.
fn change_of_featured(changes: &[Change]) -> Option<bool> {
    let touches = |change: &&Change| matches!(change.kind, ChangeKind::Article | ChangeKind::Pin);
    let mut touching = changes.iter().filter(touches).peekable();
    touching.peek()?;
    Some(touching.all(|change| change.silent))
}

/// Removes the changes of one object from the log. If it is scheduled, those are deferred that decide whether it is
/// announced: the first one, and the first one that is not silent.
async fn finish(tx: &mut Tx, group: &[&Change], postponed: Option<i64>) -> Result<(), StoreError> {
    let first = group.first().map(|change| change.id);
    let loud = group.iter().find(|change| !change.silent);
    let loud = loud.map(|change| change.id);
    for change in group {
        match postponed {
            Some(due_at) if [first, loud].contains(&Some(change.id)) => {
                tx.postpone_change(change.id, due_at).await?;
            }
            _ => tx.finish_change(change.id).await?,
        }
    }
    Ok(())
}

/// Resolves the mentions in the texts of these changes before the transaction, which others wait for.
async fn resolve_mentions(coming: &[Change], ctx: &Context) -> Result<(), NodeError> {
    let mut texts = Vec::new();
    for group in by_subject(coming) {
        let Some(change) = group.first() else {
            continue;
        };
        let mut conn = ctx.store.read().await?;
        let text = match change.kind {
            ChangeKind::Article => {
                let article = conn.article_by_uid(&change.uid).await?;
                article
                    .filter(|article| article.is_visible())
                    .map(|article| article.markdown)
            }
            ChangeKind::Note => {
                let note = conn.note_by_uid(&change.uid).await?;
                note.filter(|note| matches!(note.state, NoteState::Waiting | NoteState::Live))
                    .map(|note| note.markdown)
            }
            ChangeKind::Author | ChangeKind::Interaction | ChangeKind::Pin => None,
        };
        texts.extend(text);
    }
    Ok(mentions::resolve_unknown(&texts, ctx).await?)
}

/// Groups changes of the same subject, in the order of the first one.
fn by_subject(changes: &[Change]) -> Vec<Vec<&Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    let mut positions: HashMap<(ChangeKind, &str), usize> = HashMap::new();
    for change in changes {
        let position = *positions
            .entry((change.kind, change.uid.as_str()))
            .or_insert(groups.len());
        match groups.get_mut(position) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

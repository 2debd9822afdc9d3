//! Checks whether stored comments and authors still exist at their origin, since not every server announces every
//! deletion to everyone.

use super::{LEASE, TIMEOUT, refresh};
use crate::{
    base::backoff::Backoff,
    config::Conversations,
    federation::remote::{
        actors, fetch,
        fetch_error::FetchError,
        requests::{Cause, Obstacle},
    },
    moderation::retraction,
    node::{Context, NodeError},
    protocol::{ActorDocument, Object, same_id},
    store::{self, Comment, CommentState, DeletionCause, Recheck, RemoteActorRow, StoreError, Tx},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;
/// A missing object is checked once a day. It has vanished after this many failed checks over this many milliseconds.
const TIMES_MISSING: i64 = 3;
const MISSING_FOR: i64 = 2 * DAY - 60 * 60 * 1000;
/// The minimum time between two checks at one host, in milliseconds.
const PAUSE: i64 = 1000;

/// The object to check.
enum Subject {
    Comment(Box<Comment>, Box<RemoteActorRow>),
    /// A post that is no comment and that a third party reported as deleted.
    Post(String, Box<RemoteActorRow>),
    Actor(Box<RemoteActorRow>),
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    There,
    /// Its server reports that it was deleted (410 or a tombstone).
    Gone,
    /// Its server does not know it (404).
    Missing,
    /// The response is inconclusive.
    Unclear,
}

/// Checks an object again.
///
/// # Errors
/// If a query fails.
pub(super) async fn recheck(row: &Recheck, ctx: &Context) -> Result<(), NodeError> {
    let Some(subject) = subject_of(&row.uri, ctx).await? else {
        let mut tx = ctx.store.begin().await?;
        tx.finish_recheck(&row.uri).await?;
        tx.commit().await?;
        return Ok(());
    };
    let cause = Cause::of_background(None, Some(&row.host));
    let look = cause.clone().scope(fetch_presence(&subject, ctx));
    let presence = tokio::time::timeout(TIMEOUT, look).await;
    let presence = presence.unwrap_or(Presence::Unclear);
    let now = store::now();
    if let (Presence::Unclear, Some(Obstacle::Busy { until, .. })) = (presence, cause.obstacle()) {
        let mut tx = ctx.store.begin().await?;
        tx.postpone_recheck(&row.uri, until.max(now + PAUSE))
            .await?;
        return Ok(tx.commit().await?);
    }
    let row = after_check(row, presence, now);
    let is_over = matches!((presence, &subject), (Presence::There, Subject::Post(..)));
    if presence == Presence::Gone || is_gone(&row, now) {
        return remove(&row, &subject, ctx).await;
    }
    if is_over {
        let mut tx = ctx.store.begin().await?;
        tx.finish_recheck(&row.uri).await?;
        return Ok(tx.commit().await?);
    }
    let next = now.saturating_add(wait(&row, &ctx.config.conversations));
    let mut tx = ctx.store.begin().await?;
    tx.set_recheck(&row, next).await?;
    tx.commit().await?;
    Ok(())
}

/// Returns the stored comment of another server, unless it is deleted, or the actor.
async fn subject_of(uri: &str, ctx: &Context) -> Result<Option<Subject>, StoreError> {
    let mut conn = ctx.store.read().await?;
    if let Some(comment) = conn.comment_by_uri(uri).await? {
        let author = match comment.actor_id {
            Some(id) if comment.state != CommentState::Deleted => {
                conn.remote_actor_by_id(id).await?
            }
            _ => None,
        };
        return Ok(author.map(|author| Subject::Comment(Box::new(comment), Box::new(author))));
    }
    if let Some(actor) = conn.remote_actor(uri).await? {
        return Ok(Some(Subject::Actor(Box::new(actor))));
    }
    let author = conn.author_of_public_post(uri).await?;
    Ok(author.map(|author| Subject::Post(uri.to_owned(), Box::new(author))))
}

async fn fetch_presence(subject: &Subject, ctx: &Context) -> Presence {
    let uri = match subject {
        Subject::Comment(comment, _) => &comment.uri,
        Subject::Post(uri, _) => uri,
        Subject::Actor(actor) => &actor.uri,
    };
    let document = match fetch::document(uri, ctx).await {
        Ok(document) => document,
        Err(FetchError::Gone(_)) => return Presence::Gone,
        Err(FetchError::Missing(_)) => return Presence::Missing,
        Err(_) => return Presence::Unclear,
    };
    match subject {
        Subject::Comment(comment, author) => {
            read_comment(comment, &author.uri, document, ctx).await
        }
        Subject::Post(uri, _) => match Object::read(document) {
            Some(object) if !is_same(&object.id, uri) => Presence::Unclear,
            Some(object) if object.kind() == "Tombstone" => Presence::Gone,
            Some(_) => Presence::There,
            None => Presence::Unclear,
        },
        Subject::Actor(actor) => read_actor(actor, document, ctx).await,
    }
}

/// Evaluates a comment's document. A newer, dated edit is applied too.
async fn read_comment(comment: &Comment, author: &str, document: Value, ctx: &Context) -> Presence {
    let Some(object) = Object::read(document) else {
        return Presence::Unclear;
    };
    if !is_same(&object.id, &comment.uri) {
        return Presence::Unclear;
    }
    if object.kind() == "Tombstone" {
        return Presence::Gone;
    }
    if !is_same(&object.attributed_to, author) {
        return Presence::Unclear;
    }
    let known = comment.edited_at.unwrap_or(comment.published_at);
    let is_newer = object
        .updated
        .is_some_and(|time| time.timestamp_millis() > known);
    if is_newer && let Err(error) = refresh::revise(comment, &object, author, ctx).await {
        tracing::debug!(%error, comment = comment.uri, "a comment could not be refreshed");
    }
    Presence::There
}

fn is_same(named: &Option<String>, id: &str) -> bool {
    named.as_deref().is_some_and(|named| same_id(named, id))
}

/// Evaluates an actor's document, and stores it as the actor's current state.
async fn read_actor(actor: &RemoteActorRow, document: Value, ctx: &Context) -> Presence {
    let is_tombstone = document.get("type").and_then(Value::as_str) == Some("Tombstone");
    let Ok(document) = serde_json::from_value::<ActorDocument>(document) else {
        return Presence::Unclear;
    };
    if !is_same(&document.id, &actor.uri) {
        return Presence::Unclear;
    }
    if is_tombstone {
        return Presence::Gone;
    }
    match actors::adopt(document, ctx).await {
        Ok(_) => Presence::There,
        Err(_) => Presence::Unclear,
    }
}

/// Returns the row after a check. A server that is unreachable or refuses proves neither presence nor absence.
fn after_check(row: &Recheck, presence: Presence, now: i64) -> Recheck {
    let (missing_since, times_missing) = match presence {
        Presence::There => (None, 0),
        Presence::Missing => (row.missing_since.or(Some(now)), row.times_missing + 1),
        Presence::Gone | Presence::Unclear => (row.missing_since, row.times_missing),
    };
    Recheck {
        missing_since,
        times_missing,
        ..row.clone()
    }
}

fn is_gone(row: &Recheck, now: i64) -> bool {
    let is_long = row
        .missing_since
        .is_some_and(|since| now - since >= MISSING_FOR);
    is_long && row.times_missing >= TIMES_MISSING
}

/// Returns the milliseconds until the next check.
fn wait(row: &Recheck, config: &Conversations) -> i64 {
    if row.missing_since.is_some() {
        return DAY;
    }
    let backoff = Backoff {
        first: config.first_recheck.milliseconds().max(60_000),
        growth: config.recheck_growth.max(1.0),
        longest: config.longest_recheck.milliseconds().max(60_000),
    };
    backoff.wait(row.checks)
}

/// Removes a vanished object as a `Delete` would.
async fn remove(row: &Recheck, subject: &Subject, ctx: &Context) -> Result<(), NodeError> {
    tracing::info!(uri = row.uri, "an object has vanished from its server");
    let removed = match subject {
        Subject::Comment(comment, author) => refresh::remove(&comment.uri, author, ctx).await,
        Subject::Post(uri, author) => refresh::remove(uri, author, ctx).await,
        Subject::Actor(_) => Ok(()),
    };
    if let Err(error) = removed {
        // The lease expires, and the check is repeated.
        tracing::warn!(%error, uri = row.uri, "a vanished post could not be removed");
        return Ok(());
    }
    let mut tx = ctx.store.begin().await?;
    if let Subject::Actor(actor) = subject {
        retraction::end_actor(&mut tx, actor, DeletionCause::Absence, None).await?;
    }
    tx.finish_recheck(&row.uri).await?;
    tx.commit().await?;
    if matches!(subject, Subject::Actor(_)) {
        ctx.forget_keys();
    }
    Ok(())
}

/// For each host that is being checked, or was recently, the time of its next check.
#[derive(Default)]
pub(super) struct HostPauses(Mutex<HashMap<String, i64>>);

impl HostPauses {
    /// Returns the claimed rows whose hosts may be checked now. The others are postponed, for longer the more rows of
    /// their host are due.
    pub(super) async fn take(
        &self,
        claimed: Vec<Recheck>,
        tx: &mut Tx,
    ) -> Result<Vec<Recheck>, StoreError> {
        let mut taken = Vec::new();
        for row in claimed {
            let Err(pause) = self.begin(&row.host) else {
                taken.push(row);
                continue;
            };
            let others = tx.due_rechecks_of(&row.host).await?;
            let spread = random_below(PAUSE.saturating_mul(others).min(DAY));
            let time = store::now() + pause + spread;
            tx.postpone_recheck(&row.uri, time).await?;
        }
        Ok(taken)
    }

    /// Reserves a host for a check, if it may be checked.
    ///
    /// # Errors
    /// Returns the number of milliseconds to wait otherwise.
    fn begin(&self, host: &str) -> Result<(), i64> {
        let (mut hosts, now) = (self.lock(), store::now());
        // The comparison also holds if the clock was set back.
        hosts.retain(|_, free_at| (now + 1..=now + LEASE).contains(free_at));
        match hosts.get(host) {
            Some(free_at) => Err((free_at - now).min(PAUSE)),
            None => {
                hosts.insert(host.to_owned(), now + LEASE);
                Ok(())
            }
        }
    }

    /// Releases a host after a check.
    pub(super) fn release(&self, host: &str) {
        let free_at = store::now() + PAUSE;
        self.lock().insert(host.to_owned(), free_at);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, i64>> {
        // No code under the lock can leave the map half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn random_below(bound: i64) -> i64 {
    let random = RandomState::new().hash_one(());
    (random % bound.max(1).unsigned_abs()) as i64
}

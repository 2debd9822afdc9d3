//! Counts the requests to other servers that an activity causes, directly or through backfill.
//!
//! The current cause is a task-local value, so that both clients charge every request to it:
//! documents, pages of collections, authors, keys, redirects, WebFinger. A task without a cause acts for the node itself.

pub mod pacing;
pub mod permits;

use crate::{
    content::registrable_domain,
    node::{Node, urls::host_of},
    quota::Limit,
    store::{self, Tx},
};
use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use url::Url;

tokio::task_local! {
    pub(super) static CURRENT: Arc<Cause>;
}

/// The reason for which a request was not made, or failed because of its host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The activity has reached its limit of requests, until a time.
    #[error("this activity has caused too many requests")]
    UsedUp { until: i64 },
    /// The host has reached its limit of requests, or is known to be unreachable. No request was made.
    #[error("{host} is not asked now")]
    Busy { host: String, until: i64 },
    /// The host did not respond, or asked for a pause.
    #[error("{host} does not answer")]
    Down { host: String, until: i64 },
}

/// The cause of requests: an activity, or the node itself.
#[derive(Debug, Default)]
pub struct Cause {
    pub(super) kind: Kind,
    /// The activity at the root.
    pub(super) root: OnceLock<String>,
    /// The sender's registrable domain. Its own servers are not paced.
    home: OnceLock<String>,
    /// The number of requests made, and how many of these are stored.
    pub(super) made: AtomicU64,
    written: AtomicU64,
    /// Whether each request is stored at once, because no later transaction stores it.
    pub(super) is_detached: AtomicBool,
    obstacle: Mutex<Option<Obstacle>>,
}

#[derive(Debug, Default)]
pub(super) enum Kind {
    /// An incoming activity.
    #[default]
    Received,
    /// Background work. `awaited` is a host that failed before and is due for a retry.
    Background { awaited: Option<String> },
}

impl Cause {
    /// Returns the cause for an incoming activity, which [`identify`] names later.
    pub fn of_activity() -> Arc<Cause> {
        Arc::default()
    }

    /// Returns the cause for background work that an activity began, or the node itself if `root` is `None`.
    pub fn of_background(root: Option<&str>, awaited: Option<&str>) -> Arc<Cause> {
        let awaited = awaited.map(str::to_owned);
        let cause = Cause {
            kind: Kind::Background { awaited },
            ..Cause::default()
        };
        if let Some(root) = root {
            let _ = cause.root.set(root.to_owned());
        }
        Arc::new(cause)
    }

    /// Runs work whose requests are charged to this cause.
    pub async fn scope<T>(self: Arc<Cause>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Returns the id of the activity at the root.
    pub fn root(&self) -> Option<&str> {
        self.root.get().map(String::as_str)
    }

    /// Returns the last obstacle.
    pub fn obstacle(&self) -> Option<Obstacle> {
        self.locked_obstacle().clone()
    }

    /// Returns whether a host belongs to the sender's domain; for background work, to that of the root activity.
    pub(super) fn is_home(&self, host: &str) -> bool {
        let domain = registrable_domain(host);
        match self.home.get() {
            Some(home) => home == domain,
            None => self.root.get().is_some_and(|root| {
                let host = Url::parse(root).ok().and_then(|url| host_of(&url));
                host.is_some_and(|host| registrable_domain(&host) == domain)
            }),
        }
    }

    fn locked_obstacle(&self) -> std::sync::MutexGuard<'_, Option<Obstacle>> {
        // No code under the lock can panic halfway through a write.
        self.obstacle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn meets(&self, obstacle: Obstacle) -> Obstacle {
        *self.locked_obstacle() = Some(obstacle.clone());
        obstacle
    }
}

/// Names the incoming activity and its sender.
pub fn identify(activity: &Url, sender: &Url) {
    let _ = CURRENT.try_with(|cause| {
        let _ = cause.root.set(activity.as_str().to_owned());
        let host = host_of(sender).unwrap_or_default();
        let _ = cause.home.set(registrable_domain(&host).to_owned());
    });
}

/// Returns the cause of the current work.
pub fn current() -> Option<Arc<Cause>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Returns the id of the activity that caused the current work.
pub fn root() -> Option<String> {
    current()?.root().map(str::to_owned)
}

/// Wraps a task for `tokio::spawn`, so that its requests are charged to the current cause.
pub fn inherit<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let cause = CURRENT.try_with(Arc::clone).ok();
    async move {
        match cause {
            Some(cause) => beside(cause).scope(work).await,
            None => work.await,
        }
    }
}

/// Returns the cause for a spawned task.
fn beside(cause: Arc<Cause>) -> Arc<Cause> {
    match cause.kind {
        Kind::Received => {
            cause.is_detached.store(true, Ordering::Relaxed);
            cause
        }
        Kind::Background { .. } => Cause::of_background(cause.root.get().map(String::as_str), None),
    }
}

/// Stores the number of requests that the current activity has caused so far.
///
/// # Errors
/// If the statement fails.
pub async fn write(cause: Option<&Cause>, tx: &mut Tx) -> Result<(), store::StoreError> {
    match cause {
        Some(cause) => write_of(cause, tx).await.map(drop),
        None => Ok(()),
    }
}

pub(super) async fn write_of(
    cause: &Cause,
    tx: &mut Tx,
) -> Result<Option<store::RootRequests>, store::StoreError> {
    let made = cause.made.load(Ordering::Relaxed);
    let count = made.saturating_sub(cause.written.swap(made, Ordering::Relaxed));
    match cause.root.get() {
        Some(root) if count > 0 => {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            tx.add_requests(root, count).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Returns the number of requests that an activity may still cause, and when it may cause more.
///
/// # Errors
/// If the query fails.
pub async fn left_of(root: &str, node: &Node) -> Result<(u64, Option<i64>), store::StoreError> {
    let limit = node.quota.value(Limit::RequestsOfActivity);
    let made = node.store.read().await?.requests_of(root).await?;
    let used = made.map_or(0, |made| made.requests.unsigned_abs());
    Ok((
        limit.saturating_sub(used),
        made.map(|made| made.renewed_at()),
    ))
}

//! Requests to other servers that an activity causes: counted for that activity, with all that follows from it, and
//! paced for each host that is asked.
//!
//! The cause of what is being done is a task-local value, so that the two clients charge every request to it:
//! documents, pages of collections, authors, keys, redirects, WebFinger. Code without a cause acts for the node itself.

use crate::{
    content::registrable_domain,
    node::{Node, NodeError, caches::asked_hosts::HostState, urls::host_of},
    quota::Limit,
    store::{self, Tx},
};
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::OwnedMutexGuard;
use url::Url;

/// The pause between two requests to one host.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest wait for the turn at the host that a lookup waited for, and at any other.
const PATIENCE: Duration = Duration::from_secs(20);
const PATIENCE_ELSEWHERE: Duration = Duration::from_secs(5);
/// The wait for a host that answers others, in milliseconds.
const BUSY: i64 = 2000;
/// The wait after a host's first failure, its growth with each further one, and the longest, in milliseconds.
const FIRST_WAIT: i64 = 60 * 1000;
const WAIT_GROWTH: i64 = 4;
const LONGEST_WAIT: i64 = 24 * 60 * 60 * 1000;
tokio::task_local! {
    static CURRENT: Arc<Cause>;
}

/// The reason for which a request was not made, or failed for all that need its host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The activity has caused as many requests as it may, until a time.
    #[error("this activity has caused too many requests")]
    UsedUp { until: i64 },
    /// The host was asked too often, or is known to be out of reach, and was not asked.
    #[error("{host} is not asked now")]
    Busy { host: String, until: i64 },
    /// The host was asked and did not answer, or asked for a pause.
    #[error("{host} does not answer")]
    Down { host: String, until: i64 },
}

/// The cause of requests.
#[derive(Debug, Default)]
pub struct Cause {
    kind: Kind,
    /// The activity at the root.
    root: OnceLock<String>,
    /// The registrable domain whose own servers are asked without a pause: the sender's.
    home: OnceLock<String>,
    /// Requests that were made, and those of these that are written down.
    made: AtomicU64,
    written: AtomicU64,
    /// Whether each request is written down at once, since no transaction will.
    is_detached: AtomicBool,
    obstacle: Mutex<Option<Obstacle>>,
}

#[derive(Debug, Default)]
enum Kind {
    /// An activity that is being received.
    #[default]
    Received,
    /// Work behind the scenes. `awaited` is a host that failed before, and is asked again since its wait is over.
    Background { awaited: Option<String> },
}

impl Cause {
    /// Returns the cause for an activity that is being received. [`identify`] says later which.
    pub fn of_activity() -> Arc<Cause> {
        Arc::default()
    }

    /// Returns the cause for work behind the scenes, whose root is an activity or, if there is none, the node itself.
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

    /// Runs something whose requests are charged to this cause.
    pub async fn scope<T>(self: Arc<Cause>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Returns the last reason for which a request was not made or failed.
    pub fn obstacle(&self) -> Option<Obstacle> {
        self.locked_obstacle().clone()
    }

    /// Returns whether a host belongs to the sender's domain: of work behind the scenes, that of the root's id.
    fn is_home(&self, host: &str) -> bool {
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
        // No code under the lock can leave it half written.
        self.obstacle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meets(&self, obstacle: Obstacle) -> Obstacle {
        *self.locked_obstacle() = Some(obstacle.clone());
        obstacle
    }
}

/// Names the activity that is being received, and the host of its sender.
pub fn identify(activity: &Url, sender: &Url) {
    let _ = CURRENT.try_with(|cause| {
        let _ = cause.root.set(activity.as_str().to_owned());
        let host = host_of(sender).unwrap_or_default();
        let _ = cause.home.set(registrable_domain(&host).to_owned());
    });
}

/// Returns the activity at the root of what is being done.
pub fn root() -> Option<String> {
    CURRENT
        .try_with(|cause| cause.root.get().cloned())
        .ok()
        .flatten()
}

/// Wraps work that goes on beside its cause, for `tokio::spawn`.
pub fn inherit<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let cause = CURRENT.try_with(Arc::clone).ok();
    async move {
        match cause {
            Some(cause) => beside(cause).scope(work).await,
            None => work.await,
        }
    }
}

/// Returns the cause for work that goes on beside this one's.
fn beside(cause: Arc<Cause>) -> Arc<Cause> {
    match cause.kind {
        Kind::Received => {
            cause.is_detached.store(true, Ordering::Relaxed);
            cause
        }
        Kind::Background { .. } => Cause::of_background(cause.root.get().map(String::as_str), None),
    }
}

/// Writes down the requests that the current activity has caused so far, with something that follows from it.
///
/// # Errors
/// If the statement fails.
pub async fn write(tx: &mut Tx) -> Result<(), store::StoreError> {
    let Ok(cause) = CURRENT.try_with(Arc::clone) else {
        return Ok(());
    };
    write_of(&cause, tx).await.map(drop)
}

async fn write_of(
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

/// Returns the number of requests that a root may still cause, and when it may cause more.
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

/// Permission for one request. It is held until the response was read.
#[derive(Debug, Default)]
pub struct Turn(Option<Held>);

#[derive(Debug)]
struct Held {
    cause: Arc<Cause>,
    host: String,
    state: OwnedMutexGuard<HostState>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.state.free_at = Some(Instant::now() + PAUSE);
    }
}

impl Turn {
    /// Notes the host's response.
    pub fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        let Some(held) = &mut self.0 else { return };
        match status.as_u16() {
            429 | 502..=504 => held.fail(retry_after(headers)),
            _ => held.state.failures = 0,
        }
    }

    /// Notes that no response came.
    pub fn failed(&mut self) {
        if let Some(held) = &mut self.0 {
            held.fail(0);
        }
    }
}

impl Held {
    fn fail(&mut self, retry_after: i64) {
        let wait = wait_after(self.state.failures).max(retry_after.min(LONGEST_WAIT));
        let until = store::now().saturating_add(wait);
        self.state.failures = self.state.failures.saturating_add(1);
        self.state.down_until = until;
        let host = self.host.clone();
        self.cause.meets(Obstacle::Down { host, until });
    }
}

/// Returns the wait after one more failure, in milliseconds.
fn wait_after(failures: u32) -> i64 {
    WAIT_GROWTH
        .saturating_pow(failures)
        .saturating_mul(FIRST_WAIT)
        .min(LONGEST_WAIT)
}

/// Returns the milliseconds of a `Retry-After`, which is a number of seconds or a date (RFC 9110 10.2.3).
fn retry_after(headers: &HeaderMap) -> i64 {
    let text = headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok());
    let Some(text) = text.map(str::trim) else {
        return 0;
    };
    if let Ok(seconds) = text.parse::<u32>() {
        return i64::from(seconds) * 1000;
    }
    chrono::DateTime::parse_from_rfc2822(text)
        .map_or(0, |date| (date.timestamp_millis() - store::now()).max(0))
}

/// Charges a request to the current cause, and waits for the turn at its host.
///
/// # Errors
/// An [`Obstacle`], if the request may not be made now.
pub async fn begin(url: &Url, node: &Node) -> Result<Turn, Obstacle> {
    let Ok(cause) = CURRENT.try_with(Arc::clone) else {
        return Ok(Turn::default());
    };
    let host = host_of(url).unwrap_or_default();
    let begun = match &cause.kind {
        Kind::Received => begin_received(&cause, &host, node)
            .await
            .map(|()| Turn::default()),
        Kind::Background { awaited } => {
            begin_background(&cause, &host, awaited.as_deref(), node).await
        }
    };
    begun.map_err(|obstacle| cause.meets(obstacle))
}

/// A sender does not wait for others: only the number of requests counts.
async fn begin_received(cause: &Cause, host: &str, node: &Node) -> Result<(), Obstacle> {
    if !cause.is_home(host) {
        spend_of_host(Limit::BackfillOfThirdHost, host, node)?;
    }
    let made = cause.made.fetch_add(1, Ordering::Relaxed) + 1;
    if made > node.quota.value(Limit::RequestsOfActivity) {
        return Err(used_up(cause, store::now() + BUSY, node));
    }
    match cause.is_detached.load(Ordering::Relaxed) {
        true => spend_of_root(cause, node).await,
        false => Ok(()),
    }
}

async fn begin_background(
    cause: &Arc<Cause>,
    host: &str,
    awaited: Option<&str>,
    node: &Node,
) -> Result<Turn, Obstacle> {
    let busy = |until: i64| Obstacle::Busy {
        host: host.to_owned(),
        until,
    };
    let is_awaited = awaited == Some(host);
    let patience = match is_awaited {
        true => PATIENCE,
        false => PATIENCE_ELSEWHERE,
    };
    let state = node.asked_hosts.0.get_with(host.into(), Arc::default);
    let Ok(state) = tokio::time::timeout(patience, state.lock_owned()).await else {
        return Err(busy(store::now() + BUSY));
    };
    if state.down_until > store::now() && !is_awaited {
        return Err(busy(state.down_until));
    }
    if let Some(free_at) = state.free_at {
        tokio::time::sleep_until(free_at.into()).await;
    }
    let limit = match cause.root.get().is_none() || cause.is_home(host) {
        true => Limit::BackfillOfHost,
        false => Limit::BackfillOfThirdHost,
    };
    spend_of_host(limit, host, node)?;
    cause.made.fetch_add(1, Ordering::Relaxed);
    spend_of_root(cause, node).await?;
    Ok(Turn(Some(Held {
        cause: cause.clone(),
        host: host.to_owned(),
        state,
    })))
}

fn spend_of_host(limit: Limit, host: &str, node: &Node) -> Result<(), Obstacle> {
    node.quota.spend_for(limit, host, 1).map_err(|exceeded| {
        let wait = i64::try_from(exceeded.retry_after.as_millis()).unwrap_or(LONGEST_WAIT);
        Obstacle::Busy {
            host: host.to_owned(),
            until: store::now().saturating_add(wait),
        }
    })
}

/// Writes down a request before it is made, so that no restart makes more of them.
async fn spend_of_root(cause: &Cause, node: &Node) -> Result<(), Obstacle> {
    let spent: Result<_, NodeError> = async {
        let mut tx = node.store.begin().await?;
        let spent = write_of(cause, &mut tx).await?;
        tx.commit().await?;
        Ok(spent)
    }
    .await;
    match spent {
        Ok(Some(made))
            if made.requests.unsigned_abs() > node.quota.value(Limit::RequestsOfActivity) =>
        {
            Err(used_up(cause, made.renewed_at(), node))
        }
        Ok(_) => Ok(()),
        // The database can't say how much is left.
        Err(_) => Err(used_up(cause, store::now() + BUSY, node)),
    }
}

fn used_up(cause: &Cause, until: i64, node: &Node) -> Obstacle {
    let root = cause.root.get().and_then(|root| Url::parse(root).ok());
    let host = root.and_then(|root| host_of(&root)).unwrap_or_default();
    node.quota
        .exceeded(Limit::RequestsOfActivity, &host, Duration::ZERO);
    Obstacle::UsedUp { until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_day() {
        let minutes = |failures| wait_after(failures) / 60_000;
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 60].map(minutes),
            [1, 4, 16, 64, 256, 1024, 1440]
        );
    }

    #[test]
    fn a_host_says_when_it_is_back() {
        let date = (chrono::Utc::now() + chrono::Duration::seconds(90)).to_rfc2822();
        for (text, range) in [
            ("120", 120_000..=120_000),
            (date.as_str(), 85_000..=90_000),
            ("Mon, 02 Jan 2006 15:04:05 GMT", 0..=0),
            ("soon", 0..=0),
            ("-1", 0..=0),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            assert!(range.contains(&retry_after(&headers)), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), 0);
    }
}

//! Paces requests to other servers: charges each to its cause, and waits for the turn at its host.

use super::{CURRENT, Cause, Kind, Obstacle, write_of};
use crate::{
    base::backoff::{Backoff, retry_after},
    node::{Node, NodeError, caches::asked_hosts::HostState, urls::host_of},
    quota::Limit,
    store,
};
use http::{HeaderMap, StatusCode};
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use tokio::sync::OwnedMutexGuard;
use url::Url;

/// The pause between two background requests to one host.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest wait for the host that a lookup was waiting for, and for any other host.
const PATIENCE: Duration = Duration::from_secs(20);

const PATIENCE_ELSEWHERE: Duration = Duration::from_secs(5);

/// The wait before retrying a host that is busy with other requests, in milliseconds.
const BUSY: i64 = 2000;

/// The waits for a host that fails: from a minute to a day.
const BACKOFF: Backoff = Backoff {
    first: 60 * 1000,
    growth: 4.0,
    longest: 24 * 60 * 60 * 1000,
};

/// The turn to send one request to a host. The caller keeps it until the response is read.
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
    /// Records the host's response.
    pub fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        let Some(held) = &mut self.0 else { return };
        match status.as_u16() {
            429 | 502..=504 => held.fail(retry_after(headers).unwrap_or(0)),
            _ => held.state.failures = 0,
        }
    }

    /// Records that no response came.
    pub fn failed(&mut self) {
        if let Some(held) = &mut self.0 {
            held.fail(0);
        }
    }
}

impl Held {
    fn fail(&mut self, retry_after: i64) {
        let wait = BACKOFF.wait(self.state.failures.into());
        let wait = wait.max(retry_after.min(BACKOFF.longest));
        let until = store::now().saturating_add(wait);
        self.state.failures = self.state.failures.saturating_add(1);
        self.state.down_until = until;
        let host = self.host.clone();
        self.cause.meets(Obstacle::Down { host, until });
    }
}

/// Charges a request to the current cause, and waits for the turn to send it to its host.
///
/// # Errors
/// An [`Obstacle`], if the request may not be made now.
pub async fn wait_for_turn(url: &Url, node: &Node) -> Result<Turn, Obstacle> {
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

/// Charges a request of an incoming activity, whose sender waits for the response: it is counted but not paced.
async fn begin_received(cause: &Cause, host: &str, node: &Node) -> Result<(), Obstacle> {
    if !cause.is_home(host) {
        spend_of_host(Limit::BackfillOfThirdHost, host, node)?;
    }
    let made = cause.made.fetch_add(1, Ordering::Relaxed) + 1;
    if made > node.quota.value(Limit::RequestsOfActivity) {
        return Err(used_up(cause, store::now() + BUSY, node));
    }
    if cause.is_detached.load(Ordering::Relaxed) {
        spend_of_root(cause, node).await
    } else {
        Ok(())
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
    let patience = if is_awaited {
        PATIENCE
    } else {
        PATIENCE_ELSEWHERE
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
    let limit = if cause.root.get().is_none() || cause.is_home(host) {
        Limit::BackfillOfHost
    } else {
        Limit::BackfillOfThirdHost
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
    node.quota
        .charge_account(limit, host, 1)
        .map_err(|exceeded| {
            let wait = i64::try_from(exceeded.retry_after.as_millis()).unwrap_or(BACKOFF.longest);
            Obstacle::Busy {
                host: host.to_owned(),
                until: store::now().saturating_add(wait),
            }
        })
}

/// Stores a request before it is made, so that a restart does not allow more.
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
        // The remaining number is unknown.
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

//! Limits concurrent requests to other servers: for each host, each domain, and the node.
//!
//! An incoming request that waits for such a permit also takes one of a limited number of waiting places, so
//! that the inbox always has room for senders whose keys are known. Background work needs no waiting place and waits
//! longer.

use crate::{
    node::{Node, error::InboxError, urls::host_of},
    quota::{Exceeded, Limit, Permits, Sender},
    store::StoreError,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// The longest wait for a permit while another server waits for our response.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait of background work.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(30);

/// The reason for which a request is not made now.
#[derive(Debug, thiserror::Error)]
pub enum NoPermit {
    #[error(transparent)]
    Busy(#[from] Exceeded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

tokio::task_local! {
    /// The incoming request that this task processes. The library can't pass it to its client.
    static INBOUND: Inbound;
}

/// An incoming request.
struct Inbound {
    /// The sender's network.
    network: String,
    waits: Mutex<Waits>,
}

/// The waiting places that an incoming request holds until its response is sent.
#[derive(Default)]
struct Waits {
    place: Option<Permits>,
    of_hosts: HashMap<String, Permits>,
    is_queued: bool,
}

impl Inbound {
    fn waits(&self) -> MutexGuard<'_, Waits> {
        // No code under the lock can panic halfway through a write.
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Processes an incoming request from `network`, whose fetches need waiting places.
pub async fn responding<T>(network: String, response: impl Future<Output = T>) -> T {
    let inbound = Inbound {
        network,
        waits: Mutex::default(),
    };
    INBOUND.scope(inbound, response).await
}

/// Returns the network of the sender whose request this task processes, or an empty text for background work.
pub fn network() -> String {
    let network = INBOUND.try_with(|inbound| inbound.network.clone());
    network.unwrap_or_default()
}

/// Returns whether this task was waiting for a permit when it was cancelled.
pub fn was_queued() -> bool {
    let was_queued = |inbound: &Inbound| std::mem::take(&mut inbound.waits().is_queued);
    INBOUND.try_with(was_queued).unwrap_or(false)
}

/// Takes a waiting place for a host, before waiting for a response of that host.
///
/// # Errors
/// If none is left, or the database is unavailable.
pub async fn wait_for(url: &Url, node: &Node) -> Result<(), NoPermit> {
    let host = host_of(url).unwrap_or_default();
    let asked = node.quota.sender("", &host, &node.store).await?;
    Ok(take_place(name_of(&host), &asked, node).await?)
}

/// Waits for the permit for one request. The caller drops it once the response is read.
///
/// # Errors
/// If no permit is free in time, or the database is unavailable.
pub async fn acquire(url: &Url, node: &Node) -> Result<Permits, NoPermit> {
    let host = host_of(url).unwrap_or_default();
    let asked = node.quota.sender("", &host, &node.store).await?;
    let name = name_of(&host);
    take_place(name, &asked, node).await?;
    let patience = match INBOUND.try_with(|inbound| inbound.waits().is_queued = true) {
        Ok(()) => PATIENCE,
        Err(_) => BACKGROUND_PATIENCE,
    };
    let held = permit(name, &asked, patience, node).await;
    let _ = INBOUND.try_with(|inbound| inbound.waits().is_queued = false);
    Ok(held?)
}

/// Takes the host's permit first and the node's last, so that the queue for a slow host holds no permits that others
/// need.
async fn permit(
    host: &str,
    asked: &Sender,
    patience: Duration,
    node: &Node,
) -> Result<Permits, Exceeded> {
    let deadline = Instant::now() + patience;
    let left = || deadline.saturating_duration_since(Instant::now());
    let quota = &node.quota;
    let mut held = quota.acquire(Limit::FetchesOfHost, host, 1, left()).await?;
    held.merge(
        quota
            .acquire_share(Limit::FetchesOfDomain, Limit::Fetches, asked, left())
            .await?,
    );
    held.merge(quota.acquire(Limit::Fetches, "", 1, left()).await?);
    Ok(held)
}

/// Takes the waiting places that this task's incoming request does not hold yet, without waiting.
async fn take_place(host: &str, asked: &Sender, node: &Node) -> Result<(), Exceeded> {
    let missing = INBOUND.try_with(|inbound| {
        let waits = inbound.waits();
        (!waits.of_hosts.contains_key(host), waits.place.is_none())
    });
    let Ok((lacks_host, lacks_place)) = missing else {
        return Ok(());
    };
    let (quota, at_once) = (&node.quota, Duration::ZERO);
    let mut of_host = Permits::default();
    if lacks_host {
        of_host.merge(
            quota
                .acquire(Limit::WaitingForHost, host, 1, at_once)
                .await?,
        );
        of_host.merge(
            quota
                .acquire_share(
                    Limit::WaitingForDomain,
                    Limit::WaitingRequests,
                    asked,
                    at_once,
                )
                .await?,
        );
    }
    let place = if lacks_place {
        Some(
            quota
                .acquire(Limit::WaitingRequests, "", 1, at_once)
                .await?,
        )
    } else {
        None
    };
    let _ = INBOUND.try_with(|inbound| {
        let mut waits = inbound.waits();
        if lacks_host {
            waits.of_hosts.insert(host.to_owned(), of_host);
        }
        waits.place = waits.place.take().or(place);
    });
    Ok(())
}

/// Returns a host without its port, so that a machine has one limit for all of its ports.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

impl From<NoPermit> for InboxError {
    fn from(error: NoPermit) -> Self {
        match error {
            NoPermit::Busy(exceeded) => InboxError::Busy(exceeded.to_string()),
            NoPermit::Store(error) => InboxError::Store(error),
        }
    }
}

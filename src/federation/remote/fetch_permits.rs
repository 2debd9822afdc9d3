//! The gate for requests to other servers: a few at once to each host and each domain.
//!
//! A request from another server that waits here also needs one of a limited number of waiting places, so
//! that senders whose keys are known always find room in the inbox. Work in the background has no such place, and more
//! patience.

use crate::{
    node::{Node, error::InboxError, urls::host_of},
    quota::{Exceeded, Held, Limit, Sender},
    store::StoreError,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// The longest wait for room while another server waits for our response.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait of work in the background.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(30);

/// The reason why a request is not made now.
#[derive(Debug, thiserror::Error)]
pub enum NoPermit {
    #[error(transparent)]
    Busy(#[from] Exceeded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

tokio::task_local! {
    /// The request from another server that this task responds to. The library has no way to hand it to its client.
    static INBOUND: Inbound;
}

/// A request from another server.
struct Inbound {
    /// The network that it came from.
    network: String,
    waits: Mutex<Waits>,
}

/// The waiting places that a request holds until it is responded to.
#[derive(Default)]
struct Waits {
    place: Option<Held>,
    of_hosts: HashMap<String, Held>,
    is_queued: bool,
}

impl Inbound {
    fn waits(&self) -> MutexGuard<'_, Waits> {
        // No code under the lock can leave it half written.
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Responds to a request from another server in `network`: its fetches need waiting places.
pub async fn responding<T>(network: String, response: impl Future<Output = T>) -> T {
    let inbound = Inbound {
        network,
        waits: Mutex::default(),
    };
    INBOUND.scope(inbound, response).await
}

/// Returns the network of the sender that this task responds to; empty for work in the background.
pub fn network() -> String {
    let network = INBOUND.try_with(|inbound| inbound.network.clone());
    network.unwrap_or_default()
}

/// Returns whether this task was waiting for room when it was last interrupted.
pub fn was_queued() -> bool {
    let was_queued = |inbound: &Inbound| std::mem::take(&mut inbound.waits().is_queued);
    INBOUND.try_with(was_queued).unwrap_or(false)
}

/// Takes a waiting place for a host, before waiting for anything that this host has to send.
///
/// # Errors
/// If there is none left, or the database can't say whether the host is known.
pub async fn wait_for(url: &Url, node: &Node) -> Result<(), NoPermit> {
    let host = host_of(url).unwrap_or_default();
    let asked = node.quota.sender("", &host, &node.store).await?;
    Ok(take_place(name_of(&host), &asked, node).await?)
}

/// Waits for room for one request, and holds it until the result is dropped: when the response was read.
///
/// # Errors
/// If there is no room in time, or the database can't say whether the host is known.
pub async fn acquire(url: &Url, node: &Node) -> Result<Held, NoPermit> {
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

/// The host goes first and the node last, so that the queue for a slow host occupies nothing that others need.
async fn permit(
    host: &str,
    asked: &Sender,
    patience: Duration,
    node: &Node,
) -> Result<Held, Exceeded> {
    let deadline = Instant::now() + patience;
    let left = || deadline.saturating_duration_since(Instant::now());
    let quota = &node.quota;
    let mut held = quota.hold(Limit::FetchesOfHost, host, 1, left()).await?;
    held.add(
        quota
            .hold_share(Limit::FetchesOfDomain, Limit::Fetches, asked, left())
            .await?,
    );
    held.add(quota.hold(Limit::Fetches, "", 1, left()).await?);
    Ok(held)
}

/// Takes the waiting places that this task's request does not hold yet, without waiting for them.
async fn take_place(host: &str, asked: &Sender, node: &Node) -> Result<(), Exceeded> {
    let missing = INBOUND.try_with(|inbound| {
        let waits = inbound.waits();
        (!waits.of_hosts.contains_key(host), waits.place.is_none())
    });
    let Ok((lacks_host, lacks_place)) = missing else {
        return Ok(());
    };
    let (quota, at_once) = (&node.quota, Duration::ZERO);
    let mut of_host = Held::default();
    if lacks_host {
        of_host.add(quota.hold(Limit::WaitingForHost, host, 1, at_once).await?);
        of_host.add(
            quota
                .hold_share(
                    Limit::WaitingForDomain,
                    Limit::WaitingRequests,
                    asked,
                    at_once,
                )
                .await?,
        );
    }
    let place = match lacks_place {
        true => Some(quota.hold(Limit::WaitingRequests, "", 1, at_once).await?),
        false => None,
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

/// Returns a host without its port: one machine does not become many by its ports.
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

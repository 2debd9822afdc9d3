//! The hosts that background work sends requests to: when the next request is due, and how often a host failed.

use moka::sync::Cache;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The number of hosts to remember, and for how long after their last request.
const HOSTS: u64 = 20_000;

const REMEMBERED_FOR: Duration = Duration::from_secs(2 * 24 * 3600);

/// The state of a host.
#[derive(Debug, Default)]
pub struct HostState {
    /// The time of the next request.
    pub free_at: Option<Instant>,
    /// Consecutive failures, and the time of the next attempt after the last one, in milliseconds since 1970.
    pub failures: u32,
    pub down_until: i64,
}

/// The hosts that background work sends requests to, each locked while a request is in flight.
pub struct Hosts(pub Cache<Box<str>, Arc<tokio::sync::Mutex<HostState>>>);

impl Default for Hosts {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(HOSTS)
            .time_to_idle(REMEMBERED_FOR);
        Hosts(cache.build())
    }
}

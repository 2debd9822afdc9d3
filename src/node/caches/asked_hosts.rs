//! The hosts that background work asks: their state, and whose turn it is.

use moka::sync::Cache;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Hosts that are remembered, and for how long after their last request.
const HOSTS: u64 = 20_000;

const REMEMBERED_FOR: Duration = Duration::from_secs(2 * 24 * 3600);

/// The state of a host that is asked.
#[derive(Debug, Default)]
pub struct HostState {
    /// The time of the next request.
    pub free_at: Option<Instant>,
    /// Failures in a row, and the time until which it is not asked after the last, in milliseconds since 1970.
    pub failures: u32,
    pub down_until: i64,
}

/// The hosts that work behind the scenes asks: one request at a time, with pauses.
pub struct Hosts(pub Cache<Box<str>, Arc<tokio::sync::Mutex<HostState>>>);

impl Default for Hosts {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(HOSTS)
            .time_to_idle(REMEMBERED_FOR);
        Hosts(cache.build())
    }
}

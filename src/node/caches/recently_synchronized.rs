//! The remote actors whose follower collections were fetched recently (FEP-8fcf).

use moka::sync::Cache;
use std::time::Duration;

/// The time before an actor's collection is fetched again.
const PAUSE: Duration = Duration::from_secs(600);

/// The remote actors whose follower collections were fetched recently, by row id.
pub struct RecentlySynchronized(Cache<i64, ()>);

impl Default for RecentlySynchronized {
    fn default() -> Self {
        RecentlySynchronized(
            Cache::builder()
                .max_capacity(10_000)
                .time_to_live(PAUSE)
                .build(),
        )
    }
}

impl RecentlySynchronized {
    /// Returns whether this actor's collection may be fetched now, and records the attempt.
    pub fn may_ask(&self, actor: i64) -> bool {
        let is_new = !self.0.contains_key(&actor);
        self.0.insert(actor, ());
        is_new
    }
}

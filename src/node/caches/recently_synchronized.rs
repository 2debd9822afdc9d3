//! The remote actors whose lists of followers were fetched lately (FEP-8fcf).

use moka::sync::Cache;
use std::time::Duration;

/// How long an actor's list is not asked for again.
const PAUSE: Duration = Duration::from_secs(600);

/// Whose lists were asked for lately.
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
    /// Whether this actor's list may be asked for now; if so, it was.
    pub fn may_ask(&self, actor: i64) -> bool {
        let is_new = !self.0.contains_key(&actor);
        self.0.insert(actor, ());
        is_new
    }
}

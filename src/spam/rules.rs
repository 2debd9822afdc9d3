//! A cache of the admin's filters and the state of learning. It follows a change on any node within a second.

use super::filters::Filters;
use crate::store::{Conn, SpamRulesVersion, StoreError};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long cached rules are used without a check.
const MAX_AGE: Duration = Duration::from_millis(500);
/// The minimum number of learned comments of each kind before the classifier is used.
pub const MIN_LESSONS: i64 = 10;

/// A snapshot of the rules.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub filters: Arc<Filters>,
    pub stamp: SpamRulesVersion,
}

impl Rules {
    /// Returns whether any comment was learned.
    pub fn has_learned(&self) -> bool {
        self.stamp.ham + self.stamp.spam > 0
    }

    /// Returns whether enough comments of both kinds were learned for the classifier.
    pub fn has_enough_lessons(&self) -> bool {
        self.stamp.ham.min(self.stamp.spam) >= MIN_LESSONS
    }
}

/// The cached rules, with the time of the last check.
#[derive(Debug, Default)]
pub struct RulesCache(Mutex<Option<(Instant, Rules)>>);

impl RulesCache {
    /// Returns the rules, at most half a second old.
    pub async fn current(&self, conn: &mut Conn) -> Result<Rules, StoreError> {
        let known = match self.fresh_or_stale() {
            Ok(fresh) => return Ok(fresh),
            Err(known) => known,
        };
        let stamp = conn.spam_rules_version().await?;
        let is_same = |stamp: &SpamRulesVersion, known: &SpamRulesVersion| {
            (stamp.filters, stamp.last_filter) == (known.filters, known.last_filter)
        };
        let filters = match known {
            Some(known) if is_same(&stamp, &known.stamp) => known.filters,
            _ => Arc::new(Filters::compile(conn.filters().await?)),
        };
        let rules = Rules { filters, stamp };
        *self.lock() = Some((Instant::now(), rules.clone()));
        Ok(rules)
    }

    /// Returns the cached rules if they are fresh.
    ///
    /// # Errors
    /// Returns the stale rules, if there are any. Concurrent callers use them until this caller has refreshed them.
    fn fresh_or_stale(&self) -> Result<Rules, Option<Rules>> {
        match &mut *self.lock() {
            Some((looked_at, rules)) if looked_at.elapsed() < MAX_AGE => Ok(rules.clone()),
            Some((looked_at, rules)) => {
                *looked_at = Instant::now();
                Err(Some(rules.clone()))
            }
            None => Err(None),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Rules)>> {
        // No code under the lock can leave the value half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

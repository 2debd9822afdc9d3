//! What the admin set and taught, kept in memory: right within a second after a change at any node.

use super::filters::Filters;
use crate::store::{Conn, SpamRulesVersion, StoreError};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long the rules are believed.
const MAX_AGE: Duration = Duration::from_millis(500);
/// Comments of each kind that must have been learned before what was learned says anything.
pub const MIN_LESSONS: i64 = 10;

/// The rules of a moment.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub filters: Arc<Filters>,
    pub stamp: SpamRulesVersion,
}

impl Rules {
    /// Whether there is anything to be asked of what was learned.
    pub fn has_learned(&self) -> bool {
        self.stamp.ham + self.stamp.spam > 0
    }

    /// Whether enough was learned of both kinds.
    pub fn has_enough_lessons(&self) -> bool {
        self.stamp.ham.min(self.stamp.spam) >= MIN_LESSONS
    }
}

/// Keeps the rules, and when they were last looked at.
#[derive(Debug, Default)]
pub struct RulesCache(Mutex<Option<(Instant, Rules)>>);

impl RulesCache {
    /// The rules as they are now, or were half a second ago.
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

    /// The rules if they are fresh. If not, what is known of them, and the next who ask believe that until this
    /// one has looked.
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
        // Nothing in it can be half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

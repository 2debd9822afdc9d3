//! Counts the hits of limits, in memory first, so that a flood does not cause a flood of writes.

use super::Limit;
use crate::store::{self, LimitHit, Store, StoreError};
use metrics::counter;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The maximum number of subjects between two reports. Others are only counted in the metrics.
const MAX_SUBJECTS: usize = 1000;
/// The maximum length of a subject, in bytes. It is a remote text.
const MAX_SUBJECT_LENGTH: usize = 200;
/// The time between two reports.
const PAUSE: Duration = Duration::from_secs(5);

/// Hits that are not written yet.
#[derive(Default)]
pub(super) struct Hits(Mutex<HashMap<(Limit, String), LimitHit>>);

impl Hits {
    /// Counts a hit.
    pub(super) fn record(&self, limit: Limit, subject: &str) {
        counter!("pamphlet_limited_total", "limit" => limit.key()).increment(1);
        let subject = shortened(subject);
        tracing::debug!(limit = limit.key(), subject, "a limit was reached");
        let (mut hits, now) = (self.lock(), store::now());
        let key = (limit, subject);
        if let Some(hit) = hits.get_mut(&key) {
            hit.times += 1;
            hit.last_at = now;
        } else if hits.len() < MAX_SUBJECTS {
            let hit = LimitHit {
                code: limit.key().to_owned(),
                subject: key.1.clone(),
                times: 1,
                first_at: now,
                last_at: now,
            };
            hits.insert(key, hit);
        }
    }

    /// Writes the hits to the database, every few seconds and at the end.
    pub(super) async fn report(&self, store: &Store, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => {}
            }
            if let Err(error) = self.write(store).await {
                tracing::warn!(%error, "the hits of limits can't be written to the database");
            }
        }
    }

    async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let hits: Vec<LimitHit> = self.lock().drain().map(|(_, hit)| hit).collect();
        if hits.is_empty() {
            return Ok(());
        }
        let mut tx = store.begin().await?;
        for hit in &hits {
            tx.add_limit_hit(hit).await?;
        }
        tx.commit().await
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Limit, String), LimitHit>> {
        // A panic under the lock can't leave the map inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a subject as one short line.
fn shortened(subject: &str) -> String {
    let mut end = subject.len().min(MAX_SUBJECT_LENGTH);
    while !subject.is_char_boundary(end) {
        end -= 1;
    }
    subject[..end].replace(char::is_control, "")
}

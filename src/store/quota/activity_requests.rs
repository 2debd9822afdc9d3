//! Requests to other servers that an activity caused, directly or indirectly, within a day of the first.

use crate::store::database::{Conn, Result, Tx, execute, fetch_one, fetch_optional, now};

/// The period in which an activity's requests are counted, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The requests that a root activity caused.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct RootRequests {
    pub requests: i64,
    /// The time of the first.
    pub since: i64,
}

impl RootRequests {
    /// Returns the time from which the root may cause requests again.
    pub fn renewed_at(&self) -> i64 {
        self.since.saturating_add(DAY)
    }
}

impl Conn {
    /// Returns the requests of a root in its current period; `None` if there were none.
    pub async fn requests_of(&mut self, root: &str) -> Result<Option<RootRequests>> {
        fetch_optional!(
            self,
            "SELECT requests, since FROM activity_requests WHERE root = $1 AND since > $2",
            root,
            now() - DAY
        )
    }
}

impl Tx {
    /// Counts requests of a root. Returns all in its current period, including these.
    pub async fn add_requests(&mut self, root: &str, count: i64) -> Result<RootRequests> {
        let now = now();
        fetch_one!(
            self,
            "INSERT INTO activity_requests (root, requests, since) VALUES ($1, $2, $3)
             ON CONFLICT (root) DO UPDATE SET
                requests = excluded.requests
                    + CASE WHEN activity_requests.since > $4 THEN activity_requests.requests ELSE 0 END,
                since = CASE WHEN activity_requests.since > $4 THEN activity_requests.since ELSE $3 END
             RETURNING requests, since",
            root,
            count,
            now,
            now - DAY
        )
    }

    /// Deletes the counts of past periods.
    pub async fn forget_requests(&mut self) -> Result<()> {
        execute!(
            self,
            "DELETE FROM activity_requests WHERE since <= $1",
            now() - DAY
        )?;
        Ok(())
    }
}

//! Requests to other servers that an activity caused, with all that followed from it, within a day of the first.

use crate::store::database::{Conn, Result, now, on};

/// The time after which an activity may cause requests again, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The requests of a root.
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
    /// Counts requests of a root. Returns those of its day, these included.
    pub async fn add_requests(&mut self, root: &str, count: i64) -> Result<RootRequests> {
        let now = now();
        Ok(on!(self, |c| {
            sqlx::query_as(
            "INSERT INTO activity_requests (root, requests, since) VALUES ($1, $2, $3)
             ON CONFLICT (root) DO UPDATE SET
                requests = excluded.requests
                    + CASE WHEN activity_requests.since > $4 THEN activity_requests.requests ELSE 0 END,
                since = CASE WHEN activity_requests.since > $4 THEN activity_requests.since ELSE $3 END
             RETURNING requests, since"
        )
        .bind(root)
        .bind(count)
        .bind(now)
        .bind(now - DAY)
        .fetch_one(c)
        .await
        })?)
    }

    /// Returns the requests of a root within its day; `None` if there were none.
    pub async fn requests_of(&mut self, root: &str) -> Result<Option<RootRequests>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT requests, since FROM activity_requests WHERE root = $1 AND since > $2"
        )
        .bind(root)
        .bind(now() - DAY)
        .fetch_optional(c)
        .await)?)
    }

    /// Forgets the requests of past days.
    pub async fn forget_requests(&mut self) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM activity_requests WHERE since <= $1"
        )
        .bind(now() - DAY)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

//! Hosts whose actors' keys could not be fetched recently, for the admin. Their activities get the status 401 or 503.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_optional_scalar, now};
use sqlx::FromRow;

/// The maximum number of hosts: any stranger can name one.
const HOSTS: i64 = 1000;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The consecutive failures of one host.
#[derive(Debug, Clone, FromRow)]
pub struct KeyFailure {
    pub host: String,
    pub times: i64,
    pub reason: String,
    pub first_at: i64,
    pub last_at: i64,
}

impl Conn {
    /// Returns whether failures of this host are stored.
    pub async fn has_key_failure(&mut self, host: &str) -> Result<bool> {
        let found: Option<i64> =
            fetch_optional_scalar!(self, "SELECT times FROM key_failures WHERE host = $1", host)?;
        Ok(found.is_some())
    }

    /// Returns the hosts whose keys could not be fetched since a time, the most failures first.
    pub async fn key_failures_since(&mut self, since: i64, limit: i64) -> Result<Vec<KeyFailure>> {
        fetch_all!(
            self,
            "SELECT host, times, reason, first_at, last_at FROM key_failures WHERE last_at >= $1
             ORDER BY times DESC, host LIMIT $2",
            since,
            limit
        )
    }
}

impl Tx {
    /// Counts a failed fetch of a key.
    pub async fn add_key_failure(&mut self, host: &str, reason: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO key_failures (host, times, reason, first_at, last_at) SELECT $1, 1, $2, $3, $3
             WHERE (SELECT COUNT(*) FROM key_failures WHERE host <> $1) < $4
             ON CONFLICT (host) DO UPDATE SET
                times = CASE WHEN key_failures.last_at < $5 THEN 1 ELSE key_failures.times + 1 END,
                first_at = CASE WHEN key_failures.last_at < $5 THEN $3 ELSE key_failures.first_at END,
                reason = excluded.reason, last_at = excluded.last_at",
            host,
            reason,
            now(),
            HOSTS,
            now() - DAY
        )?;
        Ok(())
    }

    /// Clears the failures of a host after a successful fetch.
    pub async fn forget_key_failure(&mut self, host: &str) -> Result<()> {
        execute!(self, "DELETE FROM key_failures WHERE host = $1", host)?;
        Ok(())
    }

    /// Deletes the failures before a time.
    pub async fn forget_key_failures(&mut self, time: i64) -> Result<()> {
        execute!(self, "DELETE FROM key_failures WHERE last_at < $1", time)?;
        Ok(())
    }
}

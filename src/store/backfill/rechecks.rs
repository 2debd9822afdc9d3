//! Objects to be checked again in case they vanished without a `Delete`: remote comments and their authors.

use crate::store::database::{Conn, Result, Tx, claim_due, execute, fetch_scalar, now, to_json};
use serde::Serialize;
use sqlx::FromRow;

/// A comment or an actor of another server, by its id.
#[derive(Debug, Clone, FromRow)]
pub struct Recheck {
    pub uri: String,
    /// The host to ask.
    pub host: String,
    /// The number of checks, including this one.
    pub checks: i64,
    /// The time since which it has been missing (404), and the number of checks that found it missing.
    pub missing_since: Option<i64>,
    pub times_missing: i64,
}

/// An object to be checked, by its id and host.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct NewRecheck<'a> {
    pub uri: &'a str,
    pub host: &'a str,
}

impl Conn {
    /// Returns the number of due rechecks of a host.
    pub async fn due_rechecks_of(&mut self, host: &str) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM rechecks WHERE host = $1 AND next_check_at <= $2",
            host,
            now()
        )
    }
}

impl Tx {
    /// Schedules rechecks at `time` of objects that have none.
    pub async fn add_rechecks(&mut self, rechecks: &[NewRecheck<'_>], time: i64) -> Result<()> {
        // Two nodes that store the same ids wait for each other in the same order.
        execute!(
            self,
            rows(
                "$1",
                [uri text, host text],
                "INSERT INTO rechecks (uri, host, next_check_at) SELECT uri, host, $2 FROM r WHERE true ORDER BY uri
                 ON CONFLICT DO NOTHING"
            ),
            to_json(rechecks),
            time
        )?;
        Ok(())
    }

    /// Records that an object was missing (404) after a third party reported its deletion, as the first of the checks
    /// that lead to its removal. The next check is at `time`, or as scheduled if that is sooner.
    pub async fn record_missing(&mut self, uri: &str, host: &str, time: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO rechecks (uri, host, next_check_at, missing_since, times_missing)
             VALUES ($1, $2, $3, $4, 1)
             ON CONFLICT (uri) DO UPDATE SET missing_since = excluded.missing_since, times_missing = 1,
                next_check_at = CASE WHEN rechecks.next_check_at < excluded.next_check_at
                    THEN rechecks.next_check_at ELSE excluded.next_check_at END
             WHERE rechecks.missing_since IS NULL",
            uri,
            host,
            time,
            now()
        )?;
        Ok(())
    }

    /// Claims up to `limit` due rechecks; they are due again at `until`.
    pub async fn claim_rechecks(&mut self, until: i64, limit: i64) -> Result<Vec<Recheck>> {
        claim_due!(
            self,
            until,
            limit,
            "UPDATE rechecks SET next_check_at = $1, checks = checks + 1 WHERE uri IN (
             SELECT uri FROM rechecks WHERE next_check_at <= $2 ORDER BY next_check_at LIMIT $3",
            "uri, host, checks, missing_since, times_missing"
        )
    }

    /// Postpones a claimed recheck.
    pub async fn postpone_recheck(&mut self, uri: &str, time: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE rechecks SET next_check_at = $2, checks = checks - 1 WHERE uri = $1",
            uri,
            time
        )?;
        Ok(())
    }

    /// Stores the result of a check and the time of the next one.
    pub async fn set_recheck(&mut self, recheck: &Recheck, next: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE rechecks SET next_check_at = $2, missing_since = $3, times_missing = $4 WHERE uri = $1",
            &recheck.uri,
            next,
            recheck.missing_since,
            recheck.times_missing
        )?;
        Ok(())
    }

    /// Removes the recheck of an object that is gone.
    pub async fn finish_recheck(&mut self, uri: &str) -> Result<()> {
        execute!(self, "DELETE FROM rechecks WHERE uri = $1", uri)?;
        Ok(())
    }
}

//! What is looked at again in case it vanished without a word: comments of other servers, and their authors.

use super::{
    Conn, Result,
    conn::{Raw, on},
    lookups::claim,
    now,
};
use sqlx::FromRow;

/// A comment or an actor of another server, by its id.
#[derive(Debug, Clone, FromRow)]
pub struct Recheck {
    pub uri: String,
    /// The host that is asked.
    pub host: String,
    /// Looks at it, this one included.
    pub checks: i64,
    /// Since when it is not there (404), and how often it was not.
    pub missing_since: Option<i64>,
    pub times_missing: i64,
}

impl Conn {
    /// Has something looked at again from `time` on, if it is not already.
    pub async fn add_recheck(&mut self, uri: &str, host: &str, time: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO rechecks (uri, host, next_check_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        )
        .bind(uri)
        .bind(host)
        .bind(time)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Up to `limit` of what is due; it is due again at `until`.
    pub async fn claim_rechecks(&mut self, until: i64, limit: i64) -> Result<Vec<Recheck>> {
        claim!(
            self,
            until,
            limit,
            "UPDATE rechecks SET next_check_at = $1, checks = checks + 1 WHERE uri IN (
                SELECT uri FROM rechecks WHERE next_check_at <= $2 ORDER BY next_check_at LIMIT $3",
            "uri, host, checks, missing_since, times_missing"
        )
    }

    /// How much of a host is due.
    pub async fn due_rechecks_of(&mut self, host: &str) -> Result<i64> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM rechecks WHERE host = $1 AND next_check_at <= $2"
        )
        .bind(host)
        .bind(now())
        .fetch_one(c)
        .await)?)
    }

    /// Leaves something that was claimed for another time.
    pub async fn postpone_recheck(&mut self, uri: &str, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE rechecks SET next_check_at = $2, checks = checks - 1 WHERE uri = $1"
        )
        .bind(uri)
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Writes down what was found, and when it is looked at next.
    pub async fn set_recheck(&mut self, recheck: &Recheck, next: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE rechecks SET next_check_at = $2, missing_since = $3, times_missing = $4 WHERE uri = $1"
        )
        .bind(&recheck.uri)
        .bind(next)
        .bind(recheck.missing_since)
        .bind(recheck.times_missing)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Nothing is left to look at.
    pub async fn finish_recheck(&mut self, uri: &str) -> Result<()> {
        on!(self, |c| sqlx::query("DELETE FROM rechecks WHERE uri = $1")
            .bind(uri)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}

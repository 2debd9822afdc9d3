//! The log: what was decided about comments, people and hosts; who, when and why.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// A row of `log`.
#[derive(Debug, Clone, FromRow)]
pub struct LogEntry {
    pub id: i64,
    pub at: i64,
    pub who: String,
    pub action: String,
    pub about: String,
    pub why: Option<String>,
    /// What was before; of a comment its state.
    pub before: Option<String>,
    /// Why a comment was in that state.
    pub before_reason: Option<String>,
}

/// A decision to be written down.
#[derive(Debug, Clone, Default)]
pub struct Decision<'a> {
    /// The admin's name on the system, `link` for one from a mail, or the part of the node that decided.
    pub who: &'a str,
    /// As in `hide`.
    pub action: &'a str,
    /// As in `comment 12`.
    pub about: &'a str,
    pub why: Option<&'a str>,
    pub before: Option<&'a str>,
    /// Why a comment was in that state.
    pub before_reason: Option<&'a str>,
}

impl Conn {
    pub async fn log(&mut self, decision: &Decision<'_>) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO log (at, who, action, about, why, before, before_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        )
        .bind(now())
        .bind(decision.who)
        .bind(decision.action)
        .bind(decision.about)
        .bind(decision.why)
        .bind(decision.before)
        .bind(decision.before_reason)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// The next `limit` entries with ids below `before`, newest first; about one thing, if that is given.
    pub async fn log_entries(
        &mut self,
        about: Option<&str>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<LogEntry>> {
        let Some(about) = about else {
            return Ok(on!(self, |c| sqlx::query_as(
                "SELECT * FROM log WHERE id < $1 ORDER BY id DESC LIMIT $2"
            )
            .bind(before)
            .bind(limit)
            .fetch_all(c)
            .await)?);
        };
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM log WHERE about = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        )
        .bind(about)
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// The last decision about something that says what was before.
    pub async fn last_decision(&mut self, about: &str) -> Result<Option<LogEntry>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM log WHERE about = $1 AND before IS NOT NULL ORDER BY id DESC LIMIT 1"
        )
        .bind(about)
        .fetch_optional(c)
        .await)?)
    }
}

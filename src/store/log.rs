//! The log: what was decided about comments, people and hosts; who, when and why.

use super::{Conn, Result, conn::on, now};
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
}

impl Conn {
    pub async fn log(&mut self, decision: &Decision<'_>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO log (at, who, action, about, why, before) VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(now())
        .bind(decision.who)
        .bind(decision.action)
        .bind(decision.about)
        .bind(decision.why)
        .bind(decision.before)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The next `limit` entries with ids below `before`, newest first; about one thing, if that is given.
    pub async fn log_entries(
        &mut self,
        about: Option<&str>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<LogEntry>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT * FROM log WHERE id < $1 AND ($2 IS NULL OR about = $2) ORDER BY id DESC LIMIT $3"
        )
        .bind(before)
        .bind(about)
        .bind(limit)
        .fetch_all(c)
        .await
        })?)
    }
}

//! The moderation log: decisions about comments, actors and hosts.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_optional, now};
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
    /// The state before, of a comment.
    pub before: Option<String>,
    /// The reason of that state.
    pub before_reason: Option<String>,
}

/// A decision to be logged.
#[derive(Debug, Clone, Default)]
pub struct Decision<'a> {
    /// The admin's user name, `link` for a link in a mail, or the part of the node that decided.
    pub who: &'a str,
    /// For example, `hide`.
    pub action: &'a str,
    /// For example, `comment 12`.
    pub about: &'a str,
    pub why: Option<&'a str>,
    pub before: Option<&'a str>,
    /// The reason of that state.
    pub before_reason: Option<&'a str>,
}

impl Conn {
    /// Returns the next `limit` entries with ids below `before`, newest first; only those about `about`, if it is
    /// given.
    pub async fn log_entries(
        &mut self,
        about: Option<&str>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<LogEntry>> {
        let Some(about) = about else {
            return fetch_all!(
                self,
                "SELECT * FROM log WHERE id < $1 ORDER BY id DESC LIMIT $2",
                before,
                limit
            );
        };
        fetch_all!(
            self,
            "SELECT * FROM log WHERE about = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            about,
            before,
            limit
        )
    }

    /// Returns the last decision about something that has a state before.
    pub async fn last_decision(&mut self, about: &str) -> Result<Option<LogEntry>> {
        fetch_optional!(
            self,
            "SELECT * FROM log WHERE about = $1 AND before IS NOT NULL ORDER BY id DESC LIMIT 1",
            about
        )
    }
}

impl Tx {
    pub async fn log(&mut self, decision: &Decision<'_>) -> Result<()> {
        execute!(
            self,
            "INSERT INTO log (at, who, action, about, why, before, before_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            now(),
            decision.who,
            decision.action,
            decision.about,
            decision.why,
            decision.before,
            decision.before_reason
        )?;
        Ok(())
    }
}

//! The change log. Triggers write it whenever any program changes a post; the nodes publish what it lists.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_scalar, now, text_enum};
use sqlx::FromRow;

text_enum! {
    /// The kind of row that changed.
    pub enum ChangeKind ("kind of change") {
        Article = "article",
        Author = "author",
        Note = "note",
        /// A like, boost, follow or report by a local actor.
        Interaction = "interaction",
        /// The pin of an article.
        Pin = "pin",
    }
}

/// A row of the change log. Its `uid` names an article or note by uid, an author by username, any other row by id.
#[derive(Debug, Clone, FromRow)]
pub struct Change {
    pub id: i64,
    pub kind: ChangeKind,
    pub uid: String,
}

impl Conn {
    /// Returns the oldest due changes, to prepare for them. It takes no lock.
    pub async fn peek_due_changes(&mut self, limit: i64) -> Result<Vec<Change>> {
        fetch_all!(
            self,
            "SELECT id, kind, uid FROM changes WHERE due_at <= $1 ORDER BY id LIMIT $2",
            now(),
            limit
        )
    }

    /// Returns the time at which the next scheduled change is due.
    pub async fn next_change_due(&mut self) -> Result<Option<i64>> {
        fetch_scalar!(self, "SELECT MIN(due_at) FROM changes")
    }
}

impl Tx {
    /// Adds a change of a table that has no trigger, and wakes the nodes.
    pub async fn add_change(&mut self, kind: ChangeKind, uid: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO changes (kind, uid) VALUES ($1, $2)",
            kind.as_str(),
            uid
        )?;
        self.notify_nodes().await
    }

    /// Returns the oldest due changes and locks the change log; none if another node holds the lock.
    pub async fn lock_due_changes(&mut self, limit: i64) -> Result<Vec<Change>> {
        if !self.lock_changes().await? {
            return Ok(Vec::new());
        }
        fetch_all!(
            self,
            "SELECT id, kind, uid FROM changes WHERE due_at <= $1 ORDER BY id LIMIT $2",
            now(),
            limit
        )
    }

    pub async fn finish_change(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM changes WHERE id = $1", id)?;
        Ok(())
    }

    pub async fn postpone_change(&mut self, id: i64, due_at: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE changes SET due_at = $2 WHERE id = $1",
            id,
            due_at
        )?;
        Ok(())
    }
}

//! The change log that triggers write, and what was last told to the fediverse of each article.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    Article,
    Author,
    Note,
    /// A like, boost, follow or report of ours.
    Interaction,
    /// An article that is pinned, or no longer.
    Pin,
}

impl ChangeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Article => "article",
            ChangeKind::Author => "author",
            ChangeKind::Note => "note",
            ChangeKind::Interaction => "interaction",
            ChangeKind::Pin => "pin",
        }
    }
}

impl TryFrom<String> for ChangeKind {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "article" => Ok(ChangeKind::Article),
            "author" => Ok(ChangeKind::Author),
            "note" => Ok(ChangeKind::Note),
            "interaction" => Ok(ChangeKind::Interaction),
            "pin" => Ok(ChangeKind::Pin),
            _ => Err(format!("unknown kind of change: {text}")),
        }
    }
}

/// A row of the change log: this article or note (by uid), author (by username), or else row (by id) was
/// written.
#[derive(Debug, Clone, FromRow)]
pub struct Change {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: ChangeKind,
    pub uid: String,
}

impl Conn {
    /// Notes a change of a table that has no trigger for it, and wakes the nodes.
    pub async fn add_change(&mut self, kind: ChangeKind, uid: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO changes (kind, uid) VALUES ($1, $2)"
        )
        .bind(kind.as_str())
        .bind(uid)
        .execute(c)
        .await
        .map(drop))?;
        self.notify_nodes().await
    }

    /// The oldest due changes, to be looked at before they are handled.
    pub async fn coming_changes(&mut self, limit: i64) -> Result<Vec<Change>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT id, kind, uid FROM changes WHERE due_at <= $1 ORDER BY id LIMIT $2"
        )
        .bind(now())
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// The oldest due changes; none while another node handles some.
    pub async fn due_changes(&mut self, limit: i64) -> Result<Vec<Change>> {
        if !self.lock_changes().await? {
            return Ok(Vec::new());
        }
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT id, kind, uid FROM changes WHERE due_at <= $1 ORDER BY id LIMIT $2"
        )
        .bind(now())
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// When the next scheduled change is due.
    pub async fn next_change_due(&mut self) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT MIN(due_at) FROM changes"
        )
        .fetch_one(c)
        .await)?)
    }

    pub async fn finish_change(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query("DELETE FROM changes WHERE id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    pub async fn postpone_change(&mut self, id: i64, due_at: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE changes SET due_at = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(due_at)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

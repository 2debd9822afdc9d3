//! The change log. Triggers write it whenever any program changes a post; the nodes publish what it lists.
//!
//! A change can be silent: it is published, and nothing is delivered for it. Triggers write announced changes; the
//! transaction that wants silence marks its own rows. One announced change makes all later ones of its object announced,
//! so that silence never swallows what somebody else announced.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_one, fetch_scalar, now, text_enum,
};
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
    /// Whether nothing is delivered for it.
    pub silent: bool,
}

/// A position in the change log, before the changes that a transaction is about to write.
#[derive(Debug, Clone, Copy)]
pub struct ChangeMark(i64);

/// How all pending changes of one object together are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAnnouncement {
    /// The first change is announced, and so is all that followed.
    Tell,
    /// No change is announced.
    Silent,
    /// The first change is not announced, but a later one is.
    SilentThenTell,
}

#[derive(FromRow)]
struct PendingRow {
    first_silent: Option<i64>,
    first_loud: Option<i64>,
    /// The first announced change that was not deferred to the date of a scheduled article.
    first_loud_at_once: Option<i64>,
}

impl Conn {
    /// Returns the oldest due changes, to prepare for them. It takes no lock.
    pub async fn peek_due_changes(&mut self, limit: i64) -> Result<Vec<Change>> {
        fetch_all!(
            self,
            "SELECT id, kind, uid, silent FROM changes WHERE due_at <= $1 ORDER BY id LIMIT $2",
            now(),
            limit
        )
    }

    /// Returns the time at which the next scheduled change is due.
    pub async fn next_change_due(&mut self) -> Result<Option<i64>> {
        fetch_scalar!(self, "SELECT MIN(due_at) FROM changes")
    }

    /// Returns how the pending changes of an object are announced. Read the object before: an announced change that is
    /// committed in between is then seen here.
    ///
    /// An announced edit of an article that is scheduled silently does not announce the article.
    pub async fn pending_announcement(
        &mut self,
        kind: ChangeKind,
        uid: &str,
    ) -> Result<PendingAnnouncement> {
        let row: PendingRow = fetch_one!(
            self,
            "SELECT MIN(CASE WHEN silent THEN id END) AS first_silent,
                MIN(CASE WHEN silent THEN NULL ELSE id END) AS first_loud,
                MIN(CASE WHEN silent OR due_at > 0 THEN NULL ELSE id END) AS first_loud_at_once
             FROM changes WHERE kind = $1 AND uid = $2",
            kind.as_str(),
            uid
        )?;
        Ok(match (row.first_silent, row.first_loud) {
            (Some(silent), Some(loud)) if silent < loud => match row.first_loud_at_once {
                Some(_) => PendingAnnouncement::SilentThenTell,
                None => PendingAnnouncement::Silent,
            },
            (Some(_), None) => PendingAnnouncement::Silent,
            _ => PendingAnnouncement::Tell,
        })
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

    /// Returns the end of the change log: call this before writing what [`Tx::silence_changes`] silences.
    pub async fn mark_changes(&mut self) -> Result<ChangeMark> {
        let last = fetch_scalar!(self, "SELECT COALESCE(MAX(id), 0) FROM changes")?;
        Ok(ChangeMark(last))
    }

    /// Marks as silent all changes that this transaction has written since `mark`, and none of others.
    pub async fn silence_changes(&mut self, mark: ChangeMark) -> Result<()> {
        execute!(
            self,
            [
                "UPDATE changes SET silent = TRUE WHERE id > $1",
                // Other transactions write to the log at the same time.
                "UPDATE changes SET silent = TRUE
                 WHERE id > $1 AND xmin::text = (txid_current() % 4294967296)::text"
            ],
            mark.0
        )?;
        Ok(())
    }

    /// Decides anew whether an article is announced when it is published, whatever its pending changes say. Does nothing
    /// if it is public already: see [`Tx::silence_changes`].
    pub async fn set_publication_silent(&mut self, article_uid: &str, silent: bool) -> Result<()> {
        execute!(
            self,
            "UPDATE changes SET silent = $2 WHERE kind = 'article' AND uid = $1
                AND NOT EXISTS (SELECT 1 FROM publications WHERE article_uid = $1 AND state = 'live')",
            article_uid,
            silent
        )?;
        Ok(())
    }

    /// Removes the changes of an article that wait for its date, because it is no longer scheduled.
    pub async fn forget_scheduled_changes(&mut self, article_uid: &str) -> Result<()> {
        execute!(
            self,
            "DELETE FROM changes WHERE kind = 'article' AND uid = $1 AND due_at > 0",
            article_uid
        )?;
        Ok(())
    }

    /// Returns the oldest due changes and locks the change log; none if another node holds the lock.
    pub async fn lock_due_changes(&mut self, limit: i64) -> Result<Vec<Change>> {
        if !self.lock_changes().await? {
            return Ok(Vec::new());
        }
        self.peek_due_changes(limit).await
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

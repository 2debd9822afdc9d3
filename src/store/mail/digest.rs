//! Comments and notices that wait for the next mail to the admin.

use super::{
    notices::Notice,
    notifications::{NotifiedComment, notified_comment},
};
use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_one};
use sqlx::FromRow;

/// The comments and notices that wait for a mail to the admin, up to these ids.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct MailPending {
    pub comments: i64,
    /// The number of those comments that wait for a decision.
    pub held: i64,
    pub notices: i64,
    pub last_comment: i64,
    pub last_notice: i64,
}

impl Conn {
    /// Counts the comments and notices that wait for a mail to the admin, except comments that were decided meanwhile.
    pub async fn mail_pending(&mut self) -> Result<MailPending> {
        fetch_one!(
            self,
            "SELECT (SELECT COUNT(*) FROM comments WHERE unmailed AND state IN ('visible', 'held')) AS comments,
             (SELECT COUNT(*) FROM comments WHERE unmailed AND state = 'held') AS held,
             (SELECT COUNT(*) FROM notices WHERE unmailed) AS notices,
             (SELECT COALESCE(MAX(id), 0) FROM comments WHERE unmailed) AS last_comment,
             (SELECT COALESCE(MAX(id), 0) FROM notices WHERE unmailed) AS last_notice"
        )
    }

    /// Returns the first `limit` comments that wait for a mail to the admin; those that wait for a decision first.
    pub async fn mail_pending_comments(
        &mut self,
        last: i64,
        limit: i64,
    ) -> Result<Vec<NotifiedComment>> {
        fetch_all!(
            self,
            notified_comment!(
                " FROM comments c JOIN articles a ON a.id = c.article_id
             WHERE c.unmailed AND c.id <= $1 AND c.state IN ('visible', 'held')
             ORDER BY c.state, c.id LIMIT $2"
            ),
            last,
            limit
        )
    }

    pub async fn mail_pending_notices(&mut self, last: i64, limit: i64) -> Result<Vec<Notice>> {
        fetch_all!(
            self,
            "SELECT * FROM notices WHERE unmailed AND id <= $1 ORDER BY id LIMIT $2",
            last,
            limit
        )
    }
}

impl Tx {
    /// Clears the pending notifications of a comment on which the admin decided.
    pub async fn clear_notify_pending(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET untold = FALSE, unmailed = FALSE WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// Marks everything up to these ids as mailed to the admin.
    pub async fn clear_mail_pending(&mut self, last_comment: i64, last_notice: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET unmailed = FALSE WHERE unmailed AND id <= $1",
            last_comment
        )?;
        execute!(
            self,
            "UPDATE notices SET unmailed = FALSE WHERE unmailed AND id <= $1",
            last_notice
        )?;
        Ok(())
    }
}

//! Comments whose replies are searched for on their own server.

use crate::store::database::{Conn, Result, claim_due, on};
use sqlx::FromRow;

/// A comment whose answers are to be looked for on its own server.
#[derive(Debug, Clone, FromRow)]
pub struct Crawl {
    pub id: i64,
    pub uri: String,
    pub replies_uri: String,
    /// This one included.
    pub crawls: i64,
    pub received_at: i64,
    /// The activity that brought the comment.
    pub caused_by: Option<String>,
}

impl Conn {
    /// Up to `limit` visible comments whose answers are due to be looked for; they are due again at `until`.
    pub async fn claim_crawls(&mut self, until: i64, limit: i64) -> Result<Vec<Crawl>> {
        claim_due!(
            self,
            until,
            limit,
            "UPDATE comments SET next_crawl_at = $1, crawls = crawls + 1 WHERE id IN (
                SELECT id FROM comments WHERE next_crawl_at <= $2 AND state = 'visible'
                ORDER BY next_crawl_at LIMIT $3",
            "id, uri, replies_uri, crawls, received_at, caused_by"
        )
    }

    /// When a comment's answers are next looked for; `None`: no more.
    pub async fn set_next_crawl(&mut self, comment_id: i64, time: Option<i64>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET next_crawl_at = $2 WHERE id = $1"
        )
        .bind(comment_id)
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Postpones a claimed crawl, as if it had not been begun.
    pub async fn postpone_crawl(&mut self, comment_id: i64, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET next_crawl_at = $2, crawls = crawls - 1
             WHERE id = $1 AND next_crawl_at IS NOT NULL"
        )
        .bind(comment_id)
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns when the next lookup, crawl or (with `with_rechecks`) recheck is due; `None` if nothing waits.
    pub async fn next_of_conversations(&mut self, with_rechecks: bool) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT MIN(due) FROM (SELECT MIN(next_attempt_at) AS due FROM lookups
                UNION ALL SELECT MIN(next_crawl_at) FROM comments
                    WHERE next_crawl_at IS NOT NULL AND state = 'visible'
                UNION ALL SELECT MIN(next_check_at) FROM rechecks WHERE $1) clocks"
        )
        .bind(with_rechecks)
        .fetch_one(c)
        .await)?)
    }
}

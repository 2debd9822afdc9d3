//! Comments whose replies are searched for on their own server.

use crate::store::database::{Conn, Result, Tx, claim_due, execute, fetch_scalar};
use sqlx::FromRow;

/// A comment whose `replies` collection is due to be fetched.
#[derive(Debug, Clone, FromRow)]
pub struct Crawl {
    pub id: i64,
    pub uri: String,
    pub replies_uri: String,
    /// The number of crawls, including this one.
    pub crawls: i64,
    pub received_at: i64,
    /// The activity through which the comment arrived.
    pub caused_by: Option<String>,
}

impl Conn {
    /// Returns when the next lookup, crawl or (with `with_rechecks`) recheck is due; `None` if nothing waits.
    pub async fn next_backfill_due(&mut self, with_rechecks: bool) -> Result<Option<i64>> {
        fetch_scalar!(
            self,
            "SELECT MIN(due) FROM (SELECT MIN(next_attempt_at) AS due FROM lookups
             UNION ALL SELECT MIN(next_crawl_at) FROM comments
                 WHERE next_crawl_at IS NOT NULL AND state = 'visible'
             UNION ALL SELECT MIN(next_check_at) FROM rechecks WHERE $1) clocks",
            with_rechecks
        )
    }
}

impl Tx {
    /// Claims up to `limit` visible comments whose `replies` collections are due; they are due again at `until`.
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

    /// Sets the time of a comment's next crawl; `None` if there is none.
    pub async fn set_next_crawl(&mut self, comment_id: i64, time: Option<i64>) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET next_crawl_at = $2 WHERE id = $1",
            comment_id,
            time
        )?;
        Ok(())
    }

    /// Postpones a claimed crawl that was not begun.
    pub async fn postpone_crawl(&mut self, comment_id: i64, time: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET next_crawl_at = $2, crawls = crawls - 1
             WHERE id = $1 AND next_crawl_at IS NOT NULL",
            comment_id,
            time
        )?;
        Ok(())
    }
}

//! The numbers of an article's comments.

use crate::store::database::{Db, Result, Store, Tx, fetch_scalar};

impl Store {
    /// Returns the next number for a comment of an article.
    ///
    /// On PostgreSQL, a transaction of its own counts: otherwise a transaction that stores a comment would lock the
    /// article's row until it is on disk, and all others would wait. A failed transaction leaves a gap in the numbers
    /// there.
    pub async fn next_comment_number(&self, tx: &mut Tx, article_id: i64) -> Result<i64> {
        const NEXT: &str =
            "UPDATE articles SET last_comment_number = last_comment_number + 1 WHERE id = $1
             RETURNING last_comment_number";
        if let Db::Postgres { counters, .. } = self.db()
            && !self.is_rehearsal()
        {
            let counted = sqlx::query_scalar(NEXT).bind(article_id);
            return Ok(counted.fetch_one(counters).await?);
        }
        fetch_scalar!(tx, NEXT, article_id)
    }
}

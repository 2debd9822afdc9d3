//! The numbers of an article's comments.

use crate::store::database::{Db, Raw, Result, Store, Tx};

impl Store {
    /// The next number of an article's comments.
    ///
    /// PostgreSQL counts apart from the transaction that stores the comment: that one would hold the
    /// article's row until it is on the disk, and all others would wait for it. A transaction that fails
    /// leaves a gap between the numbers there.
    pub async fn next_comment_number(&self, tx: &mut Tx, article_id: i64) -> Result<i64> {
        const NEXT: &str =
            "UPDATE articles SET last_comment_number = last_comment_number + 1 WHERE id = $1
             RETURNING last_comment_number";
        Ok(match (self.db(), tx.raw()) {
            (Db::Postgres { counters, .. }, _) => {
                sqlx::query_scalar(NEXT)
                    .bind(article_id)
                    .fetch_one(counters)
                    .await?
            }
            (_, Raw::Sqlite(c)) => {
                sqlx::query_scalar(NEXT)
                    .bind(article_id)
                    .fetch_one(c)
                    .await?
            }
            (_, Raw::Postgres(c)) => {
                sqlx::query_scalar(NEXT)
                    .bind(article_id)
                    .fetch_one(c)
                    .await?
            }
        })
    }
}

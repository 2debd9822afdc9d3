//! The numbers of an article's comments.

use crate::store::database::{Conn, Db, Result, Store, Tx, fetch_all, to_json};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// How many comments an article gets.
#[derive(Serialize)]
struct Count {
    article: i64,
    count: i64,
}

impl Store {
    /// Returns the next number for a comment of an article: see [`Store::count_comments`].
    pub async fn next_comment_number(&self, tx: &mut Tx, article_id: i64) -> Result<i64> {
        let new = BTreeMap::from([(article_id, 1)]);
        let last = self.count_comments(tx, &new).await?;
        last.get(&article_id)
            .copied()
            .ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Counts new comments of articles. Returns the number of the last one of each article that exists.
    ///
    /// On PostgreSQL, a transaction of its own counts: otherwise a transaction that stores a comment would lock the
    /// article's row until it is on disk, and all others would wait. A failed transaction leaves a gap in the numbers
    /// there.
    pub async fn count_comments(
        &self,
        tx: &mut Tx,
        new: &BTreeMap<i64, i64>,
    ) -> Result<HashMap<i64, i64>> {
        let counts = new
            .iter()
            .map(|(&article, &count)| Count { article, count });
        let counts = to_json(&counts.collect::<Vec<_>>());
        if let Db::Postgres { counters, .. } = self.db()
            && !self.is_rehearsal()
        {
            let mut counting = Conn::postgres(counters.acquire().await?);
            return count(&mut counting, counts).await;
        }
        count(tx, counts).await
    }
}

async fn count(conn: &mut Conn, counts: String) -> Result<HashMap<i64, i64>> {
    let last: Vec<(i64, i64)> = fetch_all!(
        conn,
        rows(
            "$1",
            [article bigint, count bigint],
            [
                "UPDATE articles SET last_comment_number = last_comment_number + r.count FROM r
                 WHERE articles.id = r.article RETURNING articles.id, last_comment_number",
                // Nodes that count for the same articles wait for each other in the same order.
                ", locked AS MATERIALIZED (SELECT a.id, r.count FROM articles a JOIN r ON r.article = a.id
                    ORDER BY a.id FOR UPDATE OF a)
                 UPDATE articles SET last_comment_number = last_comment_number + locked.count FROM locked
                 WHERE articles.id = locked.id RETURNING articles.id, last_comment_number"
            ]
        ),
        counts
    )?;
    Ok(last.into_iter().collect())
}

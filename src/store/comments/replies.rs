//! The visible comments of an article, and replies to a comment, as ActivityPub collections list them.

use crate::store::database::{Conn, Result, on};

impl Conn {
    /// The ids of the next `limit` visible comments of an article, after a number.
    pub async fn reply_uris(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT number, uri FROM comments
             WHERE article_id = $1 AND number > $2 AND state = 'visible' ORDER BY number LIMIT $3"
        )
        .bind(article_id)
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Returns the number of visible replies to a comment.
    pub async fn count_answers(&mut self, comment_id: i64) -> Result<i64> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM comments WHERE parent_id = $1 AND state = 'visible'"
        )
        .bind(comment_id)
        .fetch_one(c)
        .await)?)
    }

    /// Returns the next visible replies to a comment: number and id.
    pub async fn answer_uris(
        &mut self,
        comment_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT number, uri FROM comments
             WHERE parent_id = $1 AND number > $2 AND state = 'visible' ORDER BY number LIMIT $3"
        )
        .bind(comment_id)
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Returns the cursor of the page before the one after `after`; `None` if that is the first.
    pub async fn answer_page_before(
        &mut self,
        comment_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
                "SELECT number FROM comments WHERE parent_id = $1 AND number <= $2 AND state = 'visible'
             ORDER BY number DESC LIMIT 1 OFFSET $3",
            )
            .bind(comment_id)
            .bind(after)
            .bind(limit)
            .fetch_optional(c)
            .await
        })?)
    }

    /// Where the page of comments before the one after `after` begins; `None` if that is the first.
    pub async fn reply_page_before(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT number FROM comments WHERE article_id = $1 AND number <= $2 AND state = 'visible'
             ORDER BY number DESC LIMIT 1 OFFSET $3"
        )
        .bind(article_id)
        .bind(after)
        .bind(limit)
        .fetch_optional(c)
        .await
        })?)
    }
}

//! The visible comments of an article, and replies to a comment, as ActivityPub collections list them.

use crate::store::database::{Conn, Result, fetch_all, fetch_optional_scalar, fetch_scalar};

impl Conn {
    /// Returns the next `limit` visible comments of an article after a number: number and id.
    pub async fn comment_uris_of_article(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        fetch_all!(
            self,
            "SELECT number, uri FROM comments
             WHERE article_id = $1 AND number > $2 AND state = 'visible' ORDER BY number LIMIT $3",
            article_id,
            after,
            limit
        )
    }

    /// Returns the number of visible replies to a comment.
    pub async fn count_replies(&mut self, comment_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM comments WHERE parent_id = $1 AND state = 'visible'",
            comment_id
        )
    }

    /// Returns the next visible replies to a comment: number and id.
    pub async fn reply_uris_of_comment(
        &mut self,
        comment_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        fetch_all!(
            self,
            "SELECT number, uri FROM comments
             WHERE parent_id = $1 AND number > $2 AND state = 'visible' ORDER BY number LIMIT $3",
            comment_id,
            after,
            limit
        )
    }

    /// Returns the cursor of the page before the one after `after`; `None` if that is the first page.
    pub async fn replies_page_before(
        &mut self,
        comment_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "SELECT number FROM comments WHERE parent_id = $1 AND number <= $2 AND state = 'visible'
             ORDER BY number DESC LIMIT 1 OFFSET $3",
            comment_id,
            after,
            limit
        )
    }

    /// Returns the cursor of the page of comments before the one after `after`; `None` if that is the first page.
    pub async fn comments_page_before(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "SELECT number FROM comments WHERE article_id = $1 AND number <= $2 AND state = 'visible'
             ORDER BY number DESC LIMIT 1 OFFSET $3",
            article_id,
            after,
            limit
        )
    }
}

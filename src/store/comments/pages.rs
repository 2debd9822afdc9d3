//! Comments for pages, by number, and their counts.

use super::comment::Comment;
use crate::store::database::{Conn, Result, fetch_all, fetch_scalar, now, to_json};
use sqlx::FromRow;

/// A comment for a page, with its parent's number and its author's picture and emoji.
#[derive(Debug, Clone, FromRow)]
pub struct PageComment {
    #[sqlx(flatten)]
    pub comment: Comment,
    pub parent_number: Option<i64>,
    /// The handle, page and actor of the parent's author.
    pub parent_handle: Option<String>,
    pub parent_url: Option<String>,
    pub parent_actor: Option<String>,
    pub icon_url: Option<String>,
    /// JSON list of the custom emoji in the author's name.
    pub name_emoji: Option<String>,
}

/// Selects [`PageComment`]s. This is a macro, since sqlx takes literals.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.*, p.number AS parent_number, p.author_handle AS parent_handle, p.author_url AS parent_url,
                pa.uri AS parent_actor, a.icon_url, a.emoji AS name_emoji
             FROM comments c LEFT JOIN comments p ON p.id = c.parent_id
                LEFT JOIN remote_actors a ON a.id = c.actor_id
                LEFT JOIN remote_actors pa ON pa.id = p.actor_id ",
            $rest
        )
    };
}

impl Conn {
    /// Counts visible comments by article, for the articles whose ids are in the JSON list `ids`.
    pub(in crate::store) async fn comment_counts_of(
        &mut self,
        ids: &str,
    ) -> Result<Vec<(i64, i64)>> {
        fetch_all!(
            self,
            ids(
                "SELECT article_id, COUNT(*) FROM comments WHERE state = 'visible'
                 AND article_id IN ",
                "$1",
                "
                     GROUP BY article_id"
            ),
            ids
        )
    }

    /// Returns the next `limit` comments of an article for its page, by number: the visible ones, and others that have
    /// visible replies, as placeholders.
    pub async fn page_comments(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PageComment>> {
        fetch_all!(
            self,
            select!(
                "WHERE c.article_id = $1 AND c.number > $2
                   AND (c.state = 'visible'
                        OR EXISTS (SELECT 1 FROM comments child WHERE child.parent_id = c.id AND child.state = 'visible'))
                 ORDER BY c.number LIMIT $3"
            ),
            article_id,
            after,
            limit
        )
    }

    /// Returns the last `limit` comments of an article that everybody may read, with numbers below `before`, the newest
    /// first.
    pub async fn newest_comments(
        &mut self,
        article_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<PageComment>> {
        fetch_all!(
            self,
            select!(
                "WHERE c.article_id = $1 AND c.number < $2 AND c.state = 'visible'
                   AND (c.hidden_from IS NULL OR c.hidden_from > $3)
                 ORDER BY c.number DESC LIMIT $4"
            ),
            article_id,
            before,
            now(),
            limit
        )
    }

    /// Counts the visible comments of an article.
    pub async fn count_comments(&mut self, article_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM comments WHERE article_id = $1 AND state = 'visible'",
            article_id
        )
    }

    /// Counts the visible comments of each article of a list.
    pub async fn comment_counts(
        &mut self,
        article_ids: &[i64],
    ) -> Result<std::collections::HashMap<i64, i64>> {
        let ids = to_json(article_ids);
        Ok(self.comment_counts_of(&ids).await?.into_iter().collect())
    }

    /// Returns the numbers and stored sizes in bytes of the last `limit` visible comments of an article up to a number,
    /// the last first.
    pub async fn comment_sizes(
        &mut self,
        article_id: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<Vec<(i64, i64)>> {
        fetch_all!(
            self,
            "SELECT number, CAST(octet_length(content) + COALESCE(octet_length(extras), 0) AS BIGINT) FROM comments
             WHERE article_id = $1 AND number <= $2 AND state = 'visible' ORDER BY number DESC LIMIT $3",
            article_id,
            up_to,
            limit
        )
    }
}

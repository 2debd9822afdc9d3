//! Comments as pages show them, by number, and how many there are.

use super::comment::Comment;
use crate::store::database::{Conn, Raw, Result, on};
use sqlx::FromRow;

/// A comment as the page shows it, with its parent's number and what is known of its author.
#[derive(Debug, Clone, FromRow)]
pub struct PageComment {
    #[sqlx(flatten)]
    pub comment: Comment,
    pub parent_number: Option<i64>,
    pub icon_url: Option<String>,
    /// JSON list of the custom emoji in the author's name.
    pub name_emoji: Option<String>,
}

impl Conn {
    /// Visible comments by article, for the articles whose ids are in the JSON list `ids`.
    pub(in crate::store) async fn comment_counts_of(
        &mut self,
        ids: &str,
    ) -> Result<Vec<(i64, i64)>> {
        Ok(match self.raw() {
            Raw::Sqlite(connection) => {
                sqlx::query_as(
                    "SELECT article_id, COUNT(*) FROM comments WHERE state = 'visible'
                     AND article_id IN (SELECT value FROM json_each($1)) GROUP BY article_id",
                )
                .bind(ids)
                .fetch_all(connection)
                .await?
            }
            Raw::Postgres(connection) => {
                sqlx::query_as(
                    "SELECT article_id, COUNT(*) FROM comments WHERE state = 'visible'
                     AND article_id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
                     GROUP BY article_id",
                )
                .bind(ids)
                .fetch_all(connection)
                .await?
            }
        })
    }

    /// The next `limit` comments of an article that readers see, by number; what they don't see but what
    /// visible answers stand below is among them, for its place.
    pub async fn page_comments(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PageComment>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT c.*, p.number AS parent_number, a.icon_url, a.emoji AS name_emoji
             FROM comments c LEFT JOIN comments p ON p.id = c.parent_id
                LEFT JOIN remote_actors a ON a.id = c.actor_id
             WHERE c.article_id = $1 AND c.number > $2
               AND (c.state = 'visible'
                    OR EXISTS (SELECT 1 FROM comments child WHERE child.parent_id = c.id AND child.state = 'visible'))
             ORDER BY c.number LIMIT $3"
        )
        .bind(article_id)
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await
        })?)
    }

    /// How many comments of an article readers see.
    pub async fn count_comments(&mut self, article_id: i64) -> Result<i64> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM comments WHERE article_id = $1 AND state = 'visible'"
        )
        .bind(article_id)
        .fetch_one(c)
        .await)?)
    }

    /// How many visible comments each of the articles of a list has.
    pub async fn comment_counts(
        &mut self,
        article_ids: &[i64],
    ) -> Result<std::collections::HashMap<i64, i64>> {
        let ids = serde_json::to_string(article_ids).unwrap_or_default();
        Ok(self.comment_counts_of(&ids).await?.into_iter().collect())
    }

    /// The numbers and sizes (in bytes, as they are stored) of the last `limit` visible comments of an article up to a
    /// number, the last first.
    pub async fn comment_sizes(
        &mut self,
        article_id: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<Vec<(i64, i64)>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT number, CAST(octet_length(content) + COALESCE(octet_length(extras), 0) AS BIGINT) FROM comments
                 WHERE article_id = $1 AND number <= $2 AND state = 'visible' ORDER BY number DESC LIMIT $3",
            )
            .bind(article_id)
            .bind(up_to)
            .bind(limit)
            .fetch_all(c)
            .await
        })?)
    }
}

//! Our own notes as comments in an article's thread.

use super::comment::Comment;
use crate::store::database::{Conn, Result, now, on};

/// A note of ours as a comment in an article's thread.
#[derive(Debug, Clone)]
pub struct OwnComment<'a> {
    pub article_id: i64,
    pub parent_id: Option<i64>,
    /// The note's id, which is also its page.
    pub uri: &'a str,
    pub author_name: &'a str,
    pub author_handle: &'a str,
    pub author_url: &'a str,
    pub content: &'a str,
    pub content_warning: Option<&'a str>,
    pub language: &'a str,
    pub published_at: i64,
}

impl Conn {
    /// Puts a note of ours into an article's thread, under the article's next number.
    pub async fn add_own_comment(&mut self, comment: &OwnComment<'_>) -> Result<()> {
        let number: i64 = on!(self, |c| sqlx::query_scalar(
            "UPDATE articles SET last_comment_number = last_comment_number + 1 WHERE id = $1
             RETURNING last_comment_number"
        )
        .bind(comment.article_id)
        .fetch_one(c)
        .await)?;
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO comments (article_id, number, parent_id, uri, url, author_name, author_handle,
                    author_url, content, content_warning, language, state, published_at, received_at,
                    guest_untold)
                 VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, 'visible', $11, $12,
                    COALESCE((SELECT wants_answers FROM comments WHERE id = $3), FALSE))
                 ON CONFLICT (uri) DO NOTHING",
            )
            .bind(comment.article_id)
            .bind(number)
            .bind(comment.parent_id)
            .bind(comment.uri)
            .bind(comment.author_name)
            .bind(comment.author_handle)
            .bind(comment.author_url)
            .bind(comment.content)
            .bind(comment.content_warning)
            .bind(comment.language)
            .bind(comment.published_at)
            .bind(now())
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Sets the current name of a local actor on its comments; `ids` is the prefix of the ids of notes.
    pub async fn rename_own_comments(
        &mut self,
        local_actor_id: i64,
        ids: &str,
        name: &str,
        url: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "UPDATE comments SET author_name = $3, author_url = $4
                 WHERE uri IN (SELECT CAST($2 AS TEXT) || uid FROM notes WHERE local_actor_id = $1 AND NOT by_guest)
                   AND state <> 'deleted' AND (author_name <> $3 OR COALESCE(author_url, '') <> $4)",
            )
            .bind(local_actor_id)
            .bind(ids)
            .bind(name)
            .bind(url)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// The comment with this id or address on its own server.
    pub async fn comment_at(&mut self, address: &str) -> Result<Option<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE uri = $1
             UNION ALL SELECT * FROM comments WHERE url = $1 AND uri <> $1 LIMIT 1"
        )
        .bind(address)
        .fetch_optional(c)
        .await)?)
    }
}

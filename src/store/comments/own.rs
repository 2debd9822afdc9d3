//! Local notes as comments in an article's thread.

use super::comment::Comment;
use crate::store::database::{Conn, Result, Tx, execute, fetch_optional, fetch_scalar, now};

/// A local note as a comment in an article's thread.
#[derive(Debug, Clone)]
pub struct OwnComment<'a> {
    pub article_id: i64,
    pub parent_id: Option<i64>,
    /// The note's id, which is also the address of its page.
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
    /// Returns the comment with this id or page.
    pub async fn comment_at(&mut self, address: &str) -> Result<Option<Comment>> {
        fetch_optional!(
            self,
            "SELECT * FROM comments WHERE uri = $1
             UNION ALL SELECT * FROM comments WHERE url = $1 AND uri <> $1 LIMIT 1",
            address
        )
    }
}

impl Tx {
    /// Adds a local note to an article's thread, under the article's next number.
    pub async fn add_own_comment(&mut self, comment: &OwnComment<'_>) -> Result<()> {
        let number: i64 = fetch_scalar!(
            self,
            "UPDATE articles SET last_comment_number = last_comment_number + 1 WHERE id = $1
             RETURNING last_comment_number",
            comment.article_id
        )?;
        execute!(
            self,
            "INSERT INTO comments (article_id, number, parent_id, uri, url, author_name, author_handle,
                author_url, content, content_warning, language, state, published_at, received_at,
                guest_untold)
             VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, 'visible', $11, $12,
                COALESCE((SELECT wants_answers FROM comments WHERE id = $3), FALSE))
             ON CONFLICT (uri) DO NOTHING",
            comment.article_id,
            number,
            comment.parent_id,
            comment.uri,
            comment.author_name,
            comment.author_handle,
            comment.author_url,
            comment.content,
            comment.content_warning,
            comment.language,
            comment.published_at,
            now()
        )?;
        Ok(())
    }

    /// Updates the name and page of a local actor on its comments; `ids` is the common prefix of the ids of notes.
    pub async fn update_own_comment_author(
        &mut self,
        local_actor_id: i64,
        ids: &str,
        name: &str,
        url: &str,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET author_name = $3, author_url = $4
             WHERE uri IN (SELECT CAST($2 AS TEXT) || uid FROM notes WHERE local_actor_id = $1 AND NOT by_guest)
               AND state <> 'deleted' AND (author_name <> $3 OR COALESCE(author_url, '') <> $4)",
            local_actor_id,
            ids,
            name,
            url
        )?;
        Ok(())
    }
}

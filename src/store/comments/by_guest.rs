//! A guest's own comments: listed, and edited.

use super::comment::Comment;
use crate::store::database::{Conn, Result, Tx, execute, fetch_all, now};
use sqlx::FromRow;

/// A comment of a guest, with its article.
#[derive(Debug, Clone, FromRow)]
pub struct OwnGuestComment {
    #[sqlx(flatten)]
    pub comment: Comment,
    pub article_title: String,
    pub article_slug: String,
    pub article_published_at: i64,
}

impl Conn {
    /// Returns the last `limit` comments of a guest that are not deleted, under published articles, newest first.
    pub async fn comments_of_guest(
        &mut self,
        guest_id: i64,
        limit: i64,
    ) -> Result<Vec<OwnGuestComment>> {
        fetch_all!(
            self,
            "SELECT c.*, a.title AS article_title, a.slug AS article_slug, a.published_at AS article_published_at
             FROM comments c JOIN articles a ON a.id = c.article_id
             WHERE c.guest_id = $1 AND c.state <> 'deleted' AND a.status = 'published' AND a.published_at <= $3
             ORDER BY c.id DESC LIMIT $2",
            guest_id,
            limit,
            now()
        )
    }
}

impl Tx {
    /// Replaces the text of a guest's comment. Readers are told of the edit if they could see the former text.
    pub async fn edit_guest_comment(
        &mut self,
        id: i64,
        content: &str,
        markdown: &str,
    ) -> Result<()> {
        self.archive_text(id).await?;
        execute!(
            self,
            "UPDATE comments SET content = $2, markdown = $3,
                edited_at = CASE WHEN state = 'visible' THEN $4 ELSE edited_at END WHERE id = $1",
            id,
            content,
            markdown,
            now()
        )?;
        Ok(())
    }

    /// Marks a comment for a notification of the admin.
    pub async fn notify_again(&mut self, id: i64) -> Result<()> {
        execute!(self, "UPDATE comments SET untold = TRUE WHERE id = $1", id)?;
        Ok(())
    }
}

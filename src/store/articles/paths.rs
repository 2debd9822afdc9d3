//! The current and former paths of articles: addresses stay valid for ever.

use crate::store::database::{Conn, Result, on};

impl Conn {
    /// Stores the article at a path, in place of any other.
    pub async fn save_article_path(&mut self, path: &str, article_uid: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO article_paths (path, article_uid) VALUES ($1, $2)
             ON CONFLICT (path) DO UPDATE SET article_uid = excluded.article_uid"
        )
        .bind(path)
        .bind(article_uid)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Moves the paths of an article to its new uid.
    pub async fn move_article_paths(&mut self, old_uid: &str, new_uid: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE article_paths SET article_uid = $2 WHERE article_uid = $1"
        )
        .bind(old_uid)
        .bind(new_uid)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns the uid of the last article at a path. It outlives the article.
    pub async fn article_uid_at(&mut self, path: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT article_uid FROM article_paths WHERE path = $1"
        )
        .bind(path)
        .fetch_optional(c)
        .await)?)
    }
}

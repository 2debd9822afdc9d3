//! What an incoming activity needs to know of an article, without its text.

use super::{Conn, Result, conn::on, now};
use sqlx::FromRow;

/// What an incoming activity needs to know of an article.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleGate {
    pub id: i64,
    pub uid: String,
    pub status: String,
    pub published_at: i64,
    pub comments: String,
    pub title: String,
    /// `everyone`, `followers` or `nobody`; `None` is the site's default.
    pub quotes: Option<String>,
}

impl ArticleGate {
    /// Whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.status == "published" && self.published_at <= now()
    }

    /// Whether new comments are taken.
    pub fn takes_comments(&self) -> bool {
        self.is_visible() && self.comments == "open"
    }
}

impl Conn {
    pub async fn article_gate_by_uid(&mut self, uid: &str) -> Result<Option<ArticleGate>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, uid, status, published_at, comments, title, quotes FROM articles WHERE uid = $1"
        )
        .bind(uid)
        .fetch_optional(c)
        .await
        })?)
    }

    pub async fn article_gate_by_slug(&mut self, slug: &str) -> Result<Option<ArticleGate>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, uid, status, published_at, comments, title, quotes FROM articles WHERE slug = $1"
        )
        .bind(slug)
        .fetch_optional(c)
        .await
        })?)
    }

    pub async fn article_gate_by_id(&mut self, id: i64) -> Result<Option<ArticleGate>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, uid, status, published_at, comments, title, quotes FROM articles WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await
        })?)
    }
}

//! What an incoming activity needs to know of an article, without its text.

use crate::{
    content::{CommentPolicy, CommentTerms},
    store::database::{Conn, Result, now, on},
};
use sqlx::FromRow;

/// What an incoming activity needs to know of an article.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleGate {
    pub id: i64,
    pub uid: String,
    pub status: String,
    pub published_at: i64,
    pub comments: String,
    pub comment_policy: Option<String>,
    pub comment_days: Option<i64>,
    pub title: String,
    /// `everyone`, `followers` or `nobody`; `None` is the site's default.
    pub quotes: Option<String>,
}

impl ArticleGate {
    /// Whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.status == "published" && self.published_at <= now()
    }

    /// How comments are taken now, on a site with these terms.
    pub fn comment_policy(&self, site: CommentTerms) -> CommentPolicy {
        match self.is_visible() {
            true => policy_in_force(
                &self.comments,
                self.comment_policy.as_deref(),
                self.comment_days,
                self.published_at,
                site,
            ),
            false => CommentPolicy::Closed,
        }
    }
}

impl Conn {
    pub async fn article_gate_by_uid(&mut self, uid: &str) -> Result<Option<ArticleGate>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, uid, status, published_at, comments, comment_policy, comment_days, title,
                quotes FROM articles WHERE uid = $1"
        )
        .bind(uid)
        .fetch_optional(c)
        .await
        })?)
    }

    pub async fn article_gate_by_slug(&mut self, slug: &str) -> Result<Option<ArticleGate>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, uid, status, published_at, comments, comment_policy, comment_days, title,
                quotes FROM articles WHERE slug = $1"
        )
        .bind(slug)
        .fetch_optional(c)
        .await
        })?)
    }

    pub async fn article_gate_by_id(&mut self, id: i64) -> Result<Option<ArticleGate>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, uid, status, published_at, comments, comment_policy, comment_days, title,
                quotes FROM articles WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await
        })?)
    }
}

/// How an article takes comments now: as its columns say, or else the site.
pub(in crate::store) fn policy_in_force(
    comments: &str,
    policy: Option<&str>,
    days: Option<i64>,
    published_at: i64,
    site: CommentTerms,
) -> CommentPolicy {
    if comments != "open" {
        return CommentPolicy::Closed;
    }
    let own = policy.and_then(|policy| policy.parse().ok());
    site.overridden_by(own, days).policy_at(now(), published_at)
}

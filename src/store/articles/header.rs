//! Articles without their text, as the inbox needs them.

use super::article::ArticleStatus;
use crate::{
    content::{CommentPolicy, CommentTerms},
    store::database::{Conn, Result, fetch_all, fetch_optional, now, to_json},
};
use sqlx::FromRow;

/// An article without its text.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleHeader {
    pub id: i64,
    pub uid: String,
    pub status: ArticleStatus,
    pub published_at: i64,
    pub comments: String,
    pub comment_policy: Option<String>,
    pub comment_days: Option<i64>,
    pub title: String,
    /// `everyone`, `followers` or `nobody`; `None` is the site's default.
    pub quotes: Option<String>,
    /// The ActivityPub id that it got from other software; `None` if the id is computed from its uid.
    pub object_uri: Option<String>,
}

impl ArticleHeader {
    /// Returns whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.status == ArticleStatus::Published && self.published_at <= now()
    }

    /// Returns the comment policy in force now; `site` has the defaults.
    pub fn comment_policy(&self, site: CommentTerms) -> CommentPolicy {
        if !self.is_visible() {
            return CommentPolicy::Closed;
        }
        policy_in_force(
            &self.comments,
            self.comment_policy.as_deref(),
            self.comment_days,
            self.published_at,
            site,
        )
    }
}

/// Selects [`ArticleHeader`]s. This is a macro, since sqlx takes literals.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, uid, status, published_at, comments, comment_policy, comment_days, title, quotes,
                (SELECT o.uri FROM object_uris o WHERE o.article_uid = articles.uid) AS object_uri
             FROM articles ",
            $rest
        )
    };
}

impl Conn {
    pub async fn article_header_by_uid(&mut self, uid: &str) -> Result<Option<ArticleHeader>> {
        fetch_optional!(self, select!("WHERE uid = $1"), uid)
    }

    /// Returns the time and the slug of an article, of which its permalink is made.
    pub async fn permalink_parts(&mut self, uid: &str) -> Result<Option<(i64, String)>> {
        fetch_optional!(
            self,
            "SELECT published_at, slug FROM articles WHERE uid = $1",
            uid
        )
    }

    pub async fn article_header_by_slug(&mut self, slug: &str) -> Result<Option<ArticleHeader>> {
        fetch_optional!(self, select!("WHERE slug = $1"), slug)
    }

    pub async fn article_headers_by_uids(&mut self, uids: &[&str]) -> Result<Vec<ArticleHeader>> {
        fetch_all!(
            self,
            texts(select!("WHERE uid IN "), "$1", ""),
            to_json(uids)
        )
    }

    pub async fn article_headers_by_ids(&mut self, ids: &[i64]) -> Result<Vec<ArticleHeader>> {
        fetch_all!(self, ids(select!("WHERE id IN "), "$1", ""), to_json(ids))
    }

    pub async fn article_header_by_id(&mut self, id: i64) -> Result<Option<ArticleHeader>> {
        fetch_optional!(self, select!("WHERE id = $1"), id)
    }
}

/// Returns the comment policy in force now: that of the article's columns, or else the site's.
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

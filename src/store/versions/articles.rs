//! The versions of articles.

use crate::store::{
    articles::{Article, ArticleStatus},
    database::{Conn, Result, Tx, execute, fetch_all, fetch_optional_scalar, fetch_scalar},
};
use sqlx::FromRow;

/// A version of an article. The newest one is what the article is now.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleVersion {
    pub article_id: i64,
    /// From 1, for each article.
    pub number: i64,
    /// `None` for what was there before versions were kept.
    pub made_at: Option<i64>,
    pub made_by: Option<String>,
    pub slug: String,
    pub title: String,
    pub markdown: String,
    pub author_id: Option<i64>,
    pub byline: String,
    pub summary: Option<String>,
    pub language: Option<String>,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
    pub federate: Option<String>,
    pub federate_summary: Option<String>,
    pub pictures: Option<String>,
    pub comments: String,
    pub comment_policy: Option<String>,
    pub comment_days: Option<i64>,
    pub pings: String,
    pub quotes: Option<String>,
    pub sensitive: bool,
    pub content_warning: Option<String>,
    pub status: ArticleStatus,
    pub published_at: i64,
    pub updated_at: Option<i64>,
    tags: String,
    author_name: Option<String>,
    author_username: Option<String>,
}

impl ArticleVersion {
    /// Returns the tags, sorted.
    pub fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = self.tags.lines().map(str::to_owned).collect();
        tags.sort_unstable();
        tags
    }

    /// Returns the article as it was. It has no uid.
    pub fn into_article(self) -> Article {
        Article {
            tags: self.tags(),
            id: self.article_id,
            uid: String::new(),
            slug: self.slug,
            title: self.title,
            markdown: self.markdown,
            author_id: self.author_id,
            byline: self.byline,
            summary: self.summary,
            language: self.language,
            image_url: self.image_url,
            image_alt: self.image_alt,
            federate: self.federate,
            federate_summary: self.federate_summary,
            pictures: self.pictures,
            comments: self.comments,
            comment_policy: self.comment_policy,
            comment_days: self.comment_days,
            pings: self.pings,
            quotes: self.quotes,
            sensitive: self.sensitive,
            content_warning: self.content_warning,
            status: self.status,
            published_at: self.published_at,
            updated_at: self.updated_at,
            set_updated_at: self.updated_at,
            is_undated: false,
            author_name: self.author_name,
            author_username: self.author_username,
            object_uri: None,
            object_form: None,
        }
    }
}

impl Conn {
    /// Returns the versions of an article, the newest first.
    pub async fn article_versions(&mut self, article_id: i64) -> Result<Vec<ArticleVersion>> {
        fetch_all!(
            self,
            "SELECT v.*, w.name AS author_name, w.username AS author_username
             FROM article_versions v LEFT JOIN authors w ON w.id = v.author_id
             WHERE v.article_id = $1 ORDER BY v.id DESC",
            article_id
        )
    }

    /// Returns the id of an author who still exists.
    pub async fn existing_author(&mut self, id: i64) -> Result<Option<i64>> {
        fetch_optional_scalar!(self, "SELECT id FROM authors WHERE id = $1", id)
    }

    /// Returns the id of an article's newest version; 0 if it has none.
    pub async fn last_article_version(&mut self, article_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COALESCE(MAX(id), 0) FROM article_versions WHERE article_id = $1",
            article_id
        )
    }
}

impl Tx {
    /// Deletes the versions of articles and pages that are gone. SQLite removes a row in the way of `INSERT OR REPLACE`
    /// without telling its triggers.
    pub async fn forget_orphaned_versions(&mut self) -> Result<()> {
        for statement in [
            "DELETE FROM article_versions WHERE article_id NOT IN (SELECT id FROM articles)",
            "DELETE FROM page_versions WHERE page_id NOT IN (SELECT id FROM pages)",
        ] {
            execute!(self, statement)?;
        }
        Ok(())
    }

    /// Stores who made the versions of an article with ids above `after`.
    pub async fn sign_article_versions(
        &mut self,
        article_id: i64,
        after: i64,
        who: &str,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE article_versions SET made_by = $3 WHERE article_id = $1 AND id > $2",
            article_id,
            after,
            who
        )?;
        Ok(())
    }
}

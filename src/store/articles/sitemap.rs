//! The addresses that a sitemap lists, in parts of bounded size.

use crate::store::database::{Conn, Result, fetch_all, fetch_scalars, now};
use sqlx::FromRow;

/// The address of an article, with the time of its last change.
#[derive(Debug, Clone, FromRow)]
pub struct SitemapArticle {
    pub slug: String,
    pub published_at: i64,
    pub changed_at: i64,
}

/// An address that a name identifies, with the time of the last article that it lists.
#[derive(Debug, Clone, FromRow)]
pub struct SitemapName {
    /// The tag, the author's username, or the slug of the page.
    pub name: String,
    pub changed_at: i64,
}

impl Conn {
    /// Returns the next `limit` visible articles with ids above `after`.
    pub async fn sitemap_articles(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SitemapArticle>> {
        fetch_all!(
            self,
            "SELECT a.slug, a.published_at,
                CASE WHEN COALESCE(p.updated_at, 0) > COALESCE(a.updated_at, 0) AND p.updated_at > a.published_at
                     THEN p.updated_at
                     WHEN a.updated_at > a.published_at THEN a.updated_at
                     ELSE a.published_at END AS changed_at
             FROM articles a LEFT JOIN publications p ON p.article_uid = a.uid
             WHERE a.status = 'published' AND a.published_at <= $1 AND a.id > $2
             ORDER BY a.id LIMIT $3",
            now(),
            after,
            limit
        )
    }

    /// Returns the ids after which the second and each further part of `size` articles begins.
    pub async fn sitemap_article_parts(&mut self, size: i64) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "SELECT id FROM (
                SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place, COUNT(*) OVER () AS total
                FROM articles WHERE status = 'published' AND published_at <= $1
             ) AS numbered
             WHERE place % $2 = 0 AND place < total ORDER BY id",
            now(),
            size
        )
    }

    /// Returns at most `limit` static pages by their slugs.
    pub async fn sitemap_pages(&mut self, limit: i64) -> Result<Vec<SitemapName>> {
        fetch_all!(
            self,
            "SELECT slug AS name, COALESCE(updated_at, created_at) AS changed_at
             FROM pages ORDER BY slug LIMIT $1",
            limit
        )
    }

    /// Returns the next `limit` tags of visible articles after `after`, in the database's order of texts.
    pub async fn sitemap_tags(&mut self, after: &str, limit: i64) -> Result<Vec<SitemapName>> {
        fetch_all!(
            self,
            "SELECT t.tag AS name, MAX(a.published_at) AS changed_at
             FROM article_tags t JOIN articles a ON a.id = t.article_id
             WHERE a.status = 'published' AND a.published_at <= $1 AND t.tag > $2
             GROUP BY t.tag ORDER BY t.tag LIMIT $3",
            now(),
            after,
            limit
        )
    }

    /// Returns the tags after which the second and each further part of `size` tags begins.
    pub async fn sitemap_tag_parts(&mut self, size: i64) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT tag FROM (
                SELECT tag, ROW_NUMBER() OVER (ORDER BY tag) AS place, COUNT(*) OVER () AS total
                FROM (SELECT DISTINCT t.tag FROM article_tags t JOIN articles a ON a.id = t.article_id
                      WHERE a.status = 'published' AND a.published_at <= $1) AS used
             ) AS numbered
             WHERE place % $2 = 0 AND place < total ORDER BY tag",
            now(),
            size
        )
    }

    /// Returns the next `limit` authors of visible articles with usernames after `after`.
    pub async fn sitemap_authors(&mut self, after: &str, limit: i64) -> Result<Vec<SitemapName>> {
        fetch_all!(
            self,
            "SELECT w.username AS name, MAX(a.published_at) AS changed_at
             FROM authors w JOIN articles a ON a.author_id = w.id
             WHERE a.status = 'published' AND a.published_at <= $1 AND w.username > $2
             GROUP BY w.username ORDER BY w.username LIMIT $3",
            now(),
            after,
            limit
        )
    }

    /// Returns the usernames after which the second and each further part of `size` authors begins.
    pub async fn sitemap_author_parts(&mut self, size: i64) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT username FROM (
                SELECT username, ROW_NUMBER() OVER (ORDER BY username) AS place, COUNT(*) OVER () AS total
                FROM authors w WHERE EXISTS (
                    SELECT 1 FROM articles a
                    WHERE a.author_id = w.id AND a.status = 'published' AND a.published_at <= $1)
             ) AS numbered
             WHERE place % $2 = 0 AND place < total ORDER BY username",
            now(),
            size
        )
    }
}

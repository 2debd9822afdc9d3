//! Lists of articles for the admin, by many properties.

use crate::store::database::{Conn, Result, fetch_scalars, now};

/// The articles that a list includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    Draft,
    /// Those that readers can see.
    Published,
    Scheduled,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArticleOrder {
    /// The newest first.
    #[default]
    Date,
    /// By title.
    Title,
    /// The last changed first.
    Updated,
}

/// A selection of articles. What is `None` selects nothing.
#[derive(Debug, Clone, Default)]
pub struct ArticleSelection {
    pub status: Option<StatusFilter>,
    pub author_id: Option<i64>,
    /// A byline, of an author who is no row.
    pub byline: Option<String>,
    /// The folded form of a tag.
    pub tag: Option<String>,
    pub language: Option<String>,
    /// Whether articles without a language are in `language`.
    pub is_default_language: bool,
    /// The earliest date.
    pub since: Option<i64>,
    /// The date before which articles are.
    pub until: Option<i64>,
    /// A part of the title or the slug, in small letters.
    pub words: Option<String>,
    pub order: ArticleOrder,
    pub is_reversed: bool,
}

macro_rules! select {
    ($position:literal) => {
        concat!(
            "SELECT a.id FROM articles a LEFT JOIN publications p ON p.article_uid = a.uid
             WHERE ($1 = '' OR ($1 = 'draft' AND a.status = 'draft')
                OR ($1 = 'published' AND a.status = 'published' AND a.published_at <= $2)
                OR ($1 = 'scheduled' AND a.status = 'published' AND a.published_at > $2))
               AND (($3 IS NULL AND $4 IS NULL) OR a.author_id = $3 OR LOWER(a.byline) = LOWER($4))
               AND ($5 IS NULL OR EXISTS (
                    SELECT 1 FROM article_tags t LEFT JOIN tag_spellings s ON s.tag = t.tag
                    WHERE t.article_id = a.id AND (s.folded = $5 OR LOWER(t.tag) = $5)))
               AND ($6 IS NULL OR LOWER(a.language) = $6 OR LOWER(a.language) LIKE $6 || '-%'
                    OR (a.language IS NULL AND $7))
               AND a.published_at >= $8 AND a.published_at < $9
               AND ($10 IS NULL OR ",
            $position,
            "(LOWER(a.title || ' ' || a.slug || ' ' || a.markdown), LOWER($10)) > 0)
             ORDER BY
                CASE WHEN $11 = 'date' THEN a.published_at END DESC,
                CASE WHEN $11 = 'date-reversed' THEN a.published_at END,
                CASE WHEN $11 = 'title' THEN LOWER(a.title) END,
                CASE WHEN $11 = 'title-reversed' THEN LOWER(a.title) END DESC,
                CASE WHEN $11 = 'updated' THEN COALESCE(p.updated_at, a.updated_at, a.published_at) END DESC,
                CASE WHEN $11 = 'updated-reversed' THEN COALESCE(p.updated_at, a.updated_at, a.published_at) END,
                a.id DESC
             LIMIT $12 OFFSET $13"
        )
    };
}

impl Conn {
    /// Returns the next `limit` ids of articles above `after`, drafts too.
    pub async fn article_ids(&mut self, after: i64, limit: i64) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "SELECT id FROM articles WHERE id > $1 ORDER BY id LIMIT $2",
            after,
            limit
        )
    }

    /// Returns the bylines of articles without an author who is a row.
    pub async fn bylines_without_author(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT DISTINCT byline FROM articles WHERE author_id IS NULL AND byline <> '' ORDER BY byline"
        )
    }

    /// Returns the ids of selected articles in their order.
    pub async fn select_articles(
        &mut self,
        selection: &ArticleSelection,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        let status = match selection.status {
            None => "",
            Some(StatusFilter::Draft) => "draft",
            Some(StatusFilter::Published) => "published",
            Some(StatusFilter::Scheduled) => "scheduled",
        };
        let order = match (selection.order, selection.is_reversed) {
            (ArticleOrder::Date, false) => "date",
            (ArticleOrder::Date, true) => "date-reversed",
            (ArticleOrder::Title, false) => "title",
            (ArticleOrder::Title, true) => "title-reversed",
            (ArticleOrder::Updated, false) => "updated",
            (ArticleOrder::Updated, true) => "updated-reversed",
        };
        fetch_scalars!(
            self,
            [select!("instr"), select!("strpos")],
            status,
            now(),
            selection.author_id,
            &selection.byline,
            &selection.tag,
            &selection.language,
            selection.is_default_language,
            selection.since.unwrap_or(i64::MIN),
            selection.until.unwrap_or(i64::MAX),
            &selection.words,
            order,
            limit,
            offset
        )
    }
}

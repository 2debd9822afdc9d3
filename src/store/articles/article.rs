//! Articles with their tags and authors. These tables are public: other programs read and write them.

use super::header::policy_in_force;
use crate::{
    content::{CommentPolicy, CommentTerms},
    store::database::{
        Conn, Result, fetch_all, fetch_optional, fetch_scalar, now, text_enum, to_json,
    },
};
use sqlx::FromRow;

text_enum! {
    /// Whether an article is published.
    pub enum ArticleStatus ("status of an article") {
        Draft = "draft",
        Published = "published",
    }
}

/// A row of `articles` with its author's names and its tags.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Article {
    pub id: i64,
    pub uid: String,
    pub slug: String,
    pub title: String,
    pub markdown: String,
    pub author_id: Option<i64>,
    pub byline: String,
    pub summary: Option<String>,
    pub language: Option<String>,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
    /// `article`, `note`, `teaser` or `no`; `None` is the site's default.
    pub federate: Option<String>,
    /// `author`, `excerpt` or `never`; `None` is the site's default.
    pub federate_summary: Option<String>,
    /// `inline` or `attached`; `None` is the site's default.
    pub pictures: Option<String>,
    /// Whether comments are open at all: `open` or `closed`.
    pub comments: String,
    /// `open`, `moderated` or `followers`; `None` is the site's default.
    pub comment_policy: Option<String>,
    pub comment_days: Option<i64>,
    pub pings: String,
    /// `everyone`, `followers` or `nobody`; `None` is the site's default.
    pub quotes: Option<String>,
    pub sensitive: bool,
    pub content_warning: Option<String>,
    pub status: ArticleStatus,
    pub published_at: i64,
    /// The time that the writer set, or of the last published change, whichever is later.
    pub updated_at: Option<i64>,
    /// Whether it is a draft without a date of its own: it gets that of its publication.
    pub is_undated: bool,
    /// The time that the writer set.
    pub set_updated_at: Option<i64>,
    pub author_name: Option<String>,
    pub author_username: Option<String>,
    /// The ActivityPub id that it got from other software; `None` if the id is computed from its uid.
    pub object_uri: Option<String>,
    /// The form in which other software published it.
    pub object_form: Option<String>,
    #[sqlx(skip)]
    pub tags: Vec<String>,
}

impl Article {
    /// Returns whether another row has the same content. The time of the last update may have been noted in between.
    pub fn is_same_as(&self, other: &Article) -> bool {
        let updated_at = self.updated_at;
        *self
            == Article {
                updated_at,
                ..other.clone()
            }
    }

    /// Returns whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.status == ArticleStatus::Published && self.published_at <= now()
    }

    /// Returns the comment policy in force now; `site` has the defaults.
    pub fn comment_policy(&self, site: CommentTerms) -> CommentPolicy {
        policy_in_force(
            &self.comments,
            self.comment_policy.as_deref(),
            self.comment_days,
            self.published_at,
            site,
        )
    }

    /// Returns the author's summary; `None` if it is blank.
    pub fn summary(&self) -> Option<&str> {
        self.summary
            .as_deref()
            .filter(|text| !text.trim().is_empty())
    }

    /// Returns the content warning; `None` if it is blank.
    pub fn warning(&self) -> Option<&str> {
        let warning = self.content_warning.as_deref();
        warning.filter(|text| !text.trim().is_empty())
    }

    /// Returns the name under the title: the byline, or else the author's name.
    pub fn byline(&self) -> Option<&str> {
        Some(self.byline.as_str())
            .filter(|byline| !byline.is_empty())
            .or(self.author_name.as_deref())
    }
}

/// The properties of an article that its writer sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleFields {
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
    pub published_at: i64,
    pub updated_at: Option<i64>,
    pub tags: Vec<String>,
}

/// A position in a list by time and id, newest first.
#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    pub at: i64,
    pub id: i64,
}

impl Cursor {
    /// The position before the first entry.
    pub const START: Cursor = Cursor {
        at: i64::MAX,
        id: i64::MAX,
    };
}

/// A filter for lists of articles.
#[derive(Debug, Clone, Default)]
pub struct ArticleFilter {
    pub author_id: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.uid, a.slug, a.title, a.markdown, a.author_id, a.byline, a.summary, a.language,
                a.image_url, a.image_alt, a.federate, a.federate_summary, a.pictures, a.comments, a.comment_policy, a.comment_days,
                a.pings, a.quotes, a.sensitive, a.content_warning,
                a.status, a.published_at,
                CASE WHEN p.updated_at > a.updated_at THEN p.updated_at ELSE COALESCE(a.updated_at, p.updated_at) END
                    AS updated_at,
                EXISTS (SELECT 1 FROM undated_drafts u WHERE u.article_id = a.id) AS is_undated,
                a.updated_at AS set_updated_at,
                w.name AS author_name, w.username AS author_username, o.uri AS object_uri,
                o.form AS object_form
             FROM articles a
             LEFT JOIN authors w ON w.id = a.author_id
             LEFT JOIN publications p ON p.article_uid = a.uid
             LEFT JOIN object_uris o ON o.article_uid = a.uid ",
            $rest
        )
    };
}

impl Conn {
    pub async fn article_by_slug(&mut self, slug: &str) -> Result<Option<Article>> {
        let found = fetch_optional!(self, select!("WHERE a.slug = $1"), slug)?;
        self.with_tags(found).await
    }

    pub async fn article_by_uid(&mut self, uid: &str) -> Result<Option<Article>> {
        let found = fetch_optional!(self, select!("WHERE a.uid = $1"), uid)?;
        self.with_tags(found).await
    }

    pub async fn article_by_id(&mut self, id: i64) -> Result<Option<Article>> {
        let found = fetch_optional!(self, select!("WHERE a.id = $1"), id)?;
        self.with_tags(found).await
    }

    /// Returns the next `limit` visible articles after `after`, newest first.
    pub async fn articles(
        &mut self,
        filter: &ArticleFilter,
        after: Cursor,
        limit: i64,
    ) -> Result<Vec<Article>> {
        // One statement for each case, so that each uses its index.
        let mut found: Vec<Article> = match filter.author_id {
            None => fetch_all!(
                self,
                select!(
                    "WHERE a.status = 'published' AND a.published_at <= $1 AND (a.published_at, a.id) < ($2, $3)
                     ORDER BY a.published_at DESC, a.id DESC LIMIT $4"
                ),
                now(),
                after.at,
                after.id,
                limit
            ),
            Some(author_id) => fetch_all!(
                self,
                select!(
                    "WHERE a.status = 'published' AND a.published_at <= $1 AND (a.published_at, a.id) < ($2, $3)
                        AND a.author_id = $5
                     ORDER BY a.published_at DESC, a.id DESC LIMIT $4"
                ),
                now(),
                after.at,
                after.id,
                limit,
                author_id
            ),
        }?;
        self.add_tags(&mut found).await?;
        Ok(found)
    }

    /// Returns the cursor of the page before the one that begins after `after`; `None` if that is the first page.
    pub async fn article_page_before(
        &mut self,
        filter: &ArticleFilter,
        after: Cursor,
        limit: i64,
    ) -> Result<Option<Cursor>> {
        // The current page ends at the cursor; the article just above the page is the cursor of the previous page.
        let offset = limit - 1;
        let found: Option<(i64, i64)> = match filter.author_id {
            None => fetch_optional!(
                self,
                "SELECT a.published_at, a.id FROM articles a
                 WHERE a.status = 'published' AND a.published_at <= $1 AND (a.published_at, a.id) > ($2, $3)
                 ORDER BY a.published_at, a.id LIMIT 1 OFFSET $4",
                now(),
                after.at,
                after.id,
                offset
            ),
            Some(author_id) => fetch_optional!(
                self,
                "SELECT a.published_at, a.id FROM articles a
                 WHERE a.status = 'published' AND a.published_at <= $1 AND (a.published_at, a.id) > ($2, $3)
                    AND a.author_id = $5
                 ORDER BY a.published_at, a.id LIMIT 1 OFFSET $4",
                now(),
                after.at,
                after.id,
                offset,
                author_id
            ),
        }?;
        Ok(found.map(|(at, id)| Cursor { at, id }))
    }

    /// Returns the number of authors who published since a time in milliseconds. Articles without an author count as
    /// one of the site's.
    pub async fn count_active_authors(&mut self, since: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(DISTINCT COALESCE(author_id, 0)) FROM articles
             WHERE status = 'published' AND published_at BETWEEN $1 AND $2",
            since,
            now()
        )
    }

    /// Returns the number of articles that readers can see.
    pub async fn count_articles(&mut self) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM articles WHERE status = 'published' AND published_at <= $1",
            now()
        )
    }

    async fn with_tags(&mut self, found: Option<Article>) -> Result<Option<Article>> {
        let mut list: Vec<Article> = found.into_iter().collect();
        self.add_tags(&mut list).await?;
        Ok(list.pop())
    }

    async fn add_tags(&mut self, articles: &mut [Article]) -> Result<()> {
        let ids = to_json(&articles.iter().map(|a| a.id).collect::<Vec<_>>());
        let rows = self.tags_of(&ids).await?;
        for article in articles {
            article.tags = rows
                .iter()
                .filter(|(id, _)| *id == article.id)
                .map(|(_, tag)| tag.clone())
                .collect();
        }
        Ok(())
    }

    /// Returns the articles with these ids, in no particular order.
    pub async fn articles_by_ids(&mut self, ids: &[i64]) -> Result<Vec<Article>> {
        let ids = to_json(ids);
        let mut found: Vec<Article> = fetch_all!(
            self,
            [
                select!("WHERE a.id IN (SELECT value FROM json_each($1))"),
                select!(
                    "WHERE a.id IN (SELECT value::bigint FROM json_array_elements_text($1::json))"
                )
            ],
            ids
        )?;
        self.add_tags(&mut found).await?;
        Ok(found)
    }

    /// Returns the tags of the articles whose ids are in the JSON list `ids`.
    pub(in crate::store) async fn tags_of(&mut self, ids: &str) -> Result<Vec<(i64, String)>> {
        fetch_all!(
            self,
            ids(
                "SELECT article_id, tag FROM article_tags
                 WHERE article_id IN ",
                "$1",
                "
                     ORDER BY article_id, tag"
            ),
            ids
        )
    }
}

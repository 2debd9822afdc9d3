//! Links to articles: the archive by month, and the neighbours and relatives of an article. No text is read for them.

use super::Cursor;
use crate::store::database::{Conn, Result, fetch_all, fetch_optional, now, to_json};
use sqlx::FromRow;

/// The time of 0001-01-01, before which no address of an article exists.
const FIRST: i64 = -62_135_596_800_000;

/// An article as links show it.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleLink {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub published_at: i64,
    pub language: Option<String>,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
    pub content_warning: Option<String>,
    pub sensitive: bool,
}

/// The number of visible articles of a month (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthCount {
    pub year: i32,
    pub month: u32,
    pub articles: i64,
}

/// The articles before and after an article, and the newest ones.
#[derive(Debug, Clone, Default)]
pub struct Neighbours {
    /// The next older one.
    pub previous: Option<ArticleLink>,
    /// The next newer one.
    pub next: Option<ArticleLink>,
    pub newest: Vec<ArticleLink>,
}

/// Selects links to visible articles; `$1` is now.
macro_rules! links {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.slug, a.title, a.published_at, a.language, a.image_url, a.image_alt, a.content_warning,
                a.sensitive
             FROM articles a WHERE a.status = 'published' AND a.published_at <= $1 ",
            $rest
        )
    };
}

/// Counts visible articles by their month as `year * 100 + month`; `$1` is the earliest time, `$2` is now.
macro_rules! months {
    ($month:literal) => {
        concat!(
            "SELECT ",
            $month,
            " AS month, COUNT(*) FROM articles
             WHERE status = 'published' AND published_at BETWEEN $1 AND $2 GROUP BY 1 ORDER BY 1 DESC"
        )
    };
}

impl Conn {
    /// Returns the number of visible articles for each month that has any, newest first.
    pub async fn articles_by_month(&mut self) -> Result<Vec<MonthCount>> {
        let rows: Vec<(i64, i64)> = fetch_all!(
            self,
            [
                months!("CAST(strftime('%Y%m', published_at / 1000, 'unixepoch') AS INTEGER)"),
                months!(
                    "to_char(to_timestamp(published_at / 1000.0) AT TIME ZONE 'UTC', 'YYYYMM')::bigint"
                )
            ],
            FIRST,
            now()
        )?;
        let count = |(month, articles): (i64, i64)| MonthCount {
            year: (month / 100) as i32,
            month: (month % 100) as u32,
            articles,
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// Returns the next `limit` visible articles after `after` that are not older than `since`, newest first.
    pub async fn article_links(
        &mut self,
        since: i64,
        after: Cursor,
        limit: i64,
    ) -> Result<Vec<ArticleLink>> {
        fetch_all!(
            self,
            links!(
                "AND a.published_at >= $2 AND (a.published_at, a.id) < ($3, $4)
                 ORDER BY a.published_at DESC, a.id DESC LIMIT $5"
            ),
            now(),
            since,
            after.at,
            after.id,
            limit
        )
    }

    /// Returns the cursor of the page before the one that begins after `after`; `None` if that is the first page of
    /// the articles before `until`.
    pub async fn article_links_page_before(
        &mut self,
        until: i64,
        after: Cursor,
        limit: i64,
    ) -> Result<Option<Cursor>> {
        let found: Option<(i64, i64)> = fetch_optional!(
            self,
            "SELECT a.published_at, a.id FROM articles a
             WHERE a.status = 'published' AND a.published_at <= $1 AND a.published_at < $2
               AND (a.published_at, a.id) > ($3, $4)
             ORDER BY a.published_at, a.id LIMIT 1 OFFSET $5",
            now(),
            until,
            after.at,
            after.id,
            limit - 1
        )?;
        Ok(found.map(|(at, id)| Cursor { at, id }))
    }

    /// Returns the articles before and after an article, and the `limit` newest ones.
    pub async fn neighbours_of(&mut self, article: Cursor, limit: i64) -> Result<Neighbours> {
        let found: Vec<ArticleLink> = fetch_all!(
            self,
            concat!(
                "SELECT * FROM (",
                links!(
                    "AND (a.published_at, a.id) < ($2, $3) ORDER BY a.published_at DESC, a.id DESC LIMIT 1"
                ),
                ") AS previous UNION SELECT * FROM (",
                links!(
                    "AND (a.published_at, a.id) > ($2, $3) ORDER BY a.published_at, a.id LIMIT 1"
                ),
                ") AS next UNION SELECT * FROM (",
                links!("ORDER BY a.published_at DESC, a.id DESC LIMIT $4"),
                ") AS newest"
            ),
            now(),
            article.at,
            article.id,
            // The article itself may be among them.
            limit + 1
        )?;
        let here = (article.at, article.id);
        let place = |link: &ArticleLink| (link.published_at, link.id);
        let mut newest: Vec<ArticleLink> = found
            .iter()
            .filter(|link| place(link) != here)
            .cloned()
            .collect();
        newest.sort_by_key(|link| std::cmp::Reverse(place(link)));
        newest.truncate(limit.max(0) as usize);
        let older = found.iter().filter(|link| place(link) < here);
        let newer = found.iter().filter(|link| place(link) > here);
        Ok(Neighbours {
            previous: older.max_by_key(|link| place(link)).cloned(),
            next: newer.min_by_key(|link| place(link)).cloned(),
            newest,
        })
    }

    /// Returns visible articles with tags of an article, those with the most first, then the newest. Of each tag, only
    /// the last 100 articles that got it count.
    pub async fn related_articles(
        &mut self,
        article_id: i64,
        limit: i64,
    ) -> Result<Vec<ArticleLink>> {
        // SQLite joins in this order: it would begin with all articles.
        let found: Vec<(i64, i64)> = fetch_all!(
            self,
            "SELECT r.id, COUNT(DISTINCT s.folded) AS shared
             FROM article_tags own CROSS JOIN tag_spellings mine CROSS JOIN tag_spellings s CROSS JOIN article_tags t
                CROSS JOIN articles r
             WHERE mine.tag = own.tag AND s.folded = mine.folded AND t.tag = s.tag AND t.article_id IN
                    (SELECT l.article_id FROM article_tags l WHERE l.tag = s.tag ORDER BY l.article_id DESC LIMIT 100)
                AND r.id = t.article_id AND own.article_id = $1 AND r.id <> $1 AND r.status = 'published' AND r.published_at <= $2
             GROUP BY r.id, r.published_at ORDER BY shared DESC, r.published_at DESC, r.id DESC LIMIT $3",
            article_id,
            now(),
            limit
        )?;
        let order: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
        if order.is_empty() {
            return Ok(Vec::new());
        }
        let mut links: Vec<ArticleLink> = fetch_all!(
            self,
            ids(links!("AND a.id IN "), "$2", ""),
            now(),
            to_json(&order)
        )?;
        links.sort_by_key(|link| order.iter().position(|id| *id == link.id));
        Ok(links)
    }
}

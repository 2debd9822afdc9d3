//! Lists of articles for the API, with drafts.

use crate::{
    content::hashtag,
    store::{
        articles::{Article, Cursor},
        database::{Conn, Result, fetch_scalars, now},
    },
};

/// The articles that a list includes. All conditions must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct ArticleQuery<'a> {
    /// `draft`, `scheduled` or `published`.
    pub state: Option<&'a str>,
    pub author_id: Option<i64>,
    /// A tag in any spelling.
    pub tag: Option<&'a str>,
}

impl Conn {
    /// Returns the next `limit` articles after `after`, newest first, with drafts and scheduled ones.
    pub async fn queried_articles(
        &mut self,
        query: ArticleQuery<'_>,
        after: Cursor,
        limit: i64,
    ) -> Result<Vec<Article>> {
        let key = query.tag.map(hashtag::key).unwrap_or_default();
        let ids: Vec<i64> = fetch_scalars!(
            self,
            "SELECT a.id FROM articles a
             WHERE ($1 = '' OR ($1 = 'draft' AND a.status = 'draft')
                    OR ($1 = 'scheduled' AND a.status = 'published' AND a.published_at > $2)
                    OR ($1 = 'published' AND a.status = 'published' AND a.published_at <= $2))
               AND ($3 = 0 OR a.author_id = $3)
               AND ($4 = '' OR a.id IN (SELECT t.article_id FROM article_tags t
                    JOIN tag_spellings s ON s.tag = t.tag WHERE s.folded = $4))
               AND (a.published_at, a.id) < ($5, $6)
             ORDER BY a.published_at DESC, a.id DESC LIMIT $7",
            query.state.unwrap_or_default(),
            now(),
            query.author_id.unwrap_or_default(),
            &key,
            after.at,
            after.id,
            limit
        )?;
        let mut found = self.articles_by_ids(&ids).await?;
        found.sort_by_key(|article| ids.iter().position(|id| *id == article.id));
        Ok(found)
    }

    /// Returns the tags of articles in the order of their names, at most `limit`.
    pub async fn all_tags(&mut self, limit: i64) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT DISTINCT tag FROM article_tags ORDER BY tag LIMIT $1",
            limit
        )
    }
}

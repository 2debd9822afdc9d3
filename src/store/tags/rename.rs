//! Renames tags of all articles.

use crate::{
    content::hashtag,
    store::{
        articles::ArticleStatus,
        database::{Conn, Result, Tx, execute, fetch_all, now, to_json},
    },
};
use sqlx::FromRow;

/// An article with one of certain tags.
#[derive(Debug, Clone, FromRow)]
pub struct TaggedArticle {
    pub id: i64,
    pub uid: String,
    pub slug: String,
    pub title: String,
    pub status: ArticleStatus,
    pub published_at: i64,
    /// Whether the article was made from a file by `pamphlet sync`.
    pub is_synced: bool,
}

impl TaggedArticle {
    /// Returns whether readers can see it now.
    pub fn is_visible(&self) -> bool {
        self.status == ArticleStatus::Published && self.published_at <= now()
    }
}

impl Conn {
    /// Returns the articles with a tag of these keys, in any spelling but `except`, newest first.
    pub async fn articles_with_tags(
        &mut self,
        keys: &[String],
        except: &str,
    ) -> Result<Vec<TaggedArticle>> {
        let mut spellings = self.spellings_of(keys).await?;
        spellings.retain(|tag| tag != except);
        fetch_all!(
            self,
            texts(
                "SELECT a.id, a.uid, a.slug, a.title, a.status, a.published_at,
                    EXISTS (SELECT 1 FROM synced_files f WHERE f.kind = 'article' AND f.ref_id = a.id) AS is_synced
                 FROM articles a WHERE a.id IN (SELECT t.article_id FROM article_tags t WHERE t.tag IN ",
                "$1",
                ") ORDER BY a.published_at DESC, a.id DESC"
            ),
            to_json(&spellings)
        )
    }
}

impl Tx {
    /// Replaces the tags of these keys by one spelling in all articles, and keeps their pages' addresses. Returns the
    /// changed articles.
    pub async fn replace_tags(&mut self, keys: &[String], by: &str) -> Result<Vec<TaggedArticle>> {
        self.fold_tag_spellings().await?;
        let changed = self.articles_with_tags(keys, by).await?;
        let ids = to_json(&changed.iter().map(|article| article.id).collect::<Vec<_>>());
        let successor = hashtag::key(by);
        let mut all = keys.to_vec();
        all.push(successor.clone());
        let mut spellings = self.spellings_of(&all).await?;
        spellings.retain(|tag| tag != by);
        execute!(
            self,
            [
                "DELETE FROM article_tags WHERE article_id IN (SELECT value FROM json_each($1))
                 AND tag IN (SELECT value FROM json_each($2))",
                "DELETE FROM article_tags
                 WHERE article_id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
                 AND tag IN (SELECT value FROM json_array_elements_text($2::json))"
            ],
            &ids,
            to_json(&spellings)
        )?;
        execute!(
            self,
            ids(
                "INSERT INTO article_tags (article_id, tag) SELECT id, $2 FROM articles WHERE id IN ",
                "$1",
                " ON CONFLICT DO NOTHING"
            ),
            &ids,
            by
        )?;
        self.fold_tag_spellings().await?;
        for key in keys.iter().filter(|key| **key != successor) {
            self.add_former_tag(key, &successor).await?;
        }
        Ok(changed)
    }

    /// Stores that a tag became another one, and with it all tags that became this one before.
    async fn add_former_tag(&mut self, key: &str, successor: &str) -> Result<()> {
        execute!(self, "DELETE FROM former_tags WHERE folded = $1", successor)?;
        execute!(
            self,
            "UPDATE former_tags SET successor = $2 WHERE successor = $1",
            key,
            successor
        )?;
        execute!(
            self,
            "INSERT INTO former_tags (folded, successor) VALUES ($1, $2)
             ON CONFLICT (folded) DO UPDATE SET successor = excluded.successor",
            key,
            successor
        )?;
        Ok(())
    }
}

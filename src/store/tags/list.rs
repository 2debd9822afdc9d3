//! All tags, as the admin sees them.

use crate::{
    content::hashtag,
    store::database::{Conn, Result, fetch_all, now},
};
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

/// A tag in all spellings.
#[derive(Debug, Clone, Default)]
pub struct ListedTag {
    /// The form in which tags are compared.
    pub key: String,
    /// The spelling that most articles have.
    pub name: String,
    /// All spellings with the number of their articles, the most frequent first.
    pub spellings: Vec<(String, usize)>,
    /// The number of articles that readers can see.
    pub published: usize,
    /// The number of all articles, with drafts and scheduled ones.
    pub articles: usize,
    /// The keys of the tags that became this one.
    pub former: Vec<String>,
}

/// A tag of an article.
#[derive(FromRow)]
struct Row {
    tag: String,
    article_id: i64,
    is_visible: bool,
}

/// A tag while its articles are counted.
#[derive(Default)]
struct Counted {
    spellings: BTreeMap<String, usize>,
    articles: BTreeSet<i64>,
    published: BTreeSet<i64>,
}

impl Conn {
    /// Returns all tags of articles in the order of their keys, and tags that only were renamed to.
    pub async fn listed_tags(&mut self) -> Result<Vec<ListedTag>> {
        let rows: Vec<Row> = fetch_all!(
            self,
            "SELECT t.tag, t.article_id, (a.status = 'published' AND a.published_at <= $1) AS is_visible
             FROM article_tags t JOIN articles a ON a.id = t.article_id",
            now()
        )?;
        let former: Vec<(String, String)> = fetch_all!(
            self,
            "SELECT folded, successor FROM former_tags ORDER BY folded"
        )?;
        let mut tags: BTreeMap<String, Counted> = BTreeMap::new();
        for row in rows {
            let tag = tags.entry(hashtag::key(&row.tag)).or_default();
            *tag.spellings.entry(row.tag).or_default() += 1;
            tag.articles.insert(row.article_id);
            if row.is_visible {
                tag.published.insert(row.article_id);
            }
        }
        let listed = |(key, counted): (String, Counted)| {
            let mut spellings: Vec<(String, usize)> = counted.spellings.into_iter().collect();
            spellings
                .sort_by(|(tag, count), (other, others)| others.cmp(count).then(tag.cmp(other)));
            ListedTag {
                name: spellings
                    .first()
                    .map(|(tag, _)| tag.clone())
                    .unwrap_or_default(),
                spellings,
                published: counted.published.len(),
                articles: counted.articles.len(),
                former: former
                    .iter()
                    .filter(|(_, successor)| *successor == key)
                    .map(|(folded, _)| folded.clone())
                    .collect(),
                key,
            }
        };
        Ok(tags.into_iter().map(listed).collect())
    }
}

//! The posts with a tag, in any spelling and under all of its former names.

use crate::{
    content::hashtag,
    store::database::{
        Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_scalars, now, to_json,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// A position in the list of all posts with a tag, newest first. At the same time, articles precede notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostCursor {
    pub at: i64,
    pub kind: PostKind,
    pub id: i64,
}

/// The kind of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostKind {
    Note = 0,
    Article = 1,
}

impl PostCursor {
    /// The position before the first post.
    pub const START: PostCursor = PostCursor {
        at: i64::MAX,
        kind: PostKind::Article,
        id: i64::MAX,
    };

    /// Parses `date-id` of an article, or `date-nid` of a note.
    pub fn read(text: &str) -> Option<PostCursor> {
        let (at, post) = text.rsplit_once('-')?;
        let (kind, id) = match post.strip_prefix('n') {
            Some(id) => (PostKind::Note, id),
            None => (PostKind::Article, post),
        };
        Some(PostCursor {
            at: at.parse().ok()?,
            kind,
            id: id.parse().ok()?,
        })
    }

    fn from_row((at, kind, id): (i64, i64, i64)) -> PostCursor {
        let kind = match kind {
            0 => PostKind::Note,
            _ => PostKind::Article,
        };
        PostCursor { at, kind, id }
    }
}

impl fmt::Display for PostCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            PostKind::Note => "n",
            PostKind::Article => "",
        };
        write!(f, "{}-{kind}{}", self.at, self.id)
    }
}

/// Selects the public posts with a tag as `(posted_at, kind, id)`: `$1` is now, `$spellings` the tag's spellings, `$keys`
/// its key and those of its former names.
macro_rules! tagged {
    ($spellings:literal, $keys:literal, $rest:literal) => {
        concat!(
            "SELECT posted_at, kind, id FROM (
             SELECT a.published_at AS posted_at, CAST(1 AS BIGINT) AS kind, a.id AS id FROM articles a
              WHERE a.status = 'published' AND a.published_at <= $1
                AND a.id IN (SELECT article_id FROM article_tags WHERE tag IN (", $spellings, ")
                    UNION SELECT x.id FROM hashtags h JOIN articles x ON x.uid = h.post_uid WHERE h.tag IN (", $keys, "))
               UNION ALL
               SELECT n.published_at, CAST(0 AS BIGINT), n.id FROM notes n
                 JOIN local_actors l ON l.id = n.local_actor_id
                WHERE n.state = 'live' AND l.kind <> 'comments'
                  AND n.uid IN (SELECT post_uid FROM hashtags WHERE tag IN (", $keys, "))
             ) AS posts ",
            $rest
        )
    };
}

impl Conn {
    /// Returns the next `limit` public posts with a tag after `after`, newest first.
    pub async fn posts_tagged(
        &mut self,
        tag: &str,
        after: PostCursor,
        limit: i64,
    ) -> Result<Vec<PostCursor>> {
        let keys = self.keys_of(tag).await?;
        let spellings = to_json(&self.spellings_of(&keys).await?);
        let rows: Vec<(i64, i64, i64)> = fetch_all!(
            self,
            [
                tagged!(
                    "SELECT value FROM json_each($2)",
                    "SELECT value FROM json_each($3)",
                    "WHERE (posted_at, kind, id) < ($4, $5, $6)
                     ORDER BY posted_at DESC, kind DESC, id DESC LIMIT $7"
                ),
                tagged!(
                    "SELECT value FROM json_array_elements_text($2::json)",
                    "SELECT value FROM json_array_elements_text($3::json)",
                    "WHERE (posted_at, kind, id) < ($4, $5, $6)
                     ORDER BY posted_at DESC, kind DESC, id DESC LIMIT $7"
                )
            ],
            now(),
            &spellings,
            to_json(&keys),
            after.at,
            after.kind as i64,
            after.id,
            limit
        )?;
        Ok(rows.into_iter().map(PostCursor::from_row).collect())
    }

    /// Returns the cursor of the page before the one that begins after `after`; `None` if that is the first page.
    pub async fn tagged_page_before(
        &mut self,
        tag: &str,
        after: PostCursor,
        limit: i64,
    ) -> Result<Option<PostCursor>> {
        let keys = self.keys_of(tag).await?;
        let spellings = to_json(&self.spellings_of(&keys).await?);
        let row: Option<(i64, i64, i64)> = fetch_optional!(
            self,
            [
                tagged!(
                    "SELECT value FROM json_each($2)",
                    "SELECT value FROM json_each($3)",
                    "WHERE (posted_at, kind, id) > ($4, $5, $6)
                     ORDER BY posted_at, kind, id LIMIT 1 OFFSET $7"
                ),
                tagged!(
                    "SELECT value FROM json_array_elements_text($2::json)",
                    "SELECT value FROM json_array_elements_text($3::json)",
                    "WHERE (posted_at, kind, id) > ($4, $5, $6)
                     ORDER BY posted_at, kind, id LIMIT 1 OFFSET $7"
                )
            ],
            now(),
            &spellings,
            to_json(&keys),
            after.at,
            after.kind as i64,
            after.id,
            // The current page ends at the cursor; the post just above the page is the cursor of the previous page.
            limit - 1
        )?;
        Ok(row.map(PostCursor::from_row))
    }

    /// Returns the tags with the most visible articles, each in one spelling, with the number of articles.
    pub async fn top_tags(&mut self, limit: usize) -> Result<Vec<(String, usize)>> {
        let rows: Vec<(String, i64)> = fetch_all!(
            self,
            "SELECT t.tag, t.article_id FROM article_tags t JOIN articles a ON a.id = t.article_id
             WHERE a.status = 'published' AND a.published_at <= $1",
            now()
        )?;
        let mut tags: BTreeMap<String, (String, BTreeSet<i64>)> = BTreeMap::new();
        for (tag, article) in rows {
            let (spelling, articles) = tags.entry(hashtag::key(&tag)).or_default();
            articles.insert(article);
            if spelling.is_empty() || tag < *spelling {
                *spelling = tag;
            }
        }
        let mut top: Vec<(String, usize)> = tags
            .into_values()
            .map(|(tag, articles)| (tag, articles.len()))
            .collect();
        top.sort_by(|(tag, count), (other, others)| others.cmp(count).then(tag.cmp(other)));
        top.truncate(limit);
        Ok(top)
    }

    /// Returns all tags of visible articles in the order of their keys: the key, the most used spelling, and the number
    /// of articles.
    pub async fn tag_index(&mut self) -> Result<Vec<(String, String, i64)>> {
        let rows: Vec<(String, i64)> = fetch_all!(
            self,
            "SELECT t.tag, COUNT(*) FROM article_tags t JOIN articles a ON a.id = t.article_id
             WHERE a.status = 'published' AND a.published_at <= $1 GROUP BY t.tag",
            now()
        )?;
        let mut tags: BTreeMap<String, (i64, String, i64)> = BTreeMap::new();
        for (tag, count) in rows {
            let (most, spelling, all) = tags.entry(hashtag::key(&tag)).or_default();
            *all += count;
            if count > *most || (count == *most && tag < *spelling) {
                (*most, *spelling) = (count, tag);
            }
        }
        let entry = |(key, (_, spelling, all))| (key, spelling, all);
        Ok(tags.into_iter().map(entry).collect())
    }

    /// Returns the uids of all federated posts.
    pub async fn post_uids(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT article_uid FROM publications WHERE state = 'live'
             UNION ALL SELECT uid FROM notes WHERE state = 'live'"
        )
    }
}

impl Tx {
    /// Replaces the hashtags in the text of a post.
    pub async fn set_hashtags(&mut self, post_uid: &str, tags: &[String]) -> Result<()> {
        execute!(self, "DELETE FROM hashtags WHERE post_uid = $1", post_uid)?;
        for tag in tags {
            execute!(
                self,
                "INSERT INTO hashtags (tag, post_uid) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                hashtag::key(tag),
                post_uid
            )?;
        }
        Ok(())
    }
}

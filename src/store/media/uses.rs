//! Which texts use a file of `/media/`.

use crate::store::database::{Conn, Result, fetch_all, text_enum};
use sqlx::FromRow;

text_enum! {
    /// The kind of a row whose text may use a file.
    pub enum MediaUser ("user of media") {
        Article = "article",
        Note = "note",
        Page = "page",
        Author = "author",
        /// A deleted article or page.
        Bin = "bin",
    }
}

impl MediaUser {
    /// All kinds.
    pub const ALL: [MediaUser; 5] = [
        MediaUser::Article,
        MediaUser::Note,
        MediaUser::Page,
        MediaUser::Author,
        MediaUser::Bin,
    ];
}

/// A row that uses a file.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MediaUse {
    pub kind: MediaUser,
    /// The slug of an article or page, deleted or not, the uid of a note, the username of an author.
    pub name: String,
}

impl Conn {
    /// Returns the rows that use a file. `stem` is its name up to the dot, which the names of its variants share.
    pub async fn media_uses(&mut self, stem: &str) -> Result<Vec<MediaUse>> {
        fetch_all!(
            self,
            "SELECT 'article' AS kind, slug AS name FROM articles WHERE image_url LIKE $1 OR markdown LIKE $1
             UNION ALL
             SELECT 'note', uid FROM notes
                WHERE state IN ('waiting', 'live') AND (image_url LIKE $1 OR markdown LIKE $1)
             UNION ALL
             SELECT 'page', slug FROM pages WHERE image_url LIKE $1 OR markdown LIKE $1
             UNION ALL
             SELECT 'author', username FROM authors WHERE bio LIKE $1 OR picture_url LIKE $1
             UNION ALL
             SELECT 'bin', slug FROM bin WHERE content LIKE $1",
            format!("%/media/{stem}%")
        )
    }

    /// Returns the texts that refer to `/media/`, of up to `limit` rows of one kind with ids after `after`, with the
    /// ids, in their order.
    pub async fn media_texts(
        &mut self,
        kind: MediaUser,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String)>> {
        match kind {
            MediaUser::Article => fetch_all!(
                self,
                "SELECT id, COALESCE(image_url, '') || ' ' || markdown FROM articles
                 WHERE id > $1 AND (image_url LIKE '%/media/%' OR markdown LIKE '%/media/%') ORDER BY id LIMIT $2",
                after,
                limit
            ),
            MediaUser::Note => fetch_all!(
                self,
                "SELECT id, COALESCE(image_url, '') || ' ' || markdown FROM notes
                 WHERE id > $1 AND state IN ('waiting', 'live')
                    AND (image_url LIKE '%/media/%' OR markdown LIKE '%/media/%') ORDER BY id LIMIT $2",
                after,
                limit
            ),
            MediaUser::Page => fetch_all!(
                self,
                "SELECT id, COALESCE(image_url, '') || ' ' || markdown FROM pages
                 WHERE id > $1 AND (image_url LIKE '%/media/%' OR markdown LIKE '%/media/%') ORDER BY id LIMIT $2",
                after,
                limit
            ),
            MediaUser::Author => fetch_all!(
                self,
                "SELECT id, COALESCE(picture_url, '') || ' ' || bio FROM authors
                 WHERE id > $1 AND (picture_url LIKE '%/media/%' OR bio LIKE '%/media/%') ORDER BY id LIMIT $2",
                after,
                limit
            ),
            MediaUser::Bin => fetch_all!(
                self,
                "SELECT id, content FROM bin WHERE id > $1 AND content LIKE '%/media/%' ORDER BY id LIMIT $2",
                after,
                limit
            ),
        }
    }

    /// Returns the slugs and texts of up to `limit` articles with ids after `after` whose text may show files, with the
    /// ids, in their order.
    pub async fn illustrated_articles(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String, String)>> {
        fetch_all!(
            self,
            "SELECT id, slug, markdown FROM articles
             WHERE id > $1 AND (markdown LIKE '%![%' OR markdown LIKE '%src%') ORDER BY id LIMIT $2",
            after,
            limit
        )
    }
}

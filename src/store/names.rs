//! Short lists of names for the completions of a shell, of all subjects.

use super::database::{Conn, Result, fetch_all};

/// The kind of things whose names are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// Slugs of articles, with their titles.
    Article,
    /// Slugs of pages, with their titles.
    Page,
    /// Notes, such as `note-3`, with their texts.
    Note,
    /// User names of authors, with their names.
    Author,
    /// Tags of articles.
    Tag,
    /// Hosts of other servers.
    Host,
    /// Numbers of comments, with the names of their authors.
    Comment,
    /// Slugs in the bin, with titles.
    DeletedArticle,
    DeletedPage,
}

impl Conn {
    /// Returns the names that begin with a text, newest first where they have an order, and a text beside each.
    pub async fn names(
        &mut self,
        kind: NameKind,
        start: &str,
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        match kind {
            NameKind::Article => self.article_names(start, limit).await,
            NameKind::Page => self.page_names(start, limit).await,
            NameKind::Note => self.note_names(start, limit).await,
            NameKind::Author => self.author_names(start, limit).await,
            NameKind::Tag => self.tag_names(start, limit).await,
            NameKind::Host => self.host_names(start, limit).await,
            NameKind::Comment => self.comment_names(start, limit).await,
            NameKind::DeletedArticle => self.deleted_names("article", start, limit).await,
            NameKind::DeletedPage => self.deleted_names("page", start, limit).await,
        }
    }

    async fn article_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT slug, title FROM articles WHERE substr(slug, 1, length($1)) = $1 ORDER BY id DESC LIMIT $2",
            start,
            limit
        )
    }

    async fn deleted_names(
        &mut self,
        kind: &str,
        start: &str,
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT slug, title FROM bin WHERE kind = $3 AND substr(slug, 1, length($1)) = $1
             ORDER BY id DESC LIMIT $2",
            start,
            limit,
            kind
        )
    }

    async fn page_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT slug, title FROM pages WHERE substr(slug, 1, length($1)) = $1 ORDER BY id DESC LIMIT $2",
            start,
            limit
        )
    }

    async fn note_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT 'note-' || CAST(id AS TEXT), substr(markdown, 1, 100) FROM notes \
             WHERE state IN ('waiting', 'live') AND substr('note-' || CAST(id AS TEXT), 1, length($1)) = $1 \
             ORDER BY id DESC LIMIT $2",
            start,
            limit
        )
    }

    async fn author_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT username, name FROM authors WHERE substr(username, 1, length($1)) = $1 ORDER BY username LIMIT $2",
            start,
            limit
        )
    }

    async fn tag_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT DISTINCT tag, '' FROM article_tags WHERE substr(tag, 1, length($1)) = $1 ORDER BY tag LIMIT $2",
            start,
            limit
        )
    }

    async fn host_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT host, '' FROM (SELECT host FROM destinations UNION SELECT host FROM remote_actors) AS hosts \
             WHERE substr(host, 1, length($1)) = $1 ORDER BY host LIMIT $2",
            start,
            limit
        )
    }

    async fn comment_names(&mut self, start: &str, limit: i64) -> Result<Vec<(String, String)>> {
        fetch_all!(
            self,
            "SELECT CAST(id AS TEXT), author_name FROM comments \
             WHERE state <> 'deleted' AND substr(CAST(id AS TEXT), 1, length($1)) = $1 ORDER BY id DESC LIMIT $2",
            start,
            limit
        )
    }
}

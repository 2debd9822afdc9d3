//! The entries of the bin.

use crate::store::database::{Conn, Result, fetch_all, fetch_optional, fetch_scalar, text_enum};
use sqlx::FromRow;

text_enum! {
    /// The kind of an entry.
    pub enum BinKind ("kind of entry in the bin") {
        Article = "article",
        Page = "page",
    }
}

/// A deleted article or page that can be restored.
#[derive(Debug, Clone, FromRow)]
pub struct BinEntry {
    pub id: i64,
    pub kind: BinKind,
    /// The id of the row, which it gets back.
    pub row_id: i64,
    /// The former uid of an article.
    pub uid: Option<String>,
    pub slug: String,
    pub title: String,
    pub deleted_at: i64,
    /// The number of its comments.
    pub comments: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.kind, b.row_id, b.uid, b.slug, b.title, b.deleted_at,
                (SELECT COUNT(*) FROM bin_rows r WHERE r.bin_id = b.id AND r.origin = 'comments') AS comments
             FROM bin b ",
            $rest
        )
    };
}

impl Conn {
    /// Returns up to `limit` entries of a kind, the last deleted first.
    pub async fn bin_entries(&mut self, kind: BinKind, limit: i64) -> Result<Vec<BinEntry>> {
        fetch_all!(
            self,
            select!("WHERE b.kind = $1 ORDER BY b.deleted_at DESC, b.id DESC LIMIT $2"),
            kind.as_str(),
            limit
        )
    }

    /// Returns the entry of a kind with this id.
    pub async fn bin_entry(&mut self, kind: BinKind, id: i64) -> Result<Option<BinEntry>> {
        fetch_optional!(
            self,
            select!("WHERE b.kind = $1 AND b.id = $2"),
            kind.as_str(),
            id
        )
    }

    /// Returns the entries of a kind with this slug, the last deleted first.
    pub async fn bin_entries_with_slug(
        &mut self,
        kind: BinKind,
        slug: &str,
    ) -> Result<Vec<BinEntry>> {
        fetch_all!(
            self,
            select!("WHERE b.kind = $1 AND b.slug = $2 ORDER BY b.deleted_at DESC, b.id DESC"),
            kind.as_str(),
            slug
        )
    }

    /// Returns the number of entries.
    pub async fn count_bin(&mut self, kind: BinKind) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM bin WHERE kind = $1",
            kind.as_str()
        )
    }
}

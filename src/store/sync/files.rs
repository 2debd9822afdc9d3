//! The files from which articles and pages were made.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_scalar, fetch_scalars, now, text_enum, to_json,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

text_enum! {
    /// What a file became.
    pub enum SyncedKind ("kind of a synced file") {
        Article = "article",
        Page = "page",
    }
}

/// A picture, or an audio or video file, that a synced file names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedPicture {
    /// The path in the folder.
    pub path: String,
    /// The hash of its content; `None` if it was missing.
    pub hash: Option<String>,
    /// Size, times and number of the file, by which an unchanged file is recognized without reading it.
    pub stat: Option<String>,
}

/// A row of `synced_files`.
#[derive(Debug, Clone)]
pub struct SyncedFile {
    pub path: String,
    pub kind: SyncedKind,
    /// The id of the article or page.
    pub ref_id: i64,
    /// Whether a sync created it.
    pub created: bool,
    pub file_hash: String,
    pub pictures: Vec<SyncedPicture>,
    pub stored_hash: String,
    /// The time of the last sync of this file.
    pub synced_at: i64,
}

impl SyncedFile {
    /// Returns the record of a file of which no sync knows anything.
    pub fn unknown() -> SyncedFile {
        SyncedFile {
            path: String::new(),
            kind: SyncedKind::Article,
            ref_id: 0,
            created: false,
            file_hash: String::new(),
            pictures: Vec::new(),
            stored_hash: String::new(),
            synced_at: 0,
        }
    }
}

#[derive(FromRow)]
struct Row {
    path: String,
    kind: SyncedKind,
    ref_id: i64,
    created: bool,
    file_hash: String,
    pictures: String,
    stored_hash: String,
    synced_at: i64,
}

impl From<Row> for SyncedFile {
    fn from(row: Row) -> SyncedFile {
        SyncedFile {
            path: row.path,
            kind: row.kind,
            ref_id: row.ref_id,
            created: row.created,
            file_hash: row.file_hash,
            // An unreadable list counts as changed pictures.
            pictures: serde_json::from_str(&row.pictures).unwrap_or_default(),
            stored_hash: row.stored_hash,
            synced_at: row.synced_at,
        }
    }
}

impl Conn {
    /// Returns the files of a source in the order of their paths.
    pub async fn synced_files(&mut self, source: &str) -> Result<Vec<SyncedFile>> {
        let rows: Vec<Row> = fetch_all!(
            self,
            "SELECT path, kind, ref_id, created, file_hash, pictures, stored_hash, synced_at
             FROM synced_files WHERE source = $1 ORDER BY path",
            source
        )?;
        Ok(rows.into_iter().map(SyncedFile::from).collect())
    }

    /// Returns the articles and pages that belong to files of other sources, as their kind, id, source and path.
    pub async fn synced_elsewhere(
        &mut self,
        source: &str,
    ) -> Result<Vec<(SyncedKind, i64, String, String)>> {
        fetch_all!(
            self,
            "SELECT kind, ref_id, source, path FROM synced_files WHERE source <> $1",
            source
        )
    }

    /// Returns the names of all sources.
    pub async fn sync_sources(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT DISTINCT source FROM synced_files ORDER BY source"
        )
    }

    /// Returns the slug of each article and page with its kind and id.
    pub async fn slugs(&mut self) -> Result<Vec<(SyncedKind, i64, String)>> {
        fetch_all!(
            self,
            "SELECT 'article' AS kind, id, slug FROM articles UNION ALL SELECT 'page', id, slug FROM pages"
        )
    }

    /// Returns the number of different actors that follow the publication or one of its authors.
    pub async fn count_all_followers(&mut self) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(DISTINCT actor_id) FROM followers WHERE state = 'accepted'"
        )
    }
}

impl Tx {
    /// Stores a synced file, in place of what its path or its article was before.
    pub async fn save_synced_file(&mut self, source: &str, file: &SyncedFile) -> Result<()> {
        execute!(
            self,
            "DELETE FROM synced_files WHERE (kind = $1 AND ref_id = $2) OR (source = $3 AND path = $4)",
            file.kind.as_str(),
            file.ref_id,
            source,
            &file.path
        )?;
        execute!(
            self,
            "INSERT INTO synced_files (source, path, kind, ref_id, created, file_hash, pictures, stored_hash, synced_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            source,
            &file.path,
            file.kind.as_str(),
            file.ref_id,
            file.created,
            &file.file_hash,
            to_json(&file.pictures),
            &file.stored_hash,
            now()
        )?;
        Ok(())
    }

    /// Forgets a synced file. Its article or page stays.
    pub async fn remove_synced_file(&mut self, source: &str, path: &str) -> Result<()> {
        execute!(
            self,
            "DELETE FROM synced_files WHERE source = $1 AND path = $2",
            source,
            path
        )?;
        Ok(())
    }
}

//! The records of imported items.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_scalar, text_enum, to_json,
};
use serde::Serialize;
use sqlx::FromRow;

text_enum! {
    /// The kind of row that an imported item became.
    pub enum ImportKind ("kind of an imported item") {
        Author = "author",
        Article = "article",
        Note = "note",
        Page = "page",
        Comment = "comment",
        Reaction = "reaction",
        File = "file",
    }
}

/// A row of `imports`, without its source.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct ImportRecord {
    pub kind: ImportKind,
    /// The item's key in the source.
    pub key: String,
    /// The id of the row that it became; 0 for a file.
    pub ref_id: i64,
    /// The hash of what the source had.
    pub source_hash: String,
    /// The hash of what was stored: a difference to the row is a change that was made here.
    pub stored_hash: String,
    /// Whether its text may still have links and pictures of the other site.
    pub is_open: bool,
    /// The address of a file here.
    pub address: Option<String>,
}

impl Conn {
    /// Returns the next `limit` records of a source after a kind and key.
    pub async fn import_records(
        &mut self,
        source: &str,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<ImportRecord>> {
        fetch_all!(
            self,
            "SELECT kind, key, ref_id, source_hash, stored_hash, is_open, address FROM imports
             WHERE source = $1 AND (kind, key) > ($2, $3) ORDER BY kind, key LIMIT $4",
            source,
            after.0,
            after.1,
            limit
        )
    }

    /// Returns the next `limit` records of a source, of a kind, after a key, whose texts may have links and pictures of
    /// the other site.
    pub async fn open_imports(
        &mut self,
        source: &str,
        kind: ImportKind,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ImportRecord>> {
        fetch_all!(
            self,
            "SELECT kind, key, ref_id, source_hash, stored_hash, is_open, address FROM imports
             WHERE source = $1 AND kind = $2 AND key > $3 AND is_open ORDER BY key LIMIT $4",
            source,
            kind.as_str(),
            after,
            limit
        )
    }

    /// Counts the records of a source whose texts may have links and pictures of the other site.
    pub async fn count_open_imports(&mut self, source: &str) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM imports WHERE source = $1 AND is_open",
            source
        )
    }
}

impl Tx {
    /// Stores records of a source, in place of those with the same kinds and keys. No two of them may have the same.
    pub async fn save_imports(&mut self, source: &str, records: &[ImportRecord]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        execute!(
            self,
            [
                "INSERT INTO imports (source, kind, key, ref_id, source_hash, stored_hash, is_open, address)
                 SELECT $1, value ->> 'kind', value ->> 'key', value ->> 'ref_id', value ->> 'source_hash',
                    value ->> 'stored_hash', value ->> 'is_open', value ->> 'address' FROM json_each($2) WHERE TRUE
                 ON CONFLICT (source, kind, key) DO UPDATE SET ref_id = excluded.ref_id,
                    source_hash = excluded.source_hash, stored_hash = excluded.stored_hash,
                    is_open = excluded.is_open, address = excluded.address",
                "INSERT INTO imports (source, kind, key, ref_id, source_hash, stored_hash, is_open, address)
                 SELECT $1, kind, key, ref_id, source_hash, stored_hash, is_open, address
                 FROM json_to_recordset($2::json) AS r(kind text, key text, ref_id bigint, source_hash text,
                    stored_hash text, is_open boolean, address text)
                 ON CONFLICT (source, kind, key) DO UPDATE SET ref_id = excluded.ref_id,
                    source_hash = excluded.source_hash, stored_hash = excluded.stored_hash,
                    is_open = excluded.is_open, address = excluded.address"
            ],
            source,
            to_json(records)
        )?;
        Ok(())
    }
}

//! The files of an export, and its first and last one.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the format. It changes when an older program could not read it correctly.
pub(super) const VERSION: u32 = 1;
/// The first file, by which an export is recognized.
pub(super) const HEADER: &str = "pamphlet.json";
/// The last file. An export without it is incomplete.
pub(super) const END: &str = "end.json";
/// The folder of the rows: a file for each table.
pub(super) const DATA: &str = "data";
/// The folder of the texts, as `pamphlet sync` and other generators of sites read them.
pub(super) const CONTENT: &str = "content";
/// The folder of the media files, where generators of sites look for `/media/`.
pub(super) const MEDIA: &str = "static/media";

/// The first file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    /// The version of the format.
    pub pamphlet_site: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// The number of the newest migration of its database.
    pub schema: i64,
    pub exported_at: String,
    /// The publication: its handle and public address.
    pub identity: String,
    /// Whether it has the private keys of its actors.
    pub with_keys: bool,
    /// Whether it has mail addresses of guests and the log of moderation.
    pub with_private: bool,
    /// The number of rows of each table.
    pub tables: BTreeMap<String, u64>,
    /// The last id that each table assigned.
    pub last_ids: BTreeMap<String, i64>,
}

/// The last file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct End {
    /// The number of media files.
    pub media: u64,
    /// The names of media files that the storage lacks, or has with another size than the database says.
    pub missing: Vec<String>,
}

/// Returns the name of the file with the rows of a table.
pub(super) fn data_file(table: &str) -> String {
    format!("{DATA}/{table}.jsonl")
}

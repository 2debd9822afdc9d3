//! The lines of a backup.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the format. A change that older programs can't read makes it greater.
pub(super) const VERSION: u32 = 1;
/// The ending of the file's name.
pub(super) const EXTENSION: &str = "pamphlet.age";
/// The length of the parts of a media file. It is a multiple of three, so that the Base64 of the parts is that of the file.
pub(super) const PART: usize = 768 * 1024;
/// The greatest length of a line, so that a file that is no backup does not fill the memory.
pub(super) const LONGEST_LINE: u64 = 1 << 30;
/// The work of a passphrase guess, as a power of two: 128 MiB of memory, and half a second. More would exclude small
/// machines.
pub(super) const WORK_FACTOR: u8 = 17;
/// The greatest work that a file may ask for: 1 GiB.
pub(super) const GREATEST_WORK_FACTOR: u8 = 20;

/// The names of lines that are no rows. No table has them.
pub(super) const FILE: &str = "file";
pub(super) const FILE_END: &str = "file_end";
pub(super) const END: &str = "end";

/// The first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The version of the format.
    pub(crate) pamphlet_backup: u32,
    /// The version of the program.
    pub(crate) program: String,
    /// The number of the newest migration of the database.
    pub(crate) schema: i64,
    /// The kind of the database: `sqlite` or `postgres`.
    pub(crate) database: String,
    /// The moment of the backup, RFC 3339.
    pub(crate) created_at: String,
    /// The publication: its handle and address.
    pub(crate) identity: String,
    /// The tables in the order of their rows, with the number of rows.
    pub(crate) tables: Vec<TableCount>,
    /// The last id that each table assigned, which may belong to a deleted row.
    pub(crate) last_ids: BTreeMap<String, i64>,
    /// Whether the media files are in the backup.
    pub(crate) media: bool,
    pub(crate) configuration: Option<Configuration>,
}

/// A table, and the number of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableCount {
    pub(crate) name: String,
    pub(crate) rows: u64,
}

impl Header {
    /// Returns the number of all rows.
    pub(crate) fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// The configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Configuration {
    pub(crate) file: String,
    pub(crate) text: String,
}

/// A part of a media file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FilePart {
    pub(super) name: String,
    /// The bytes in Base64.
    pub(super) data: String,
}

/// The end of a media file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEnd {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// The number of lines before this one.
    pub(super) lines: u64,
    pub(super) files: u64,
    pub(super) file_bytes: u64,
    /// The names of files that were missing when the backup was made, or shorter than the database says.
    pub(super) missing: Vec<String>,
    /// The SHA-256 of all lines before this one.
    pub(super) sha256: String,
}

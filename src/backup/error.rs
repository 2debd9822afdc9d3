//! The errors of backups.

use crate::{media::StorageError, store::StoreError};
use std::{io, path::Path};

/// The failure to make, check or restore a backup.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    #[error(
        "{0} exists already: name another file, or a folder, which gets a file with the time in its name"
    )]
    Exists(String),
    #[error("the backup {0} can't be written: {1}")]
    Write(String, io::Error),
    #[error("the backup {0} can't be read: {1}")]
    Read(String, io::Error),
    #[error("{0} is no backup of Pamphlet: {1}")]
    Foreign(String, String),
    #[error("the passphrase does not open {0}: a backup has the passphrase that it was made with")]
    WrongPassphrase(String),
    #[error(
        "{file} was made by Pamphlet {program}, whose database is newer than this program's ({theirs} instead of {ours}): \
         install that version to restore it"
    )]
    Newer {
        file: String,
        program: String,
        theirs: i64,
        ours: i64,
    },
    #[error("the backup {0} is incomplete: it ends after line {1}. Use another backup")]
    Incomplete(String, u64),
    #[error("the backup {file} is damaged in line {line}: {problem}. Use another backup")]
    Damaged {
        file: String,
        line: u64,
        problem: String,
    },
    #[error(
        "the database {database} is not empty: its table {table} has rows. Name an empty one, such as a new file, with \
         --database-url"
    )]
    Occupied {
        database: String,
        table: &'static str,
    },
    #[error(
        "the database {database} has tables of a newer version than the backup ({theirs} instead of {ours}): name a database \
         that does not exist yet, or has no tables, with --database-url"
    )]
    NewerDatabase {
        database: String,
        theirs: i64,
        ours: i64,
    },
    #[error("a node runs on the database {0}: stop `pamphlet serve` and `pamphlet worker` first")]
    Running(String),
    #[error(
        "the backup is of {theirs}, and the configuration is of {ours}: correct `public_url`, `domain` and `site.username`. \
         `pamphlet backup config FILE` prints the configuration in the backup"
    )]
    OtherIdentity { theirs: String, ours: String },
    #[error("the media file {0} can't be read or written: {1}")]
    Media(String, io::Error),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The other half of the work has failed, and has the reason.
    #[error("the work on the backup was interrupted")]
    Interrupted,
    /// The admin ended a restoration before the database had committed it.
    #[error("interrupted, and nothing was restored")]
    Stopped,
}

/// Returns a path for messages.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

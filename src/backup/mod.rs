//! Backups: one encrypted file with all tables at one moment, the secrets and keys in them, the media and the
//! configuration, made while the node runs and restored into an empty database of either kind.
//!
//! Within `age` and zstd, a backup is lines of JSON: a header, a line for each row, lines for the parts of each media file,
//! and an end with a hash of all lines before it.

mod contents;
mod create;
mod error;
mod format;
mod names;
mod reader;
mod references;
mod restore;
mod verify;
mod writer;

pub(crate) use create::{Created, Sources, create};
pub(crate) use format::{Configuration, Header};
pub(crate) use names::{default_name, remove_older};
pub(crate) use reader::header_of;
pub(crate) use restore::{Restored, restore};
pub(crate) use verify::verify;

/// The passphrase that a backup is encrypted with. It is erased from memory, and never printed.
pub(crate) type Passphrase = age::secrecy::SecretString;

/// The progress of work on a backup.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Progress {
    /// So many rows and files follow.
    Begin(u64),
    /// So many of them are done.
    Advance(u64),
}

/// The function that shows the progress.
pub(crate) type ShowProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

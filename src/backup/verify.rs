//! Checks a backup without touching any database of a publication.

use super::{
    Passphrase, Progress, ShowProgress,
    contents::Contents,
    error::{BackupError, shown},
    format::Header,
    reader::{Entry, Reader, Summary},
    references::References,
};
use crate::store::Store;
use std::path::Path;

/// The number of rows after which the progress is shown.
const STEP: u64 = 100;

/// A backup that is complete and undamaged.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) header: Header,
    pub(crate) files: u64,
    pub(crate) file_bytes: u64,
    /// The names of files that were missing when the backup was made.
    pub(crate) missing: Vec<String>,
}

/// Reads a whole backup and checks everything in it: that it is complete, each number and hash, each value of each row, and
/// that each row refers to rows that exist.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) async fn verify(
    path: &Path,
    passphrase: &Passphrase,
    progress: ShowProgress<'_>,
) -> Result<Verified, BackupError> {
    let mut contents = Contents::open(path, passphrase).await?;
    let header = contents.header().clone();
    check_version(path, &header)?;
    progress(Progress::Begin(header.rows()));
    let mut references = References::of(header.schema).await?;
    let mut rows = 0;
    while let Some(entry) = contents.next().await {
        if let Entry::Row { table, row } = entry {
            rows += 1;
            if rows % STEP == 0 {
                progress(Progress::Advance(STEP));
            }
            references
                .see(&table, &row)
                // The header is the first line, and rows follow it at once.
                .map_err(|problem| damaged(path, rows + 1, problem))?;
        }
    }
    let summary = contents.end().await?;
    references
        .end()
        .map_err(|problem| damaged(path, rows + 1, problem))?;
    Ok(verified(header, summary))
}

/// Reads a whole backup and checks that it is complete and undamaged, before anything is changed. What is in its lines is
/// checked when they are loaded.
pub(super) fn verify_file(
    path: &Path,
    passphrase: &Passphrase,
    progress: ShowProgress<'_>,
) -> Result<Verified, BackupError> {
    let reader = Reader::open(path, passphrase)?;
    check_version(path, reader.header())?;
    progress(Progress::Begin(reader.header().rows()));
    let (header, summary) = reader.skim(|line| {
        if line % STEP == 0 {
            progress(Progress::Advance(STEP));
        }
    })?;
    Ok(verified(header, summary))
}

fn verified(header: Header, summary: Summary) -> Verified {
    Verified {
        header,
        files: summary.files,
        file_bytes: summary.file_bytes,
        missing: summary.missing,
    }
}

/// Refuses a backup whose database is newer than this program.
fn check_version(path: &Path, header: &Header) -> Result<(), BackupError> {
    let ours = Store::newest_schema();
    if header.schema <= ours {
        return Ok(());
    }
    Err(BackupError::Newer {
        file: shown(path),
        program: header.program.clone(),
        theirs: header.schema,
        ours,
    })
}

fn damaged(path: &Path, line: u64, problem: String) -> BackupError {
    BackupError::Damaged {
        file: shown(path),
        line,
        problem,
    }
}

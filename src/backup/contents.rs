//! The entries of a backup, read on a thread of its own and passed on in order.

use super::{
    Passphrase,
    error::{BackupError, shown},
    format::Header,
    reader::{Entry, Reader, Summary},
};
use std::{io, path::Path};
use tokio::{sync::mpsc, task::JoinHandle};

/// The number of entries that wait for their reader. A part of a file has less than a megabyte.
const WAITING: usize = 16;

/// The entries of a backup.
pub(super) struct Contents {
    file: String,
    header: Header,
    entries: mpsc::Receiver<Entry>,
    thread: JoinHandle<Result<Summary, BackupError>>,
}

impl Contents {
    /// Opens a backup.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(super) async fn open(
        path: &Path,
        passphrase: &Passphrase,
    ) -> Result<Contents, BackupError> {
        let file = shown(path);
        let (path, passphrase) = (path.to_owned(), passphrase.clone());
        let opened = tokio::task::spawn_blocking(move || Reader::open(&path, &passphrase)).await;
        let mut reader = opened.map_err(|error| broken(&file, error))??;
        let header = reader.header().clone();
        let (sender, entries) = mpsc::channel(WAITING);
        let thread = tokio::task::spawn_blocking(move || {
            while let Some(entry) = reader.next()? {
                if sender.blocking_send(entry).is_err() {
                    return Err(BackupError::Interrupted);
                }
            }
            reader.summary().cloned().ok_or(BackupError::Interrupted)
        });
        Ok(Contents {
            file,
            header,
            entries,
            thread,
        })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the next entry; `None` at the end, and if the rest can't be read: [`Contents::end`] has the reason.
    pub(super) async fn next(&mut self) -> Option<Entry> {
        self.entries.recv().await
    }

    /// Returns the numbers at the end.
    ///
    /// # Errors
    /// If the backup is damaged or incomplete.
    pub(super) async fn end(self) -> Result<Summary, BackupError> {
        drop(self.entries);
        let ended = self.thread.await;
        ended.map_err(|error| broken(&self.file, error))?
    }
}

fn broken(file: &str, error: tokio::task::JoinError) -> BackupError {
    BackupError::Read(file.to_owned(), io::Error::other(error))
}

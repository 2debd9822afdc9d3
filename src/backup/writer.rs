//! Writes the lines of a backup: hashed, compressed and encrypted, on a thread of its own.

use super::{
    Passphrase,
    error::{BackupError, shown},
    format::WORK_FACTOR,
};
use crate::base::private_files;
use age::{Encryptor, Recipient, scrypt};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::NamedTempFile;
use tokio::{sync::mpsc, task::JoinHandle};
use zstd::stream::write::Encoder;

/// The level of compression: higher ones are much slower, and hardly smaller.
const LEVEL: i32 = 3;
/// The length of what is passed to the thread at once.
const CHUNK: usize = 128 * 1024;
/// The number of chunks that wait for the thread.
const WAITING: usize = 8;

/// The start of the names of unfinished backups.
const UNFINISHED: &str = ".pamphlet-backup-";
/// The time after which an unfinished backup that nobody writes to was interrupted.
const INTERRUPTED: Duration = Duration::from_secs(60 * 60);

/// The result of writing.
pub(super) struct Written {
    /// The size of the encrypted file.
    pub(super) bytes: u64,
}

/// The backup that is being written. Without [`LineWriter::finish`], no file remains.
pub(super) struct LineWriter {
    path: PathBuf,
    lines: u64,
    hash: Context,
    chunk: Vec<u8>,
    sender: mpsc::Sender<Message>,
    thread: JoinHandle<io::Result<Option<Written>>>,
}

enum Message {
    Chunk(Vec<u8>),
    /// Everything was written: without this, the file is dropped.
    Finish,
}

impl LineWriter {
    /// Begins a file that does not exist yet.
    ///
    /// # Errors
    /// If it exists.
    pub(super) fn begin(path: &Path, passphrase: &Passphrase) -> Result<LineWriter, BackupError> {
        if path.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(shown(path)));
        }
        let (sender, receiver) = mpsc::channel(WAITING);
        let (target, passphrase) = (path.to_owned(), passphrase.clone());
        let thread = tokio::task::spawn_blocking(move || write(&target, passphrase, receiver));
        Ok(LineWriter {
            path: path.to_owned(),
            lines: 0,
            hash: Context::new(&SHA256),
            chunk: Vec::with_capacity(CHUNK),
            sender,
            thread,
        })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// [`BackupError::Interrupted`] if an earlier line could not be written: [`LineWriter::failure`] has the reason.
    pub(super) async fn line(&mut self, line: &impl Serialize) -> Result<(), BackupError> {
        let start = self.chunk.len();
        serde_json::to_writer(&mut self.chunk, line)
            .map_err(|error| BackupError::Write(shown(&self.path), error.into()))?;
        self.chunk.push(b'\n');
        self.hash.update(&self.chunk[start..]);
        self.lines += 1;
        if self.chunk.len() >= CHUNK {
            self.send().await?;
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), BackupError> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let sent = self.sender.send(Message::Chunk(chunk)).await;
        sent.map_err(|_| BackupError::Interrupted)
    }

    /// Returns the number of lines, and the SHA-256 of all of them.
    pub(super) fn summary(&self) -> (u64, String) {
        let hash = self.hash.clone().finish();
        (self.lines, HEXLOWER.encode(hash.as_ref()))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// If it can't be written.
    pub(super) async fn finish(mut self) -> Result<Written, BackupError> {
        // A failure closes the channel, and the thread has the reason.
        if self.send().await.is_ok() {
            let _ = self.sender.send(Message::Finish).await;
        }
        let path = shown(&self.path);
        match self.thread.await {
            Ok(Ok(Some(written))) => Ok(written),
            Ok(Ok(None)) => Err(BackupError::Interrupted),
            Ok(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BackupError::Exists(path))
            }
            Ok(Err(error)) => Err(BackupError::Write(path, error)),
            Err(error) => Err(BackupError::Write(path, io::Error::other(error))),
        }
    }

    /// Ends without a file. Returns the reason why a line could not be written, or else `error`.
    pub(super) async fn failure(self, error: BackupError) -> BackupError {
        drop(self.sender);
        match (self.thread.await, error) {
            (Ok(Err(reason)), BackupError::Interrupted) => {
                BackupError::Write(shown(&self.path), reason)
            }
            (_, error) => error,
        }
    }
}

/// Writes all chunks to a temporary file, which gets its name at the end.
fn write(
    path: &Path,
    passphrase: Passphrase,
    mut receiver: mpsc::Receiver<Message>,
) -> io::Result<Option<Written>> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    remove_leftovers(folder);
    // Only its owner can read it.
    let file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)?;
    let mut recipient = scrypt::Recipient::new(passphrase);
    recipient.set_work_factor(WORK_FACTOR);
    let recipients = std::iter::once(&recipient as &dyn Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
    let encrypted = encryptor.wrap_output(BufWriter::with_capacity(CHUNK, file))?;
    let mut compressed = Encoder::new(encrypted, LEVEL)?;
    let mut is_complete = false;
    while let Some(message) = receiver.blocking_recv() {
        match message {
            Message::Chunk(chunk) => compressed.write_all(&chunk)?,
            Message::Finish => {
                is_complete = true;
                break;
            }
        }
    }
    if !is_complete {
        return Ok(None);
    }
    let file = compressed.finish()?.finish()?.into_inner();
    let file = file.map_err(io::IntoInnerError::into_error)?;
    keep(file, path, folder).map(Some)
}

/// Removes the files that interrupted backups left in a folder.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        let metadata = entry.metadata().ok().filter(fs::Metadata::is_file);
        let age = metadata
            .and_then(|metadata| metadata.modified().ok())
            .and_then(|time| time.elapsed().ok());
        if is_unfinished && age.is_some_and(|age| age > INTERRUPTED) {
            // Another owner's file is no reason to make no backup.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Gives the file its name, on disk.
fn keep(file: NamedTempFile, path: &Path, folder: &Path) -> io::Result<Written> {
    file.as_file().sync_all()?;
    let bytes = file.as_file().metadata()?.len();
    file.persist_noclobber(path)?;
    private_files::inherit_owner(path);
    File::open(folder)?.sync_all()?;
    Ok(Written { bytes })
}

//! The temporary folder, filled within limits.

use super::{ArchiveError, Limits, names};
use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The maximum number of names in the report.
const MAX_REPORTED: usize = 1000;

/// The folder into which an archive is unpacked.
pub(super) struct Folder {
    /// The archive, for messages.
    archive: String,
    root: PathBuf,
    limits: Limits,
    /// The number of files that may still be unpacked.
    files: usize,
    /// The bytes that may still be unpacked.
    budget: u64,
    /// The last entry that was unpacked.
    last: String,
    pub(super) left_out: Vec<String>,
}

impl Folder {
    /// Returns a folder for an archive of `size` bytes.
    pub(super) fn new(archive: String, root: &Path, size: u64, limits: Limits) -> Folder {
        let budget = size.saturating_mul(limits.ratio).max(limits.small);
        Folder {
            archive,
            root: root.to_owned(),
            limits: Limits {
                bytes: budget.min(limits.bytes),
                ..limits
            },
            files: limits.files,
            budget: budget.min(limits.bytes),
            last: String::new(),
            left_out: Vec::new(),
        }
    }

    /// Remembers that an entry was left out.
    pub(super) fn leave_out(&mut self, name: &[u8], reason: &str) {
        if self.left_out.len() < MAX_REPORTED {
            let name = String::from_utf8_lossy(name);
            let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
            self.left_out.push(format!("{name} was left out: {reason}"));
        }
    }

    /// Writes a file with its time of change. An entry whose name can't be used is left out; the content is not read then.
    ///
    /// # Errors
    /// If the content can't be read, a limit is reached, or the file can't be written.
    pub(super) fn write(
        &mut self,
        name: &[u8],
        modified: Option<SystemTime>,
        content: impl Read,
    ) -> Result<(), ArchiveError> {
        if names::is_clutter(name) {
            return Ok(());
        }
        let relative = match names::checked(name) {
            Ok(relative) => relative,
            Err(reason) => {
                self.leave_out(name, reason);
                return Ok(());
            }
        };
        self.files = self.files.checked_sub(1).ok_or_else(|| self.too_large())?;
        let path = self.root.join(&relative);
        // All folders on the way were made here, so that none is a link.
        let opened = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path));
        let file = match opened {
            Ok(file) => file,
            Err(error) if is_conflict(&error) => {
                self.leave_out(name, "another entry has its name");
                return Ok(());
            }
            Err(error) => return Err(ArchiveError::Temporary(error)),
        };
        self.copy(content, &file)?;
        if let Some(modified) = modified {
            // For some formats this is the date of a post; for a file system that has no such times, there is none.
            let _ = file.set_modified(modified);
        }
        self.last = relative.display().to_string();
        Ok(())
    }

    /// Copies the content of an entry, counts it, and tells errors of the archive from those of the disk.
    fn copy(&mut self, mut content: impl Read, mut file: impl Write) -> Result<(), ArchiveError> {
        let mut buffer = vec![0; 128 << 10];
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.damaged(error)),
            };
            self.budget = self
                .budget
                .checked_sub(read as u64)
                .ok_or_else(|| self.too_large())?;
            file.write_all(&buffer[..read])
                .map_err(ArchiveError::Temporary)?;
        }
    }

    /// Reads over the content of an entry that is left out.
    pub(super) fn skip(&mut self, content: impl Read) -> Result<(), ArchiveError> {
        self.copy(content, io::sink())
    }

    /// Returns the error for an archive that can't be read further.
    pub(super) fn damaged(&self, source: io::Error) -> ArchiveError {
        ArchiveError::Damaged {
            path: self.archive.clone(),
            position: if self.last.is_empty() {
                "at its beginning".to_owned()
            } else {
                format!("after {}", self.last)
            },
            source,
        }
    }

    fn too_large(&self) -> ArchiveError {
        ArchiveError::TooLarge {
            path: self.archive.clone(),
            limit: if self.files == 0 {
                format!("{} files", self.limits.files)
            } else {
                format!("{} MiB", self.limits.bytes >> 20)
            },
        }
    }
}

/// Returns whether a file can't be made since another entry has its name, or that of one of its folders.
fn is_conflict(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::IsADirectory
    )
}

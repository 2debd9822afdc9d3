//! A file that appears under its name once it is complete. If it can't be completed, nothing of it is left.

use super::ExportError;
use crate::base::private_files;
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// Whether an existing file may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Yes,
    No,
}

/// A file that is being written. Only its owner can read it.
pub(crate) struct NewFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    overwrite: Overwrite,
}

impl NewFile {
    /// Begins a file.
    ///
    /// # Errors
    /// If it exists and must not be replaced, or its folder can't be written.
    pub(crate) fn create(path: &Path, overwrite: Overwrite) -> Result<Self, ExportError> {
        refuse_dash(path)?;
        if overwrite == Overwrite::No && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        if path.is_dir() {
            return Err(ExportError::Refused(format!(
                "{} is a folder: name a file",
                path.display()
            )));
        }
        // The new file would take the place of the device.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(ExportError::Refused(format!(
                "{} is no ordinary file: name another one",
                path.display()
            )));
        }
        // The system's files for temporary use may be on another disk, from which a file can't be renamed.
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.exists() {
            return Err(ExportError::Refused(format!(
                "the folder {} does not exist: create it first",
                folder.display()
            )));
        }
        let file = NamedTempFile::with_prefix_in(".pamphlet-", folder);
        let file = file.map_err(ExportError::writing(path))?;
        Ok(NewFile {
            path: path.to_owned(),
            file: BufWriter::with_capacity(128 * 1024, file),
            overwrite,
        })
    }

    /// Gives the complete file its name.
    ///
    /// # Errors
    /// If the disk is full, or the file was created in the meantime.
    pub(crate) fn finish(self) -> Result<(), ExportError> {
        let failed = ExportError::writing(&self.path);
        let file = match self.file.into_inner() {
            Ok(file) => file,
            Err(error) => return Err(failed(error.into_error())),
        };
        if let Err(error) = file.as_file().sync_all() {
            return Err(failed(error));
        }
        let named = match self.overwrite {
            Overwrite::Yes => file.persist(&self.path),
            Overwrite::No => file.persist_noclobber(&self.path),
        };
        match named {
            Ok(_) => {
                private_files::inherit_owner(&self.path);
                Ok(())
            }
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(exists(&self.path))
            }
            Err(error) => Err(failed(error.error)),
        }
    }

    /// Returns the error for a failed write.
    pub(crate) fn failure(&self, error: io::Error) -> ExportError {
        ExportError::writing(&self.path)(error)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Refuses the name by which other programs mean their output.
///
/// # Errors
/// If the path is `-`.
pub(super) fn refuse_dash(path: &Path) -> Result<(), ExportError> {
    if path == Path::new("-") {
        return Err(ExportError::Refused(
            "an export is not written to the standard output: name a file or folder instead of `-`"
                .to_owned(),
        ));
    }
    Ok(())
}

fn exists(path: &Path) -> ExportError {
    ExportError::Refused(format!(
        "{} exists already: add --force to replace it, or name another file",
        path.display()
    ))
}

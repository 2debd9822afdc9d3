//! Where an export goes: a folder, or a compressed archive. It has its name once it is complete.

use super::{export::folder_of, format::HEADER};
use crate::exporting::{ExportError, NewFile, Overwrite};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

/// An export while it is written.
pub(super) enum Target {
    Folder {
        path: PathBuf,
        temporary: TempDir,
    },
    Archive {
        path: PathBuf,
        archive: Box<Builder<GzEncoder<NewFile>>>,
        /// The time of its files, in seconds.
        time: u64,
    },
}

impl Target {
    /// Begins an export: an archive if the name ends so, or else a folder.
    ///
    /// # Errors
    /// If it exists, or can't be written.
    pub(super) fn begin(
        path: &Path,
        overwrite: Overwrite,
        time: u64,
    ) -> Result<Target, ExportError> {
        if is_archive(path) {
            let file = NewFile::create(path, overwrite)?;
            let archive = Box::new(Builder::new(GzEncoder::new(file, Compression::default())));
            return Ok(Target::Archive {
                path: path.to_owned(),
                archive,
                time,
            });
        }
        check_folder(path, overwrite)?;
        let temporary = tempfile::Builder::new()
            .prefix(".pamphlet-")
            .tempdir_in(folder_of(path));
        Ok(Target::Folder {
            path: path.to_owned(),
            temporary: temporary.map_err(ExportError::writing(path))?,
        })
    }

    /// Adds a file with this content.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        self.add_from(name, content, content.len() as u64)
    }

    /// Adds a file from a reader that yields so many bytes.
    pub(super) fn add_from(
        &mut self,
        name: &str,
        mut content: impl io::Read,
        length: u64,
    ) -> Result<(), ExportError> {
        match self {
            Target::Folder { path, temporary } => {
                let file = temporary.path().join(name);
                let folder = file.parent().unwrap_or(temporary.path());
                let copied = fs::create_dir_all(folder).and_then(|()| {
                    let mut file = File::create_new(&file)?;
                    io::copy(&mut content, &mut file)?;
                    file.sync_all()
                });
                copied.map_err(ExportError::writing(&path.join(name)))
            }
            Target::Archive {
                path,
                archive,
                time,
            } => {
                let mut header = Header::new_gnu();
                header.set_entry_type(EntryType::Regular);
                header.set_size(length);
                header.set_mode(0o600);
                header.set_mtime(*time);
                let added = archive.append_data(&mut header, name, content);
                added.map_err(ExportError::writing(path))
            }
        }
    }

    /// Gives the complete export its name.
    pub(super) fn finish(self) -> Result<(), ExportError> {
        match self {
            Target::Folder { path, temporary } => {
                // An empty folder, or an older export that may be replaced.
                if path.exists() {
                    fs::remove_dir_all(&path).map_err(ExportError::writing(&path))?;
                }
                let from = temporary.keep();
                fs::rename(&from, &path).map_err(|error| {
                    let _ = fs::remove_dir_all(&from);
                    ExportError::writing(&path)(error)
                })
            }
            Target::Archive { path, archive, .. } => {
                let done = archive.into_inner().and_then(GzEncoder::finish);
                done.map_err(ExportError::writing(&path))?.finish()
            }
        }
    }
}

/// Returns whether a path names an archive.
pub(super) fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// Refuses a folder with other files than an older export.
fn check_folder(path: &Path, overwrite: Overwrite) -> Result<(), ExportError> {
    let entries = match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(ExportError::writing(path)(error)),
    };
    let shown = path.display();
    if entries && !path.join(HEADER).is_file() {
        return Err(ExportError::Refused(format!(
            "the folder {shown} has other files: name a new folder, or a file that ends in .tar.gz"
        )));
    }
    if entries && overwrite == Overwrite::No {
        return Err(ExportError::Refused(format!(
            "the folder {shown} has an export already: add --force to replace it, or name another folder"
        )));
    }
    Ok(())
}

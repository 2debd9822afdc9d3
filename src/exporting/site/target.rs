//! Where an export goes: a folder, or a compressed archive. It has its name once it is complete.

use super::format::{CONTENT, DATA, END, HEADER, MEDIA};
use crate::{
    base::private_files,
    exporting::{ExportError, NewFile, Overwrite, blocking, refuse_dash},
};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

/// The start of the names of temporary files and folders.
pub(super) const TEMPORARY: &str = ".pamphlet-";
/// The parts of an export in its folder, in the order in which they are moved there: its header comes last.
const PARTS: [&str; 5] = [DATA, CONTENT, MEDIA, END, HEADER];

/// An export while it is written.
pub(super) enum Target {
    Folder {
        path: PathBuf,
        /// In the folder itself, if it exists: it may be a mount point, or the current folder.
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
        refuse_dash(path)?;
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
            .prefix(TEMPORARY)
            .tempdir_in(workspace(path));
        let temporary = temporary.map_err(ExportError::writing(path))?;
        private_files::inherit_owner(temporary.path());
        Ok(Target::Folder {
            path: path.to_owned(),
            temporary,
        })
    }

    /// Adds a file with this content.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        self.add_from(name, content, content.len() as u64)
    }

    /// Adds a file of this length, which may be large, while the program can be interrupted.
    pub(super) async fn add_file(
        mut self,
        name: String,
        file: File,
        length: u64,
    ) -> Result<Target, ExportError> {
        blocking::run(move |wanted| {
            self.add_from(&name, wanted.reader(file), length)?;
            Ok(self)
        })
        .await
    }

    /// Adds a file from a reader that yields so many bytes.
    fn add_from(
        &mut self,
        name: &str,
        mut content: impl io::Read,
        length: u64,
    ) -> Result<(), ExportError> {
        match self {
            Target::Folder { path, temporary } => {
                let file = temporary.path().join(name);
                let copied = create_parents(&file, temporary.path()).and_then(|()| {
                    let mut options = private_files::open_options();
                    let mut written = options.create_new(true).open(&file)?;
                    private_files::inherit_owner(&file);
                    io::copy(&mut content, &mut written)?;
                    written.sync_all()
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
            Target::Folder { path, temporary } if path.is_dir() => {
                replace(&path, temporary.path()).map_err(ExportError::writing(&path))
            }
            Target::Folder { path, temporary } => {
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

/// Returns the folder for temporary files: that of an export itself, or else the one around it.
pub(super) fn workspace(path: &Path) -> &Path {
    if path.is_dir() {
        return path;
    }
    let parent = path.parent().filter(|folder| *folder != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

/// Creates the missing folders of a file within `root`. They get the owner of `root`.
fn create_parents(file: &Path, root: &Path) -> io::Result<()> {
    let Some(folder) = file.parent().filter(|folder| *folder != root) else {
        return Ok(());
    };
    if folder.is_dir() {
        return Ok(());
    }
    create_parents(folder, root)?;
    private_files::create_folder(folder)?;
    private_files::inherit_owner(folder);
    Ok(())
}

/// Moves a complete export into its folder, in place of an older one. Files that no export writes stay.
fn replace(folder: &Path, new: &Path) -> io::Result<()> {
    // Without its first file, what is left of the older one is no export.
    for part in PARTS.iter().rev() {
        remove(&folder.join(part))?;
    }
    for part in PARTS {
        let (from, to) = (new.join(part), folder.join(part));
        if from.symlink_metadata().is_ok() {
            create_parents(&to, folder)?;
            fs::rename(from, to)?;
        }
    }
    Ok(())
}

/// Removes a file, or a folder with everything in it, if it exists.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Returns whether a path names an archive.
pub(super) fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// Refuses a folder with other files than an older export.
fn check_folder(path: &Path, overwrite: Overwrite) -> Result<(), ExportError> {
    let is_used = match fs::read_dir(path) {
        Ok(entries) => entries.flatten().any(|entry| {
            // An interrupted export may have left a temporary folder.
            let name = entry.file_name();
            !name.to_string_lossy().starts_with(TEMPORARY)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(ExportError::writing(path)(error)),
    };
    let shown = path.display();
    if is_used && !path.join(HEADER).is_file() {
        return Err(ExportError::Refused(format!(
            "the folder {shown} has other files: name a new folder, or a file that ends in .tar.gz"
        )));
    }
    if is_used && overwrite == Overwrite::No {
        return Err(ExportError::Refused(format!(
            "the folder {shown} has an export already: add --force to replace it, or name another folder"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn export(path: &Path, overwrite: Overwrite, names: &[&str]) -> Result<(), ExportError> {
        let mut target = Target::begin(path, overwrite, 0)?;
        for name in names {
            target.add(name, b"new")?;
        }
        target.finish()
    }

    #[test]
    fn an_export_replaces_only_an_older_one_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let first = [
            "pamphlet.json",
            "data/pages.jsonl",
            "static/media/a.jpg",
            "end.json",
        ];
        export(path, Overwrite::No, &first).unwrap();
        let mode = |name: &str| fs::metadata(path.join(name)).unwrap().mode() & 0o777;
        assert_eq!(
            (mode("pamphlet.json"), mode("static/media")),
            (0o600, 0o700)
        );
        fs::create_dir(path.join(".git")).unwrap();
        fs::write(path.join(".git/config"), "mine").unwrap();
        fs::write(path.join("static/robots.txt"), "mine").unwrap();
        assert!(export(path, Overwrite::No, &first).is_err());
        let second = ["pamphlet.json", "data/notes.jsonl", "end.json"];
        export(path, Overwrite::Yes, &second).unwrap();
        for name in [
            "pamphlet.json",
            "data/notes.jsonl",
            ".git/config",
            "static/robots.txt",
        ] {
            assert!(path.join(name).is_file(), "{name}");
        }
        for name in ["data/pages.jsonl", "static/media"] {
            assert!(!path.join(name).exists(), "{name}");
        }
        let left = fs::read_dir(path).unwrap().flatten();
        let mut left = left.map(|entry| entry.file_name().to_string_lossy().into_owned());
        assert!(!left.any(|name| name.starts_with(TEMPORARY)));
    }
}

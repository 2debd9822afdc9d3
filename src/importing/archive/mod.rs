//! Archives that other software wrote: unpacked into a temporary folder, and nowhere else.
//!
//! An archive is as untrusted as what is in it. Names can't lead out of the folder, links and devices are left out, and
//! what is unpacked is bounded in total, in proportion to the archive, and in number.

mod folder;
mod names;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use folder::Folder;
use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use walkdir::WalkDir;

/// The limits of an unpacked archive.
#[derive(Debug, Clone, Copy)]
struct Limits {
    files: usize,
    /// The total size, in bytes.
    bytes: u64,
    /// The total size that is fine for an archive of any size.
    small: u64,
    /// How many times the size of the archive the total size may be, if it is not small.
    ratio: u64,
}

const LIMITS: Limits = Limits {
    files: 500_000,
    bytes: 100 << 30,
    small: 256 << 20,
    ratio: 100,
};

/// The depth to which a file is searched for by its name.
const MAX_SEARCH_DEPTH: usize = 3;

/// The reason why an archive can't be unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error(
        "{0} is not a .zip, .tar or .tar.gz archive: pass one, or the folder that was unpacked from it"
    )]
    Unknown(String),
    #[error("{path} is damaged or incomplete {position}: get the archive again")]
    Damaged {
        path: String,
        /// Where: `after media/a.png`, or `at its beginning`.
        position: String,
        #[source]
        source: io::Error,
    },
    #[error(
        "{path} unpacks to more than {limit}, which is too much for its size: unpack it yourself if you trust it, and pass \
         the folder"
    )]
    TooLarge { path: String, limit: String },
    #[error("cannot write a temporary file: set TMPDIR to a folder with enough space")]
    Temporary(#[source] io::Error),
}

/// An archive that is unpacked, until the value is dropped, or a folder that takes the place of one.
#[derive(Debug)]
pub(crate) struct Archive {
    folder: PathBuf,
    /// The entries that were not unpacked, with the reason.
    pub(crate) left_out: Vec<String>,
    /// Deletes the folder if it is ours.
    _temporary: Option<TempDir>,
}

/// The kinds of archives.
enum Kind {
    Zip,
    Tar,
    TarGz,
}

impl Archive {
    /// Unpacks an archive into a temporary folder. A folder is used as it is.
    ///
    /// # Errors
    /// If the archive can't be read, is damaged, or is too large.
    pub(crate) fn open(path: &Path) -> Result<Archive, ArchiveError> {
        Archive::open_within(path, LIMITS)
    }

    fn open_within(path: &Path, limits: Limits) -> Result<Archive, ArchiveError> {
        let shown = path.display().to_string();
        let unreadable = |source| ArchiveError::Read {
            path: shown.clone(),
            source,
        };
        if path.is_dir() {
            return Ok(Archive {
                folder: path.to_owned(),
                left_out: Vec::new(),
                _temporary: None,
            });
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let kind = kind_of(&mut file)
            .map_err(unreadable)?
            .ok_or_else(|| ArchiveError::Unknown(shown.clone()))?;
        let temporary = tempfile::Builder::new()
            .prefix("pamphlet-import-")
            .tempdir()
            .map_err(ArchiveError::Temporary)?;
        let mut folder = Folder::new(shown, temporary.path(), size, limits);
        match kind {
            Kind::Zip => zip::unpack(file, &mut folder)?,
            Kind::Tar => tar::unpack(file, &mut folder)?,
            Kind::TarGz => tar::unpack_compressed(file, &mut folder)?,
        }
        Ok(Archive {
            folder: temporary.path().to_owned(),
            left_out: folder.left_out,
            _temporary: Some(temporary),
        })
    }

    /// Returns whether a file begins like an archive.
    pub(crate) fn is_archive(path: &Path) -> bool {
        File::open(path).is_ok_and(|mut file| matches!(kind_of(&mut file), Ok(Some(_))))
    }

    /// Returns the folder with the contents.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the file called `name`, at the top or at most two folders below it: many archives have all in one folder.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        WalkDir::new(&self.folder)
            .max_depth(MAX_SEARCH_DEPTH)
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file() && entry.file_name() == name)
            .min_by_key(|entry| entry.depth())
            .map(walkdir::DirEntry::into_path)
    }

    /// Returns all files with their names within the archive, in the order of their names. Links are left out.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, PathBuf)> {
        let root = self.folder.clone();
        WalkDir::new(&self.folder)
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .filter_map(move |entry| {
                let name = entry.path().strip_prefix(&root).ok()?.to_str()?.to_owned();
                Some((name, entry.into_path()))
            })
    }
}

/// Returns the kind of archive by its first bytes.
fn kind_of(file: &mut File) -> io::Result<Option<Kind>> {
    let mut start = Vec::new();
    file.by_ref().take(512).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(match start.as_slice() {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
        [0x1f, 0x8b, ..] => Some(Kind::TarGz),
        start if start.get(257..262) == Some(b"ustar") => Some(Kind::Tar),
        _ => None,
    })
}

//! The site's pictures, audio and video files: taken in, made harmless and small, and stored; and small copies of remote
//! pictures.

pub(crate) mod copies;
pub(crate) mod drawing;
mod intake;
mod memory;
mod names;
mod restored_files;
mod storage;

pub use intake::{Kind, Limits, Original, Prepared, PreparedFile};
pub(crate) use names::{focus, names_with_stem, stem, stems_in_text};
pub(crate) use restored_files::RestoredFiles;
pub use storage::{Bucket, Content, Storage, StorageError};

use image::ImageReader;
use moka::sync::Cache;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The maximum width and height of a remote picture, in pixels.
const MAX_SIDE: u32 = 8192;
/// The number of pictures whose dimensions are cached.
const MAX_CACHED_DIMENSIONS: u64 = 10_000;

/// The reason for which a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("the file {0} can't be read: {1}")]
    Unreadable(String, std::io::Error),
    /// The second text continues the sentence.
    #[error("{0} {1}")]
    Refused(String, String),
    #[error("{0} can't be written: {1}")]
    Unwritable(String, std::io::Error),
}

/// Returns the folder of the files in the data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("media")
}

/// Returns the width and height of a stored picture in pixels, by its name in `/media/{name}`.
///
/// They are cached, since some decoders read the whole file for them. The content of a name never changes.
pub(crate) fn dimensions(name: &str, data: &Path) -> Option<(u32, u32)> {
    static SIZES: LazyLock<Cache<PathBuf, (u32, u32)>> =
        LazyLock::new(|| Cache::new(MAX_CACHED_DIMENSIONS));
    let path = file_path(name, data)?;
    if let Some(size) = SIZES.get(&path) {
        return path.exists().then_some(size);
    }
    let reader = ImageReader::open(&path).ok()?.with_guessed_format().ok()?;
    let size = reader.into_dimensions().ok()?;
    SIZES.insert(path, size);
    Some(size)
}

/// Returns the file in the data folder for `/media/{name}`, if the name is one that [`Original::prepare`] may give.
pub(crate) fn file_path(name: &str, data: &Path) -> Option<PathBuf> {
    stem(name).map(|_| folder(data).join(name))
}

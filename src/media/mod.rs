//! Pictures: imports and sanitizes those of the site's authors, and makes small copies of remote ones.

pub(crate) mod copies;
pub(crate) mod drawing;
mod memory;

use crate::base::private_files;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder,
};
use moka::sync::Cache;
use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::NamedTempFile;

/// The maximum size of an imported file, in bytes.
const MAX_FILE: u64 = 20 * 1024 * 1024;
/// The maximum width and height, in pixels.
const MAX_SIDE: u32 = 8192;
/// The maximum memory for decoding, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
const JPEG_QUALITY: u8 = 88;
/// The number of pictures whose dimensions are cached.
const MAX_CACHED_DIMENSIONS: u64 = 10_000;

/// The reason for which a picture was not imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MediaError {
    #[error("the image {0} can't be read: {1}")]
    Unreadable(String, std::io::Error),
    #[error("the image {0} is larger than 20 MB")]
    TooLarge(String),
    #[error("{0} is not a JPEG, PNG or WebP image that can be used: {1}")]
    NotAnImage(String, String),
    #[error("the image can't be written to {0}: {1}")]
    Unwritable(String, std::io::Error),
}

/// Returns the folder of the pictures in the data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("media")
}

/// A sanitized picture that is not stored yet.
#[derive(Debug)]
pub(crate) struct PreparedImage {
    name: String,
    file: NamedTempFile,
}

/// Reads and sanitizes a picture: it is decoded, turned upright and encoded again, which removes hidden data such as
/// scripts and the location in EXIF. Its name is derived from its content.
///
/// # Errors
/// If it can't be read, is too large, or is not a picture.
pub(crate) fn prepare(path: &Path) -> Result<PreparedImage, MediaError> {
    let shown = path.display().to_string();
    let unreadable = |error| MediaError::Unreadable(shown.clone(), error);
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        let error = std::io::Error::other("it is not a file");
        return Err(unreadable(error));
    }
    if metadata.len() > MAX_FILE {
        return Err(MediaError::TooLarge(shown));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let (clean, extension) =
        sanitize(&bytes).map_err(|error| MediaError::NotAnImage(shown, error.to_string()))?;
    let name = format!("{}.{extension}", name_of(&clean));
    // An article may have too many pictures to keep them in memory.
    let written = NamedTempFile::new().and_then(|mut file| {
        file.write_all(&clean)?;
        Ok(file)
    });
    let unwritable = |error| MediaError::Unwritable("a temporary file".into(), error);
    Ok(PreparedImage {
        name,
        file: written.map_err(unwritable)?,
    })
}

impl PreparedImage {
    /// Returns the path on this site at which the stored picture is served.
    pub(crate) fn address(&self) -> String {
        format!("/media/{}", self.name)
    }

    /// Stores the picture in the data folder. Returns its file, unless it existed before.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn store(&self, data: &Path) -> Result<Option<PathBuf>, MediaError> {
        let folder = folder(data);
        let target = folder.join(&self.name);
        if target.exists() {
            return Ok(None);
        }
        let store = || {
            private_files::create_folder(&folder)?;
            let mut file = NamedTempFile::new_in(&folder)?;
            std::io::copy(&mut self.file.reopen()?, &mut file)?;
            file.persist(&target)?;
            private_files::inherit_owner(&folder);
            private_files::inherit_owner(&target);
            Ok(())
        };
        store().map_err(|error| MediaError::Unwritable(target.display().to_string(), error))?;
        Ok(Some(target))
    }
}

/// Imports a picture. Returns the path on this site at which it is served.
///
/// # Errors
/// Those of [`prepare`] and [`PreparedImage::store`].
pub(crate) fn import(path: &Path, data: &Path) -> Result<String, MediaError> {
    let picture = prepare(path)?;
    picture.store(data)?;
    Ok(picture.address())
}

/// Returns the names of our pictures in a text, which has them as `/media/{name}`.
pub(crate) fn names_in_text(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in text.split("/media/").skip(1) {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches('.');
        if file_path(name, Path::new("")).is_some() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Decodes and encodes a picture. Returns the file with its extension.
fn sanitize(bytes: &[u8]) -> image::ImageResult<(Vec<u8>, &'static str)> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let format = reader.format();
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    let mut clean = Cursor::new(Vec::new());
    match format {
        Some(ImageFormat::Jpeg) => {
            JpegEncoder::new_with_quality(&mut clean, JPEG_QUALITY)
                .encode_image(&picture.to_rgb8())?;
            Ok((clean.into_inner(), "jpg"))
        }
        Some(ImageFormat::WebP) => {
            picture.write_to(&mut clean, ImageFormat::WebP)?;
            Ok((clean.into_inner(), "webp"))
        }
        _ => {
            picture.write_to(&mut clean, ImageFormat::Png)?;
            Ok((clean.into_inner(), "png"))
        }
    }
}

/// Returns the name for a picture: half of its SHA-256 hash, so that equal pictures have one file.
fn name_of(bytes: &[u8]) -> String {
    HEXLOWER.encode(&digest(&SHA256, bytes).as_ref()[..16])
}

/// Returns the width and height of an imported picture in pixels, by its name in `/media/{name}`.
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

/// Returns the file for `/media/{name}`, if the name is one that [`prepare`] may have given.
pub(crate) fn file_path(name: &str, data: &Path) -> Option<PathBuf> {
    let (stem, extension) = name.split_once('.')?;
    let is_ours = !stem.is_empty()
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && matches!(extension, "jpg" | "png" | "webp");
    is_ours.then(|| folder(data).join(name))
}

#[cfg(test)]
mod tests {
    use super::names_in_text;

    #[test]
    fn names_of_our_pictures_are_found_in_a_text() {
        let text = "![a](/media/0a1b.jpg) <img src=\"https://blog.example/media/2c.webp\"> /media/0a1b.jpg \
             see /media/3d.png. /media/x.svg /media/../y.jpg /media/";
        assert_eq!(names_in_text(text), ["0a1b.jpg", "2c.webp", "3d.png"]);
    }
}

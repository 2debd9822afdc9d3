//! Pictures of articles: taken in, made harmless, kept in the data folder.

pub mod copies;

use aws_lc_rs::digest::{SHA256, digest};
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder,
};
use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

/// Largest file that is taken, in bytes.
const MAX_FILE: u64 = 20 * 1024 * 1024;
/// Largest width and height, in pixels.
const MAX_SIDE: u32 = 8192;
/// Memory that decoding may take, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
const JPEG_QUALITY: u8 = 88;

/// Why a picture was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("the image {0} can't be read: {1}")]
    Unreadable(String, std::io::Error),
    #[error("the image {0} is larger than 20 MB")]
    TooLarge(String),
    #[error("{0} is not a JPEG, PNG or WebP image that can be used: {1}")]
    NotAnImage(String, String),
    #[error("the image can't be written to {0}: {1}")]
    Unwritable(String, std::io::Error),
}

/// The folder of the pictures below the data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("media")
}

/// Takes a picture in; the path on this site under which it is served.
///
/// It is decoded and encoded again, turned upright, so that nothing hidden in the file (EXIF with the
/// place it was taken, a script) comes along. It is named by its content.
pub fn take_in(path: &Path, data: &Path) -> Result<String, MediaError> {
    let shown = path.display().to_string();
    let unreadable = |error| MediaError::Unreadable(shown.clone(), error);
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE {
        return Err(MediaError::TooLarge(shown));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let (clean, extension) =
        clean(&bytes).map_err(|error| MediaError::NotAnImage(shown, error.to_string()))?;
    let name = format!("{}.{extension}", name_of(&clean));
    let folder = folder(data);
    let target = folder.join(&name);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&target, &clean))
        .map_err(|error| MediaError::Unwritable(target.display().to_string(), error))?;
    Ok(format!("/media/{name}"))
}

fn clean(bytes: &[u8]) -> image::ImageResult<(Vec<u8>, &'static str)> {
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

/// Half of its SHA-256: a name that the same picture always gets, and no other.
fn name_of(bytes: &[u8]) -> String {
    let hash = digest(&SHA256, bytes);
    let half = &hash.as_ref()[..16];
    half.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Width and height of a picture that was taken in, in pixels, by its name in `/media/{name}`.
pub fn size_of(name: &str, data: &Path) -> Option<(u32, u32)> {
    ImageReader::open(path_of(name, data)?)
        .ok()?
        .with_guessed_format()
        .ok()?
        .into_dimensions()
        .ok()
}

/// The file behind `/media/{name}`, if the name is one that we gave.
pub fn path_of(name: &str, data: &Path) -> Option<PathBuf> {
    let (stem, extension) = name.split_once('.')?;
    let is_ours = stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && matches!(extension, "jpg" | "png" | "webp");
    is_ours.then(|| folder(data).join(name))
}

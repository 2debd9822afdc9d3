//! Small copies of remote pictures, in a folder of bounded size.

use super::{MAX_SIDE, memory};
use crate::base::private_files;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, imageops, metadata::Orientation,
};
use std::{
    fs,
    io::{BufRead, Cursor, Seek, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The quality of JPEG files, of 100.
const QUALITY: u8 = 80;
/// The part of the limit that the copies may have after an eviction, in percent.
const LEFT_PERCENT: u64 = 80;

/// The purpose of a copy, which determines its maximum size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Size {
    /// The picture beside a name.
    Avatar,
    /// A picture in a line of text.
    Emoji,
    /// A picture as wide as the text.
    Column,
}

impl Size {
    /// Returns the maximum width and height in pixels: twice those on the page, for high-resolution screens.
    fn pixels(self) -> (u32, u32) {
        match self {
            Size::Avatar => (96, 96),
            Size::Emoji => (192, 64),
            Size::Column => (1280, 1280),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Size::Avatar => "avatar",
            Size::Emoji => "emoji",
            Size::Column => "column",
        }
    }
}

/// Returns the file for the copy of the picture at `url`. It has no extension: see [`media_type`].
pub(crate) fn file_path(data: &Path, url: &str, size: Size) -> PathBuf {
    let hash = digest(&SHA256, format!("{}\n{url}", size.name()).as_bytes());
    folder(data).join(HEXLOWER.encode(&hash.as_ref()[..16]))
}

/// Returns the folder of the copies in the data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("copies")
}

/// Returns the media type of a copy, by its first bytes.
pub(crate) fn media_type(copy: &[u8]) -> &'static str {
    match copy {
        [0xff, 0xd8, ..] => "image/jpeg",
        _ => "image/png",
    }
}

/// Returns the memory in bytes that [`shrink`] needs for a picture, by its header.
///
/// # Errors
/// If it is not a JPEG, PNG, GIF or WebP file, or is larger than 8192 pixels on a side.
pub(crate) fn memory_for(original: impl BufRead + Seek, size: Size) -> image::ImageResult<u64> {
    let header = memory::Header::read(original)?;
    limits(u64::MAX).check_dimensions(header.width, header.height)?;
    let (width, height) = fitted(header.width, header.height, size, false).size;
    // The small picture, its conversion for the encoder, and the encoded file.
    let small = u64::from(width) * u64::from(height) * (header.pixel + 8);
    Ok(header.decoding() + small)
}

/// Shrinks a picture to a JPEG, or to a PNG if it is transparent. An animation is reduced to its first frame.
///
/// The picture is decoded and encoded again, which removes hidden data. This takes up to a second, and the memory that
/// [`memory_for`] returns, so that it must not run on the threads of the async runtime.
///
/// # Errors
/// If it is not a JPEG, PNG, GIF or WebP file, is broken, is larger than 8192 pixels on a side, or needs more than
/// `memory`.
pub(crate) fn shrink(
    original: impl BufRead + Seek,
    size: Size,
    memory: u64,
) -> image::ImageResult<Vec<u8>> {
    let mut reader = ImageReader::new(original).with_guessed_format()?;
    reader.limits(limits(memory));
    let mut decoder = reader.into_decoder()?;
    // `memory_for` may have read the header differently.
    limits(memory).reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    let picture = DynamicImage::from_decoder(decoder)?;
    encode(fit(picture, size, orientation))
}

/// Returns the limits for decoders.
pub(super) fn limits(memory: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(memory);
    limits
}

/// The part of a picture that is shown, as x, y, width and height, and its size in the copy.
struct Fitted {
    part: (u32, u32, u32, u32),
    size: (u32, u32),
}

/// Fits a picture into the maximum size. `is_turned` means that it will be rotated by 90 degrees afterwards.
fn fitted(width: u32, height: u32, size: Size, is_turned: bool) -> Fitted {
    let (mut max_width, mut max_height) = size.pixels();
    if is_turned {
        (max_width, max_height) = (max_height, max_width);
    }
    let whole = (0, 0, width, height);
    if width <= max_width && height <= max_height {
        return Fitted {
            part: whole,
            size: (width, height),
        };
    }
    if size == Size::Avatar {
        let side = width.min(height);
        return Fitted {
            part: ((width - side) / 2, (height - side) / 2, side, side),
            size: (max_width, max_height),
        };
    }
    let scale = f64::min(
        f64::from(max_width) / f64::from(width),
        f64::from(max_height) / f64::from(height),
    );
    // The result is between 1 and the maximum side.
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    Fitted {
        part: whole,
        size: (scaled(width), scaled(height)),
    }
}

/// Scales a picture and then rotates it, so that a large picture is in memory only once.
fn fit(picture: DynamicImage, size: Size, orientation: Orientation) -> DynamicImage {
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let whole = (picture.width(), picture.height());
    let Fitted { part, size } = fitted(whole.0, whole.1, size, is_turned);
    let mut small = match (part.2, part.3) == size {
        true if size == whole => picture,
        _ => scale(&picture, part, size),
    };
    small.apply_orientation(orientation);
    small
}

/// Scales a part of a picture without converting the whole of it.
fn scale(picture: &DynamicImage, part: (u32, u32, u32, u32), size: (u32, u32)) -> DynamicImage {
    let (x, y, width, height) = part;
    macro_rules! scaled {
        ($($kind:ident),*) => {
            match picture {
                $(DynamicImage::$kind(whole) => {
                    let part = imageops::crop_imm(whole, x, y, width, height);
                    DynamicImage::$kind(imageops::thumbnail(&*part, size.0, size.1))
                })*
                other => other.crop_imm(x, y, width, height).thumbnail_exact(size.0, size.1),
            }
        };
    }
    scaled!(
        ImageLuma8,
        ImageLumaA8,
        ImageRgb8,
        ImageRgba8,
        ImageLuma16,
        ImageLumaA16,
        ImageRgb16,
        ImageRgba16
    )
}

fn encode(picture: DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut encoded = Cursor::new(Vec::new());
    let is_transparent =
        picture.color().has_alpha() && picture.pixels().any(|(_, _, pixel)| pixel.0[3] != 255);
    if is_transparent {
        picture
            .to_rgba8()
            .write_to(&mut encoded, ImageFormat::Png)?;
    } else {
        JpegEncoder::new_with_quality(&mut encoded, QUALITY).encode_image(&picture.to_rgb8())?;
    }
    Ok(encoded.into_inner())
}

/// Stores a copy atomically: no reader sees a part of it.
///
/// # Errors
/// If it can't be written.
pub(crate) fn store(path: &Path, copy: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_files::create_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(copy)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Removes the oldest copies if they have more than `limit` bytes, until they have less than four fifths of it. Returns the
/// number of bytes that are left.
///
/// # Errors
/// If the folder can't be read, or a copy can't be removed.
pub(crate) fn evict_oldest(data: &Path, limit: u64) -> std::io::Result<u64> {
    evict_oldest_of(&folder(data), limit)
}

/// Does the same in any folder.
///
/// # Errors
/// As [`evict_oldest`].
pub(crate) fn evict_oldest_of(folder: &Path, limit: u64) -> std::io::Result<u64> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let made = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        copies.push((made, metadata.len(), entry.path()));
    }
    let mut left: u64 = copies.iter().map(|(_, length, _)| length).sum();
    if left <= limit {
        return Ok(left);
    }
    copies.sort_by_key(|(made, ..)| *made);
    for (_, length, path) in copies {
        if left <= limit / 100 * LEFT_PERCENT {
            break;
        }
        fs::remove_file(path)?;
        left -= length;
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    fn png(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let picture = RgbaImage::from_pixel(width, height, Rgba([200, 10, 10, alpha]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn made(bytes: &[u8], size: Size) -> image::ImageResult<Vec<u8>> {
        let memory = memory_for(Cursor::new(bytes), size)?;
        shrink(Cursor::new(bytes), size, memory)
    }

    fn dimensions(copy: &[u8]) -> (u32, u32) {
        image::load_from_memory(copy).unwrap().dimensions()
    }

    #[test]
    fn copies_are_small_and_keep_transparency() {
        let avatar = made(&png(400, 300, 255), Size::Avatar).unwrap();
        assert_eq!(
            (media_type(&avatar), dimensions(&avatar)),
            ("image/jpeg", (96, 96))
        );
        let emoji = made(&png(300, 300, 100), Size::Emoji).unwrap();
        assert_eq!(
            (media_type(&emoji), dimensions(&emoji)),
            ("image/png", (64, 64))
        );
        let column = made(&png(2560, 100, 255), Size::Column).unwrap();
        assert_eq!(dimensions(&column), (1280, 50));
        let tiny = made(&png(3, 2, 255), Size::Column).unwrap();
        assert_eq!(dimensions(&tiny), (3, 2));
    }

    #[test]
    fn avatars_are_cropped_and_other_copies_are_scaled() {
        for (size, whole, is_turned, expected) in [
            (
                Size::Avatar,
                (400, 300),
                false,
                ((50, 0, 300, 300), (96, 96)),
            ),
            (Size::Avatar, (400, 50), false, ((175, 0, 50, 50), (96, 96))),
            (Size::Avatar, (96, 20), false, ((0, 0, 96, 20), (96, 20))),
            (Size::Column, (2560, 1), false, ((0, 0, 2560, 1), (1280, 1))),
            (Size::Emoji, (64, 192), true, ((0, 0, 64, 192), (64, 192))),
            (Size::Emoji, (64, 192), false, ((0, 0, 64, 192), (21, 64))),
        ] {
            let found = fitted(whole.0, whole.1, size, is_turned);
            assert_eq!((found.part, found.size), expected, "{size:?} {whole:?}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        let mut cut = png(100, 100, 255);
        cut.truncate(60);
        for bytes in [&b""[..], b"<svg onload=alert(1)>", b"GIF89a", &cut] {
            assert!(made(bytes, Size::Avatar).is_err());
        }
    }

    #[test]
    fn the_oldest_copies_are_evicted() {
        let data = tempfile::tempdir().unwrap();
        let path = |n: u32| file_path(data.path(), &format!("https://a.example/{n}"), Size::Avatar);
        for n in 0..10 {
            store(&path(n), &[0; 100]).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(n));
            fs::File::options()
                .write(true)
                .open(path(n))
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
        assert_eq!(evict_oldest(data.path(), 1000).unwrap(), 1000);
        assert_eq!(evict_oldest(data.path(), 900).unwrap(), 700);
        assert!(!path(2).exists() && path(3).exists());
    }
}

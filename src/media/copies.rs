//! Small copies of pictures from other servers: made on first need, kept in a folder of bounded size.

use super::{MAX_MEMORY, MAX_SIDE};
use crate::config::private;
use aws_lc_rs::digest::{SHA256, digest};
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// JPEG's quality, of 100.
const QUALITY: u8 = 80;
/// How much of the folder is left when it was too full, in percent.
const LEFT: u64 = 80;

/// What a copy is for, and so how large it is at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// The picture beside a name.
    Avatar,
    /// In a line of text.
    Emoji,
    /// In a column of text.
    Column,
}

impl Size {
    /// Width and height, in pixels; twice what the page shows, for fine screens.
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

/// Where the copy of the picture at `url` is, or will be. Without an extension: see [`kind_of`].
pub fn path_of(data: &Path, url: &str, size: Size) -> PathBuf {
    let hash = digest(&SHA256, format!("{}\n{url}", size.name()).as_bytes());
    let name: String = hash.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    folder(data).join(name)
}

/// The folder of the copies below the data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("copies")
}

/// The media type of a copy, by how its bytes begin.
pub fn kind_of(copy: &[u8]) -> &'static str {
    match copy {
        [0xff, 0xd8, ..] => "image/jpeg",
        _ => "image/png",
    }
}

/// The picture made small: a JPEG, or a PNG where it is transparent. Of a moving one the first frame.
///
/// It is decoded and encoded again, so that nothing hidden in the file comes along. Takes up to a second and
/// hundreds of megabytes: not on the threads that serve everyone, and not many at once.
///
/// # Errors
/// If it is no JPEG, PNG, GIF or WebP, is broken, or is larger than 8192 pixels on a side.
pub fn shrink(bytes: &[u8], size: Size) -> image::ImageResult<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    encode(fit(picture, size))
}

fn fit(picture: DynamicImage, size: Size) -> DynamicImage {
    let (width, height) = size.pixels();
    let is_small = picture.width() <= width && picture.height() <= height;
    match (size, is_small) {
        (Size::Avatar, false) => picture.resize_to_fill(width, height, FilterType::Triangle),
        (_, false) => picture.resize(width, height, FilterType::Triangle),
        (_, true) => picture,
    }
}

fn encode(picture: DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut encoded = Cursor::new(Vec::new());
    let is_transparent =
        picture.color().has_alpha() && picture.pixels().any(|(_, _, pixel)| pixel.0[3] != 255);
    match is_transparent {
        true => picture
            .to_rgba8()
            .write_to(&mut encoded, ImageFormat::Png)?,
        false => {
            JpegEncoder::new_with_quality(&mut encoded, QUALITY).encode_image(&picture.to_rgb8())?
        }
    }
    Ok(encoded.into_inner())
}

/// Writes a copy so that nobody ever reads half of it.
pub fn keep(path: &Path, copy: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private::create_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(copy)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Removes the oldest copies if there are more than `limit` bytes of them, until a fifth is free; how many
/// bytes are left.
pub fn tidy(data: &Path, limit: u64) -> std::io::Result<u64> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder(data))? {
        let about = entry?;
        let metadata = about.metadata()?;
        let made = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        copies.push((made, metadata.len(), about.path()));
    }
    let mut left: u64 = copies.iter().map(|(_, length, _)| length).sum();
    if left <= limit {
        return Ok(left);
    }
    copies.sort_by_key(|(made, ..)| *made);
    for (_, length, path) in copies {
        if left <= limit / 100 * LEFT {
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

    fn dimensions(copy: &[u8]) -> (u32, u32) {
        image::load_from_memory(copy).unwrap().dimensions()
    }

    #[test]
    fn copies_are_small_and_transparent_ones_stay_so() {
        let avatar = shrink(&png(400, 300, 255), Size::Avatar).unwrap();
        assert_eq!(
            (kind_of(&avatar), dimensions(&avatar)),
            ("image/jpeg", (96, 96))
        );
        let emoji = shrink(&png(300, 300, 100), Size::Emoji).unwrap();
        assert_eq!(
            (kind_of(&emoji), dimensions(&emoji)),
            ("image/png", (64, 64))
        );
        let column = shrink(&png(2560, 100, 255), Size::Column).unwrap();
        assert_eq!(dimensions(&column), (1280, 50));
        let tiny = shrink(&png(3, 2, 255), Size::Column).unwrap();
        assert_eq!(dimensions(&tiny), (3, 2));
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        let mut cut = png(100, 100, 255);
        cut.truncate(60);
        for bytes in [&b""[..], b"<svg onload=alert(1)>", b"GIF89a", &cut] {
            assert!(shrink(bytes, Size::Avatar).is_err());
        }
    }

    #[test]
    fn the_oldest_copies_make_room() {
        let data = tempfile::tempdir().unwrap();
        let path = |n: u32| path_of(data.path(), &format!("https://a.example/{n}"), Size::Avatar);
        for n in 0..10 {
            keep(&path(n), &[0; 100]).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(n));
            fs::File::options()
                .write(true)
                .open(path(n))
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
        assert_eq!(tidy(data.path(), 1000).unwrap(), 1000);
        assert_eq!(tidy(data.path(), 900).unwrap(), 700);
        assert!(!path(2).exists() && path(3).exists());
    }
}

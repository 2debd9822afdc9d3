//! Takes files in: checks what they are, and makes pictures harmless and small.

mod animation;
mod picture;
mod resize;
mod sniff;

use super::{MediaError, names};
use image::ImageFormat;
use sniff::Format;
use std::{
    fs::{self, File},
    io::{self, Cursor, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

const MIB: u64 = 1024 * 1024;

/// The limits for a file that is taken in.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The maximum size of a picture's file, in bytes.
    pub picture_bytes: u64,
    /// The maximum number of a picture's pixels.
    pub pixels: u64,
    /// The maximum memory for decoding a picture, in bytes.
    pub memory: u64,
    /// The maximum size of an audio or video file, in bytes.
    pub file_bytes: u64,
}

impl Limits {
    /// Returns the limits for decoders.
    fn of_decoder(&self, max_side: u32) -> image::Limits {
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(max_side);
        limits.max_image_height = Some(max_side);
        limits.max_alloc = Some(self.memory);
        limits
    }
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Picture,
    /// A picture that moves, whose variants do not.
    Animation,
    Audio,
    Video,
}

/// A file that was recognized, but not decoded.
pub struct Original {
    path: PathBuf,
    stem: String,
    format: Format,
    /// The content of a picture. Audio and video may be too large to keep them in memory.
    picture: Vec<u8>,
    length: u64,
}

/// A file that is ready to be stored, with its variants.
#[derive(Debug)]
pub struct Prepared {
    pub kind: Kind,
    pub main: PreparedFile,
    /// Smaller sizes and other formats, widest first.
    pub variants: Vec<PreparedFile>,
    pub blurhash: Option<String>,
}

/// A file to be stored.
#[derive(Debug)]
pub struct PreparedFile {
    pub name: String,
    pub content_type: &'static str,
    /// The width and height of a picture in pixels.
    pub size: Option<(u32, u32)>,
    pub bytes: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// An article may have too many pictures to keep them in memory.
    Temporary(NamedTempFile),
    Original(PathBuf),
}

impl PreparedFile {
    /// Returns where the content is.
    pub fn path(&self) -> &Path {
        match &self.content {
            Content::Temporary(file) => file.path(),
            Content::Original(path) => path,
        }
    }
}

impl Original {
    /// Reads a file and recognizes its format.
    ///
    /// # Errors
    /// If it can't be read, is too large, or is of a kind that is not taken in.
    pub fn read(path: &Path, limits: &Limits) -> Result<Original, MediaError> {
        let shown = path.display().to_string();
        let unreadable = |error| MediaError::Unreadable(shown.clone(), error);
        let refused = |reason| MediaError::Refused(shown.clone(), reason);
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        let length = metadata.len();
        let mut start = Vec::new();
        let mut file = File::open(path).map_err(unreadable)?;
        Read::by_ref(&mut file)
            .take(sniff::START as u64)
            .read_to_end(&mut start)
            .map_err(unreadable)?;
        let extension = path.extension().and_then(|extension| extension.to_str());
        let extension = extension.unwrap_or_default().to_lowercase();
        let format = sniff::format(&start, &extension).map_err(refused)?;
        let (limit, option) = match format {
            Format::Picture(_) => (limits.picture_bytes, "picture_megabytes"),
            Format::Recording(_) => (limits.file_bytes, "file_megabytes"),
        };
        if length > limit {
            return Err(refused(format!(
                "is larger than {} MiB: make it smaller, or raise media.{option}",
                limit / MIB
            )));
        }
        let mut picture = Vec::new();
        let start = Cursor::new(start);
        let stem = match format {
            Format::Picture(_) => {
                // The file may grow while it is read.
                let rest = file.take(limit);
                start
                    .chain(rest)
                    .read_to_end(&mut picture)
                    .map_err(unreadable)?;
                names::stem_of_content(picture.as_slice())
            }
            Format::Recording(_) => names::stem_of_content(start.chain(file)),
        };
        Ok(Original {
            path: path.to_owned(),
            stem: stem.map_err(unreadable)?,
            format,
            picture,
            length,
        })
    }

    /// Returns the stem of its name.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Decodes a picture and makes its variants; checks other files no further. This takes up to a few seconds and the
    /// memory of the limits.
    ///
    /// # Errors
    /// If a picture is broken or too large, or a temporary file can't be written.
    pub fn prepare(self, limits: &Limits) -> Result<Prepared, MediaError> {
        match self.format {
            Format::Picture(format) => self.prepare_picture(format, limits),
            Format::Recording(recording) => Ok(Prepared {
                kind: if recording.is_video() {
                    Kind::Video
                } else {
                    Kind::Audio
                },
                main: PreparedFile {
                    name: format!("{}.{}", self.stem, recording.extension),
                    content_type: recording.content_type,
                    size: None,
                    bytes: self.length,
                    content: Content::Original(self.path),
                },
                variants: Vec::new(),
                blurhash: None,
            }),
        }
    }

    fn prepare_picture(self, format: ImageFormat, limits: &Limits) -> Result<Prepared, MediaError> {
        let encodings = picture::encodings(&self.picture, format, limits);
        let refused = |reason| MediaError::Refused(self.path.display().to_string(), reason);
        let encodings = encodings.map_err(refused)?;
        let main = &encodings.fallback;
        let main = stored_temporarily(format!("{}.{}", self.stem, main.extension), main)?;
        let variant = |variant: &picture::Encoded| {
            let (width, extension) = (variant.width, variant.extension);
            stored_temporarily(format!("{}-{width}.{extension}", self.stem), variant)
        };
        let variants = encodings.variants.iter().map(variant);
        Ok(Prepared {
            kind: if encodings.is_animation {
                Kind::Animation
            } else {
                Kind::Picture
            },
            main,
            variants: variants.collect::<Result<_, _>>()?,
            blurhash: encodings.blurhash,
        })
    }
}

fn stored_temporarily(
    name: String,
    encoded: &picture::Encoded,
) -> Result<PreparedFile, MediaError> {
    let file = NamedTempFile::new().and_then(|mut file| {
        file.write_all(&encoded.bytes)?;
        Ok(file)
    });
    let file = file.map_err(|error| MediaError::Unwritable("a temporary file".into(), error))?;
    Ok(PreparedFile {
        name,
        content_type: encoded.content_type(),
        size: Some((encoded.width, encoded.height)),
        bytes: encoded.bytes.len() as u64,
        content: Content::Temporary(file),
    })
}

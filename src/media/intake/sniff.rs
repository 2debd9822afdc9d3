//! Recognizes a file by its first bytes. A name proves nothing.

use image::ImageFormat;

/// The number of bytes that are needed to recognize a file.
pub(super) const START: usize = 1024;

/// The format of a file that can be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Picture(ImageFormat),
    Recording(Recording),
}

/// The format of an audio or video file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recording {
    pub(super) extension: &'static str,
    pub(super) content_type: &'static str,
}

impl Recording {
    pub(super) fn is_video(self) -> bool {
        self.content_type.starts_with("video/")
    }
}

/// The container of an audio or video file, with the extensions that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Container {
    name: &'static str,
    recordings: &'static [Recording],
}

macro_rules! container {
    ($name:literal, $($extension:literal $content_type:literal),+) => {
        Container {
            name: $name,
            recordings: &[$(Recording { extension: $extension, content_type: $content_type }),+],
        }
    };
}

const MP4: Container = container!("an MP4", "mp4" "video/mp4", "m4v" "video/mp4", "m4a" "audio/mp4", "mov" "video/quicktime");
const WEBM: Container = container!("a WebM", "webm" "video/webm", "weba" "audio/webm");
const OGG: Container = container!("an Ogg", "ogg" "audio/ogg", "oga" "audio/ogg", "opus" "audio/ogg", "ogv" "video/ogg");
const MP3: Container = container!("an MP3", "mp3" "audio/mpeg");
const WAV: Container = container!("a WAV", "wav" "audio/wav");
const FLAC: Container = container!("a FLAC", "flac" "audio/flac");

/// Recognizes a file. `extension` is that of its name, without the dot, in lower case; it decides only between audio and
/// video in the same container.
///
/// # Errors
/// A sentence without a subject that says why the file is refused, and what to do.
pub(super) fn format(start: &[u8], extension: &str) -> Result<Format, String> {
    if let Some(format) = picture(start) {
        return Ok(Format::Picture(format));
    }
    if let Some(reason) = refusal(start) {
        return Err(reason);
    }
    let Some(container) = container(start) else {
        return Err(
            "is not a JPEG, PNG, GIF or WebP picture, nor audio or video in MP4, WebM, Ogg, MP3, WAV or FLAC".into(),
        );
    };
    let recordings = container.recordings;
    match recordings.iter().find(|known| known.extension == extension) {
        Some(recording) => Ok(Format::Recording(*recording)),
        None => Err(format!(
            "is {} file, but its name does not say so: let it end in .{}",
            container.name,
            recordings
                .iter()
                .map(|known| known.extension)
                .collect::<Vec<_>>()
                .join(" or .")
        )),
    }
}

fn picture(start: &[u8]) -> Option<ImageFormat> {
    match start {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(ImageFormat::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        _ if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") => {
            Some(ImageFormat::WebP)
        }
        _ => None,
    }
}

fn container(start: &[u8]) -> Option<Container> {
    match start {
        _ if start.get(4..8) == Some(b"ftyp") => Some(MP4),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(WEBM),
        [b'O', b'g', b'g', b'S', ..] => Some(OGG),
        [b'I', b'D', b'3', ..] => Some(MP3),
        // The sync bits of a frame, with a version and a layer that exist.
        [0xff, second, ..]
            if second & 0xe0 == 0xe0 && second & 0x06 != 0 && second & 0x18 != 0x08 =>
        {
            Some(MP3)
        }
        [b'f', b'L', b'a', b'C', ..] => Some(FLAC),
        _ if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WAVE") => Some(WAV),
        _ => None,
    }
}

/// Returns why a file of a known kind is refused.
fn refusal(start: &[u8]) -> Option<String> {
    let converted = |what: &str| {
        Some(format!(
            "is {what}, which can't be read: convert it to JPEG, PNG or WebP"
        ))
    };
    if start.is_empty() {
        return Some("is empty".into());
    }
    if start.get(4..8) == Some(b"ftyp") {
        return match start.get(8..12)? {
            b"avif" | b"avis" => converted("an AVIF picture"),
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => {
                converted("a HEIC picture")
            }
            _ => None,
        };
    }
    match start {
        [b'B', b'M', ..] => return converted("a BMP picture"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => return converted("a TIFF picture"),
        [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => {
            return converted("a JPEG XL picture");
        }
        [0, 0, 0, 0x0c, b'j', b'P', ..] => return converted("a JPEG 2000 picture"),
        [b'%', b'P', b'D', b'F', ..] => return converted("a PDF document"),
        [b'8', b'B', b'P', b'S', ..] => return converted("a Photoshop document"),
        _ => {}
    }
    if start.starts_with(&[0x1a, 0x45, 0xdf, 0xa3])
        && !contains(&start[..start.len().min(80)], b"webm")
    {
        return Some(
            "is a Matroska file, which browsers can't play: convert it to WebM or MP4".into(),
        );
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = text.trim_ascii_start().to_ascii_lowercase();
    if text.starts_with(b"<") && contains(&text, b"<svg") {
        return Some(
            "is an SVG picture, which can contain scripts: export it as PNG or WebP".into(),
        );
    }
    None
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognized_by_their_first_bytes() {
        for (start, extension, expected) in [
            (&b"\xff\xd8\xff\xe0"[..], "png", Ok("Jpeg")),
            (b"\x89PNG\r\n\x1a\n", "jpg", Ok("Png")),
            (b"GIF89a", "gif", Ok("Gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp", Ok("WebP")),
            (b"\0\0\0\x18ftypisom", "mp4", Ok("video/mp4")),
            (b"\0\0\0\x18ftypM4A ", "m4a", Ok("audio/mp4")),
            (b"\0\0\0\x18ftypmp42", "mp3", Err(".mp4 or .m4v")),
            (
                b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm",
                "webm",
                Ok("video/webm"),
            ),
            (
                b"\x1a\x45\xdf\xa3\x01\x42\x82\x88matroska",
                "webm",
                Err("Matroska"),
            ),
            (b"OggS\0", "opus", Ok("audio/ogg")),
            (b"ID3\x04", "mp3", Ok("audio/mpeg")),
            (b"\xff\xfb\x90\x64", "mp3", Ok("audio/mpeg")),
            (b"\xff\xfb\x90\x64", "jpg", Err(".mp3")),
            (b"RIFF\0\0\0\0WAVEfmt ", "wav", Ok("audio/wav")),
            (b"fLaC", "flac", Ok("audio/flac")),
            (b"\0\0\0\x18ftypavif", "jpg", Err("AVIF")),
            (b"\0\0\0\x18ftypheic", "jpg", Err("HEIC")),
            (
                b"\xef\xbb\xbf \n<?xml version='1.0'?><SVG onload=alert(1)>",
                "png",
                Err("script"),
            ),
            (b"<html><body>", "png", Err("is not a JPEG")),
            (b"%PDF-1.7", "png", Err("PDF")),
            (b"MZ\x90", "mp4", Err("is not a JPEG")),
            (b"", "png", Err("is empty")),
        ] {
            match (format(start, extension), expected) {
                (Ok(Format::Picture(found)), Ok(name)) => assert_eq!(format!("{found:?}"), name),
                (Ok(Format::Recording(found)), Ok(name)) => assert_eq!(found.content_type, name),
                (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
                (found, _) => panic!("{start:?} {extension}: {found:?}"),
            }
        }
    }
}

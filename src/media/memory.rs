//! The memory that decoding a picture takes, by its header alone.

use super::copies::limits;
use image::{ImageDecoder, ImageFormat, ImageReader, error::ImageResult};
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Memory that reading a header may take, in bytes.
const HEADER: u64 = 4 * 1024 * 1024;
/// Memory of a decoder beside its pictures, in bytes: tables, rows.
const OVERHEAD: u64 = 1024 * 1024;
/// More parts than a JPEG has before its picture.
const MAX_SEGMENTS: usize = 2000;

/// The size and form of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    pub width: u32,
    pub height: u32,
    /// Bytes of a decoded pixel.
    pub pixel: u64,
    /// Bytes that the decoder takes for each pixel beside the decoded picture.
    beside: f64,
    /// Bytes of the file that the decoder keeps.
    kept: u64,
}

impl Header {
    /// Reads the header of a picture.
    ///
    /// # Errors
    /// If it has no known form, or too large dimensions.
    pub fn read(mut original: impl BufRead + Seek) -> ImageResult<Header> {
        let length = original.seek(SeekFrom::End(0))?;
        original.rewind()?;
        let mut start = Vec::new();
        original.by_ref().take(32).read_to_end(&mut start)?;
        original.rewind()?;
        if start.starts_with(&[0xff, 0xd8]) {
            return Ok(jpeg(original, length)?);
        }
        let mut reader = ImageReader::new(original).with_guessed_format()?;
        reader.limits(limits(HEADER));
        let format = reader.format();
        let decoder = reader.into_decoder()?;
        let (width, height) = decoder.dimensions();
        let (beside, kept) = match format {
            // A frame of an animation, before it is copied into the picture.
            Some(ImageFormat::Gif) => (4.0, 0),
            Some(ImageFormat::WebP) => (beside_webp(&start), length),
            _ => (0.0, 0),
        };
        Ok(Header {
            width,
            height,
            pixel: u64::from(decoder.color_type().bytes_per_pixel()),
            beside,
            kept,
        })
    }

    /// Returns the bytes that decoding takes.
    pub fn decoding(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        // Below 2^53 for any dimensions that are decoded.
        let beside = (pixels as f64 * self.beside) as u64;
        pixels * self.pixel + beside + self.kept + OVERHEAD
    }
}

/// Returns the bytes for each pixel that a WebP's decoder takes beside the picture, by the file's start.
fn beside_webp(start: &[u8]) -> f64 {
    /// The planes of a lossy picture.
    const PLANES: f64 = 1.6;
    let flags = start.get(20).copied().unwrap_or(0xff);
    let (is_moving, has_alpha) = (flags & 0x02 != 0, flags & 0x10 != 0);
    match start.get(12..16) {
        Some(b"VP8 ") => PLANES,
        Some(b"VP8L") => 4.0,
        _ if is_moving => PLANES + 8.0,
        _ if has_alpha => PLANES + 5.0,
        _ => 4.0,
    }
}

/// Reads the header of a JPEG, whose decoder would read the whole file for it.
fn jpeg(mut original: impl BufRead + Seek, length: u64) -> io::Result<Header> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "the JPEG has no header");
    original.seek(SeekFrom::Start(2))?;
    let mut frame: Option<Frame> = None;
    for _ in 0..MAX_SEGMENTS {
        match marker(&mut original)? {
            // The scan: what comes first decides how it is decoded.
            0xda => {
                let [_, _, components] = bytes(&mut original)?;
                let frame = frame.ok_or_else(broken)?;
                return Ok(frame.header(components, length));
            }
            0xc4 | 0xc8 | 0xcc => skip(&mut original)?,
            kind @ 0xc0..=0xcf => frame = Some(Frame::read(&mut original, kind)?),
            0x01 | 0xd0..=0xd8 => {}
            0xd9 => return Err(broken()),
            _ => skip(&mut original)?,
        }
    }
    Err(broken())
}

/// A frame header (ITU-T T.81, B.2.2).
struct Frame {
    is_sequential: bool,
    width: u16,
    height: u16,
    components: u8,
    /// Samples for each pixel, of all components together.
    samples: f64,
}

impl Frame {
    fn read(original: &mut (impl Read + Seek), kind: u8) -> io::Result<Frame> {
        let [_, _, _, h1, h0, w1, w0, components] = bytes(original)?;
        let mut factors = Vec::new();
        for _ in 0..components.min(4) {
            let [_, factor, _] = bytes(original)?;
            factors.push((f64::from(factor >> 4), f64::from(factor & 0x0f)));
        }
        let most = |of: fn(&(f64, f64)) -> f64| factors.iter().map(of).fold(1.0, f64::max);
        let whole = most(|factor| factor.0) * most(|factor| factor.1);
        let samples = factors
            .iter()
            .map(|(h, v)| h.max(1.0) * v.max(1.0))
            .sum::<f64>();
        Ok(Frame {
            is_sequential: kind <= 0xc1,
            width: u16::from_be_bytes([w1, w0]),
            height: u16::from_be_bytes([h1, h0]),
            components,
            samples: samples / whole,
        })
    }

    fn header(&self, in_first_scan: u8, length: u64) -> Header {
        // All coefficients are kept until the last scan, unless there is just one.
        let is_streamed = self.is_sequential && in_first_scan == self.components;
        let beside = match is_streamed {
            true => 0.0,
            false => self.samples * 2.0 * 1.1,
        };
        Header {
            width: self.width.into(),
            height: self.height.into(),
            pixel: if self.components == 1 { 1 } else { 3 },
            beside,
            kept: length,
        }
    }
}

/// Reads up to the next marker; its kind.
fn marker(original: &mut impl Read) -> io::Result<u8> {
    let [mut byte] = bytes(original)?;
    if byte != 0xff {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the JPEG has something between its parts",
        ));
    }
    while byte == 0xff {
        [byte] = bytes(original)?;
    }
    Ok(byte)
}

/// Skips a segment.
fn skip(original: &mut (impl Read + Seek)) -> io::Result<()> {
    let length = i64::from(u16::from_be_bytes(bytes(original)?));
    original.seek_relative((length - 2).max(0))
}

fn bytes<const N: usize>(original: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    original.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, RgbImage};
    use std::io::Cursor;

    /// A JPEG's header: a comment, a frame of this kind, and the start of its first scan.
    fn jpeg_of(kind: u8, factors: &[u8], in_scan: u8) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xff, 0xfe, 0, 5, b'a', 0xff, 0xc0];
        let length = 8 + 3 * factors.len() as u8;
        file.extend([0xff, kind, 0, length, 8, 0, 200, 1, 0, factors.len() as u8]);
        for (number, factor) in factors.iter().enumerate() {
            file.extend([number as u8, *factor, 0]);
        }
        file.extend([0xff, 0xda, 0, 8, in_scan]);
        file
    }

    #[test]
    fn a_jpeg_takes_more_if_it_comes_in_several_scans() {
        let pixels = 256 * 200;
        for (file, expected) in [
            (jpeg_of(0xc0, &[0x11], 1), pixels),
            (jpeg_of(0xc0, &[0x22, 0x11, 0x11], 3), pixels * 3),
            (
                jpeg_of(0xc0, &[0x22, 0x11, 0x11], 1),
                pixels * 3 + pixels * 33 / 10,
            ),
            (
                jpeg_of(0xc2, &[0x11, 0x11, 0x11], 3),
                pixels * 3 + pixels * 66 / 10,
            ),
        ] {
            let header = Header::read(Cursor::new(&file)).unwrap();
            assert_eq!((header.width, header.height), (256, 200));
            assert_eq!(
                header.decoding() - OVERHEAD - file.len() as u64,
                expected,
                "{file:x?}"
            );
        }
    }

    #[test]
    fn other_forms_are_read_too() {
        let picture = DynamicImage::from(RgbImage::new(30, 20));
        for (format, decoding) in [
            (ImageFormat::Png, 1800),
            (ImageFormat::WebP, 1800 + 2400),
            (ImageFormat::Gif, 2400 + 2400),
        ] {
            let mut file = Cursor::new(Vec::new());
            picture.write_to(&mut file, format).unwrap();
            let header = Header::read(Cursor::new(file.get_ref())).unwrap();
            assert_eq!((header.width, header.height), (30, 20), "{format:?}");
            assert_eq!(
                header.decoding() - OVERHEAD - header.kept,
                decoding,
                "{format:?}"
            );
        }
    }

    #[test]
    fn a_header_that_ends_early_is_an_error() {
        let whole = jpeg_of(0xc0, &[0x11], 1);
        for length in 0..whole.len() {
            assert!(
                Header::read(Cursor::new(&whole[..length])).is_err(),
                "{length}"
            );
        }
    }
}

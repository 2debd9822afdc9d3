//! Estimates the memory for decoding a picture by its header.

use image::{ImageDecoder, ImageFormat, ImageReader, Limits, error::ImageResult};
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// The maximum memory for reading a header, in bytes.
const HEADER: u64 = 4 * 1024 * 1024;
/// The memory of a decoder for tables and rows, in bytes.
const OVERHEAD: u64 = 1024 * 1024;
/// The maximum number of segments before the image data of a JPEG.
const MAX_SEGMENTS: usize = 2000;

/// The dimensions of a picture, and the memory that its decoder needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Header {
    pub width: u32,
    pub height: u32,
    /// The size of a decoded pixel, in bytes.
    pub pixel: u64,
    /// The number of bytes for each pixel that the decoder needs besides the decoded picture.
    extra_per_pixel: f64,
    /// The number of bytes of the file that the decoder keeps in memory.
    kept: u64,
}

impl Header {
    /// Reads the header of a picture, whatever its dimensions are.
    ///
    /// # Errors
    /// If the format is unknown, or the header is broken.
    pub(super) fn read(mut original: impl BufRead + Seek) -> ImageResult<Header> {
        let length = original.seek(SeekFrom::End(0))?;
        original.rewind()?;
        let mut start = Vec::new();
        original.by_ref().take(32).read_to_end(&mut start)?;
        original.rewind()?;
        if start.starts_with(&[0xff, 0xd8]) {
            return Ok(jpeg(original, length)?);
        }
        let mut reader = ImageReader::new(original).with_guessed_format()?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(HEADER);
        reader.limits(limits);
        let format = reader.format();
        let decoder = reader.into_decoder()?;
        let (width, height) = decoder.dimensions();
        let (extra_per_pixel, kept) = match format {
            // The current frame of an animation.
            Some(ImageFormat::Gif) => (4.0, 0),
            Some(ImageFormat::WebP) => (extra_of_webp(&start), length),
            _ => (0.0, 0),
        };
        Ok(Header {
            width,
            height,
            pixel: u64::from(decoder.color_type().bytes_per_pixel()),
            extra_per_pixel,
            kept,
        })
    }

    /// Returns the number of bytes for decoding.
    pub(super) fn decoding(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        // Below 2^53 for all accepted dimensions.
        let extra = (pixels as f64 * self.extra_per_pixel) as u64;
        pixels * self.pixel + extra + self.kept + OVERHEAD
    }
}

/// Returns the number of bytes for each pixel that the decoder of a WebP file needs besides the picture.
fn extra_of_webp(start: &[u8]) -> f64 {
    /// The bytes of the planes of a lossy picture, for each pixel.
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

/// Reads the header of a JPEG. Its decoder would read the whole file for that.
fn jpeg(mut original: impl BufRead + Seek, length: u64) -> io::Result<Header> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "the JPEG has no header");
    original.seek(SeekFrom::Start(2))?;
    let mut frame: Option<Frame> = None;
    for _ in 0..MAX_SEGMENTS {
        match marker(&mut original)? {
            // The start of the first scan, which determines how the file is decoded.
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
    /// The number of samples for each pixel, of all components.
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

    fn header(&self, components_in_scan: u8, length: u64) -> Header {
        // The decoder keeps all coefficients until the last scan, unless there is only one.
        let is_streamed = self.is_sequential && components_in_scan == self.components;
        let extra_per_pixel = if is_streamed {
            0.0
        } else {
            self.samples * 2.0 * 1.1
        };
        Header {
            width: self.width.into(),
            height: self.height.into(),
            pixel: if self.components == 1 { 1 } else { 3 },
            extra_per_pixel,
            kept: length,
        }
    }
}

/// Reads the next marker. Returns its code.
fn marker(original: &mut impl Read) -> io::Result<u8> {
    let [mut byte] = bytes(original)?;
    if byte != 0xff {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the JPEG has data between its segments",
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

/// Reads `N` bytes.
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
    fn a_jpeg_with_several_scans_needs_more_memory() {
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
    fn headers_of_other_formats_are_read() {
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
    fn a_truncated_header_is_refused() {
        let whole = jpeg_of(0xc0, &[0x11], 1);
        for length in 0..whole.len() {
            assert!(
                Header::read(Cursor::new(&whole[..length])).is_err(),
                "{length}"
            );
        }
    }
}

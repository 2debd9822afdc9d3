//! Moving pictures: they are kept as they are, without what is not shown.

use std::io::{self, Read};

/// Returns a GIF file without comments, texts and unknown extensions, and without what follows its end. Returns `None` if
/// it has only one frame.
///
/// # Errors
/// If its blocks end early.
pub(super) fn clean_gif(file: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut source = Source { file, at: 0 };
    let mut clean = Vec::with_capacity(file.len());
    let header = source.take(13)?;
    clean.extend(header);
    clean.extend(source.take(color_table(header[10]))?);
    let mut frames = 0;
    loop {
        let start = source.at;
        match source.take(1)?[0] {
            0x2c => {
                let flags = source.take(9)?[8];
                source.take(color_table(flags) + 1)?;
                source.skip_sub_blocks()?;
                clean.extend(&file[start..source.at]);
                frames += 1;
            }
            0x21 => {
                let label = source.take(1)?[0];
                let content = source.at;
                source.skip_sub_blocks()?;
                // The delay of a frame, and the number of repetitions.
                let is_shown = label == 0xf9
                    || label == 0xff
                        && [&b"\x0bNETSCAPE2.0"[..], b"\x0bANIMEXTS1.0"]
                            .iter()
                            .any(|known| file[content..].starts_with(known));
                if is_shown {
                    clean.extend(&file[start..source.at]);
                }
            }
            0x3b => break,
            _ => return Err(io::Error::other("it has an unknown block")),
        }
    }
    clean.push(0x3b);
    Ok((frames > 1).then_some(clean))
}

/// Returns the length of the color table that these flags announce.
fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 0x07) + 1)
    }
}

/// A file, read from the front.
struct Source<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Source<'a> {
    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let end = self.at.saturating_add(length);
        let part = self.file.get(self.at..end);
        self.at = end;
        part.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn skip_sub_blocks(&mut self) -> io::Result<()> {
        loop {
            match self.take(1)?[0] {
                0 => return Ok(()),
                length => self.take(length.into())?,
            };
        }
    }
}

/// Returns a moving WebP file without its metadata, and without what follows its end. Returns `None` if it does not move.
///
/// # Errors
/// If its chunks end early.
pub(super) fn clean_webp(file: &[u8]) -> io::Result<Option<Vec<u8>>> {
    const IS_MOVING: u8 = 0x02;
    /// The flags of an ICC profile, EXIF and XMP.
    const METADATA: u8 = 0x20 | 0x08 | 0x04;
    let mut source = Source { file, at: 0 };
    let header = source.take(12)?;
    let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
    let end = length.saturating_add(8);
    if end > file.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut clean = header.to_vec();
    let mut is_moving = false;
    while source.at < end {
        let mut head = [0; 8];
        source.take(8)?.read_exact(&mut head)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        // Chunks begin at even positions.
        let content = source.take(length.saturating_add(length % 2))?;
        match &head[..4] {
            b"VP8X" if !content.is_empty() => {
                is_moving |= content[0] & IS_MOVING != 0;
                clean.extend(head);
                clean.push(content[0] & !METADATA);
                clean.extend(&content[1..]);
            }
            b"ANIM" | b"ANMF" | b"ALPH" | b"VP8 " | b"VP8L" => {
                clean.extend(head);
                clean.extend(content);
            }
            _ => {}
        }
    }
    let length = (clean.len() - 8) as u32;
    clean[4..8].copy_from_slice(&length.to_le_bytes());
    Ok(is_moving.then_some(clean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Delay, Frame, RgbaImage, codecs::gif::GifEncoder};

    fn gif(frames: usize) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = GifEncoder::new(&mut file);
        for number in 0..frames {
            let picture = RgbaImage::from_pixel(8, 8, image::Rgba([number as u8 * 90, 0, 0, 255]));
            let delay = Delay::from_numer_denom_ms(100, 1);
            encoder
                .encode_frame(Frame::from_parts(picture, 0, 0, delay))
                .unwrap();
        }
        drop(encoder);
        file
    }

    #[test]
    fn a_moving_gif_loses_only_what_is_not_shown() {
        let plain = gif(3);
        let mut spoiled = plain.clone();
        let end = spoiled.len() - 1;
        spoiled.splice(
            end..end,
            *b"\x21\xfe\x06secret\0\x21\xff\x0bXMP DataXMP\x03gps\0",
        );
        spoiled.extend(b"<script>alert(1)</script>");
        assert_eq!(clean_gif(&spoiled).unwrap().unwrap(), plain);
        assert_eq!(clean_gif(&gif(1)).unwrap(), None);
        for length in [5, 20, plain.len() / 2, plain.len() - 1] {
            assert!(clean_gif(&plain[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn a_moving_webp_loses_its_metadata() {
        let chunk = |name: &[u8], content: &[u8]| {
            let mut chunk = name.to_vec();
            chunk.extend((content.len() as u32).to_le_bytes());
            chunk.extend(content);
            if content.len() % 2 == 1 {
                chunk.push(0);
            }
            chunk
        };
        let file = |flags: u8, with: &[Vec<u8>]| {
            let mut body = b"WEBP".to_vec();
            body.extend(chunk(b"VP8X", &[flags, 0, 0, 0, 7, 0, 0, 7, 0, 0]));
            with.iter().for_each(|part| body.extend(part));
            chunk(b"RIFF", &body)
        };
        let (anim, frame) = (chunk(b"ANIM", &[0; 6]), chunk(b"ANMF", &[1; 17]));
        let exif = chunk(b"EXIF", b"somewhere");
        let spoiled = file(0x02 | 0x08, &[anim.clone(), frame.clone(), exif]);
        assert_eq!(
            clean_webp(&spoiled).unwrap().unwrap(),
            file(0x02, &[anim.clone(), frame.clone()])
        );
        assert_eq!(clean_webp(&file(0, &[])).unwrap(), None);
        assert!(clean_webp(&spoiled[..spoiled.len() - 4]).is_err());
    }
}

//! Files that authors and attackers have, made small.

use image::{
    Delay, DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::gif::GifEncoder,
};
use std::io::Cursor;

pub(super) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Returns a photo, which a PNG can't compress well.
pub(super) fn photo(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise =
            (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        let [red, green, blue, _] = noise.to_be_bytes().map(|byte| byte % 8);
        Rgb([(x % 248) as u8 + red, (y % 248) as u8 + green, 100 + blue])
    })
    .into()
}

/// Returns a JPEG that a camera turned by 90 degrees took, with the place and a comment.
pub(super) fn jpeg_of_camera(width: u32, height: u32) -> Vec<u8> {
    let mut exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"secret place");
    let mut file = encoded(&photo(width, height), ImageFormat::Jpeg);
    for (marker, content) in [
        (0xfe, &b"secret comment"[..]),
        (0xe1, &exif),
        (0xed, b"Photoshop 3.0\0secret iptc"),
    ] {
        let mut segment = vec![0xff, marker];
        segment.extend((content.len() as u16 + 2).to_be_bytes());
        segment.extend(content);
        file.splice(2..2, segment);
    }
    file
}

/// Returns a PNG with a text, and with a page behind its end.
pub(super) fn png_with_texts(picture: &DynamicImage) -> Vec<u8> {
    let mut file = encoded(picture, ImageFormat::Png);
    let mut chunk = b"tEXtComment\0secret text".to_vec();
    let checksum = checksum(&chunk);
    let length = chunk.len() as u32 - 4;
    chunk.splice(0..0, length.to_be_bytes());
    chunk.extend(checksum.to_be_bytes());
    file.splice(33..33, chunk);
    file.extend(b"<html><script>alert('secret')</script>");
    file
}

/// Returns a small PNG whose header claims this size.
pub(super) fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut file = encoded(&photo(4, 4), ImageFormat::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = checksum(&file[12..29]);
    file[29..33].copy_from_slice(&checksum.to_be_bytes());
    file
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut checksum = u32::MAX;
    for byte in bytes {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = (checksum >> 1) ^ (0xedb8_8320 * (checksum & 1));
        }
    }
    !checksum
}

/// Returns a GIF with this number of frames and a comment.
pub(super) fn gif(frames: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    for number in 0..frames {
        let picture = RgbaImage::from_pixel(20, 10, Rgba([number * 90, 20, 30, 255]));
        let delay = Delay::from_numer_denom_ms(100, 1);
        encoder
            .encode_frame(Frame::from_parts(picture, 0, 0, delay))
            .unwrap();
    }
    drop(encoder);
    let end = file.len() - 1;
    file.splice(end..end, *b"\x21\xfe\x06secret\0");
    file
}

pub(super) fn transparent(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, _| Rgba([200, 10, 10, (x % 200) as u8])).into()
}

pub(super) fn drawing(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_pixel(width, height, Rgb([10, 200, 10])).into()
}

/// Returns what begins like an MP3 file.
pub(super) fn mp3() -> Vec<u8> {
    let mut file = b"ID3\x04\0\0\0\0\0\0".to_vec();
    file.extend((0..990).map(|number| (number % 251) as u8));
    file
}

/// Returns what begins like an MP4 file.
pub(super) fn mp4() -> Vec<u8> {
    b"\0\0\0\x18ftypisom\0\0\0\0isommp42 film".to_vec()
}

//! Decodes a picture once, and encodes it in several sizes. This removes all that is no pixel: EXIF with the place, XMP,
//! IPTC, comments, and what hides behind the picture.

use super::{Limits, animation, resize::resize};
use crate::media::memory::Header;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
    metadata::Orientation,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use std::{io::Cursor, thread};

/// The maximum width and height of a picture that is read, in pixels.
const MAX_SIDE: u32 = 20_000;
/// The widths of the variants, in pixels.
const WIDTHS: [u32; 4] = [2000, 1440, 960, 480];
/// The maximum height of a variant, in pixels; WebP has at most 16,383.
const MAX_HEIGHT: u32 = 8000;
/// The qualities of lossy files, of 100.
const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 85;
/// The width of the picture from which the blurhash is made.
const BLURHASH_WIDTH: u32 = 32;

/// An encoded picture.
pub(super) struct Encoded {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The extension, which stands for the format.
    pub(super) extension: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Encoded {
    pub(super) fn content_type(&self) -> &'static str {
        match self.extension {
            "jpg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            _ => "image/webp",
        }
    }
}

/// A picture with its variants.
pub(super) struct Encodings {
    /// The file that every program can show.
    pub(super) fallback: Encoded,
    /// The others, widest first.
    pub(super) variants: Vec<Encoded>,
    pub(super) blurhash: Option<String>,
    pub(super) is_animation: bool,
}

/// Makes the variants of a picture.
///
/// # Errors
/// A sentence without a subject that says why the picture is refused.
pub(super) fn encodings(
    file: &[u8],
    format: ImageFormat,
    limits: &Limits,
) -> Result<Encodings, String> {
    let header = Header::read(Cursor::new(file)).map_err(|error| broken(&error))?;
    check_size(&header, limits)?;
    if is_truncated(file, format) {
        return Err("is cut off: copy it again".into());
    }
    let animation = match format {
        ImageFormat::Gif => animation::clean_gif(file),
        ImageFormat::WebP => animation::clean_webp(file),
        _ => Ok(None),
    };
    let animation = animation.map_err(|error| broken(&error))?;
    let base = decode(file, format, limits)?;
    let blurhash = blurhash(&base);
    let still = still(&base, format).map_err(|error| broken(&error))?;
    let mut variants = webp_variants(base)?;
    let is_animation = animation.is_some();
    let fallback = match animation {
        None => {
            variants.extend(still.for_cards);
            still.fallback
        }
        Some(bytes) => {
            let card = still.for_cards.unwrap_or(still.fallback);
            variants.push(card);
            Encoded {
                width: header.width,
                height: header.height,
                extension: if format == ImageFormat::Gif {
                    "gif"
                } else {
                    "webp"
                },
                bytes,
            }
        }
    };
    Ok(Encodings {
        fallback,
        variants,
        blurhash,
        is_animation,
    })
}

fn broken(error: &dyn std::fmt::Display) -> String {
    format!("can't be read as a picture: {error}")
}

fn check_size(header: &Header, limits: &Limits) -> Result<(), String> {
    let (width, height) = (header.width, header.height);
    if width == 0 || height == 0 {
        return Err("has no pixels".into());
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(format!(
            "has {width} x {height} pixels: make it at most {MAX_SIDE} pixels wide and high"
        ));
    }
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(format!(
            "has {width} x {height} pixels: make it smaller than {} megapixels, or raise media.picture_megapixels",
            limits.pixels / 1_000_000
        ));
    }
    if header.decoding() > limits.memory {
        return Err(format!(
            "needs {} MiB of memory: make it smaller, or raise media.decoding_megabytes",
            header.decoding() / (1024 * 1024)
        ));
    }
    Ok(())
}

/// Returns whether the end of a file is missing where its decoder would not notice.
fn is_truncated(file: &[u8], format: ImageFormat) -> bool {
    match format {
        // A marker can't be part of the data of a scan. One before the first scan belongs to a thumbnail.
        ImageFormat::Jpeg => {
            let scan = scan_of_jpeg(file).unwrap_or(file.len());
            !file[scan..].windows(2).any(|pair| pair == [0xff, 0xd9])
        }
        ImageFormat::Png => !file.windows(4).any(|name| name == b"IEND"),
        _ => false,
    }
}

/// Returns the position of the first scan of a JPEG.
fn scan_of_jpeg(file: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        match file.get(at..at + 2)? {
            [0xff, 0xda] => return Some(at),
            [0xff, 0xff] => at += 1,
            [0xff, 0x01 | 0xd0..=0xd8] => at += 2,
            [0xff, _] => {
                let length = file.get(at + 2..at + 4)?;
                at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
            _ => return None,
        }
    }
}

/// Decodes a picture, and returns it upright, in sRGB, with 8 bits for each channel, in the size of the largest variant.
fn decode(file: &[u8], format: ImageFormat, limits: &Limits) -> Result<DynamicImage, String> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits.of_decoder(MAX_SIDE));
    let mut decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let whole = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (max_width, max_height) = if is_turned {
        (MAX_HEIGHT, WIDTHS[0])
    } else {
        (WIDTHS[0], MAX_HEIGHT)
    };
    let scale = (f64::from(max_width) / f64::from(whole.width()))
        .min(f64::from(max_height) / f64::from(whole.height()));
    let (width, height) = scaled((whole.width(), whole.height()), scale.min(1.0));
    let mut base = resize(&whole, width, height);
    drop(whole);
    base.apply_orientation(orientation);
    if let Some(profile) = profile {
        convert_to_srgb(&mut base, &profile);
    }
    let is_opaque = match &base {
        DynamicImage::ImageRgba8(pixels) => pixels.pixels().all(|pixel| pixel.0[3] == 255),
        _ => true,
    };
    Ok(if is_opaque {
        base.to_rgb8().into()
    } else {
        base
    })
}

fn scaled((width, height): (u32, u32), scale: f64) -> (u32, u32) {
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    (side(width), side(height))
}

/// Converts the colours from those of an ICC profile, if it is one for RGB that can be read.
fn convert_to_srgb(picture: &mut DynamicImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return;
    };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let layout = match picture {
        DynamicImage::ImageRgba8(_) => Layout::Rgba,
        _ => Layout::Rgb,
    };
    let srgb = ColorProfile::new_srgb();
    let transform =
        profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default());
    let Ok(transform) = transform else { return };
    let convert = |pixels: &mut Vec<u8>| {
        let mut converted = vec![0; pixels.len()];
        if transform.transform(pixels, &mut converted).is_ok() {
            *pixels = converted;
        }
    };
    match picture {
        DynamicImage::ImageRgb8(pixels) => {
            let (width, height) = pixels.dimensions();
            let mut raw = std::mem::take(pixels).into_raw();
            convert(&mut raw);
            *pixels = image::RgbImage::from_raw(width, height, raw).unwrap_or_default();
        }
        DynamicImage::ImageRgba8(pixels) => {
            let (width, height) = pixels.dimensions();
            let mut raw = std::mem::take(pixels).into_raw();
            convert(&mut raw);
            *pixels = image::RgbaImage::from_raw(width, height, raw).unwrap_or_default();
        }
        _ => {}
    }
}

fn blurhash(base: &DynamicImage) -> Option<String> {
    let scale = f64::from(BLURHASH_WIDTH) / f64::from(base.width().max(base.height()));
    let (width, height) = scaled((base.width(), base.height()), scale.min(1.0));
    let small = resize(base, width, height).to_rgba8();
    let (x, y) = if width >= height { (4, 3) } else { (3, 4) };
    blurhash::encode(x, y, width, height, small.as_raw()).ok()
}

/// A picture in formats that every program can show.
struct Still {
    fallback: Encoded,
    /// A JPEG for link previews, if the fallback is none.
    for_cards: Option<Encoded>,
}

/// Encodes a picture as JPEG, or as PNG if it is transparent. A drawing becomes a PNG if that is smaller.
fn still(base: &DynamicImage, format: ImageFormat) -> image::ImageResult<Still> {
    let encoded = |extension, bytes| Encoded {
        width: base.width(),
        height: base.height(),
        extension,
        bytes,
    };
    let is_transparent = base.color().has_alpha();
    let may_be_drawing = matches!(format, ImageFormat::Png | ImageFormat::Gif);
    let jpeg = encoded("jpg", jpeg(base)?);
    if !is_transparent && !may_be_drawing {
        return Ok(Still {
            fallback: jpeg,
            for_cards: None,
        });
    }
    let png = encoded("png", png(base)?);
    if is_transparent || png.bytes.len() <= jpeg.bytes.len() {
        return Ok(Still {
            fallback: png,
            for_cards: Some(jpeg),
        });
    }
    Ok(Still {
        fallback: jpeg,
        for_cards: None,
    })
}

/// Encodes a picture as JPEG, on white where it is transparent.
fn jpeg(picture: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    match picture {
        DynamicImage::ImageRgba8(pixels) => {
            let mut opaque = image::RgbImage::new(pixels.width(), pixels.height());
            for (to, from) in opaque.pixels_mut().zip(pixels.pixels()) {
                let alpha = u16::from(from.0[3]);
                let on_white =
                    |value: u8| ((u16::from(value) * alpha + 255 * (255 - alpha)) / 255) as u8;
                to.0 = [0, 1, 2].map(|channel| on_white(from.0[channel]));
            }
            encoder.write_image(
                &opaque,
                opaque.width(),
                opaque.height(),
                ExtendedColorType::Rgb8,
            )?;
        }
        other => encoder.write_image(
            other.as_bytes(),
            other.width(),
            other.height(),
            ExtendedColorType::Rgb8,
        )?,
    }
    Ok(bytes)
}

fn png(picture: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive)
        .write_image(
            picture.as_bytes(),
            picture.width(),
            picture.height(),
            picture.color().into(),
        )?;
    Ok(bytes)
}

/// Encodes a picture as WebP in its own size and in all smaller widths, each scaled from the one before.
fn webp_variants(base: DynamicImage) -> Result<Vec<Encoded>, String> {
    let mut pictures = vec![base];
    for width in WIDTHS {
        let last = &pictures[pictures.len() - 1];
        // A width close to the last one would only cost disk space.
        if width * 10 <= pictures[0].width().min(last.width()) * 9 {
            let height =
                f64::from(pictures[0].height()) * f64::from(width) / f64::from(pictures[0].width());
            let smaller = resize(last, width, (height.round() as u32).max(1));
            pictures.push(smaller);
        }
    }
    // The largest takes as long as all others together.
    let (largest, others) = pictures.split_at(1);
    let encode = |part: &[DynamicImage]| part.iter().map(webp).collect::<Result<Vec<_>, _>>();
    thread::scope(|scope| {
        let others = scope.spawn(move || encode(others));
        let mut all = encode(largest)?;
        all.extend(others.join().map_err(|_| "can't be encoded")??);
        Ok(all)
    })
}

fn webp(picture: &DynamicImage) -> Result<Encoded, String> {
    let (width, height) = (picture.width(), picture.height());
    let encoder = match picture {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        other => webp::Encoder::from_rgb(other.as_bytes(), width, height),
    };
    let encoded = encoder.encode_simple(false, WEBP_QUALITY);
    let bytes = encoded.map_err(|error| format!("can't be encoded as WebP: {error:?}"))?;
    Ok(Encoded {
        width,
        height,
        extension: "webp",
        bytes: bytes.to_vec(),
    })
}

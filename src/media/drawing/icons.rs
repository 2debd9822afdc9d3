//! The icons of the site in the sizes that browsers and phones ask for.

use super::{DrawingError, draw};
use crate::media::copies::limits;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Rgba, RgbaImage,
    codecs::ico::{IcoEncoder, IcoFrame},
    imageops,
};
use std::io::Cursor;

/// The sides of the pictures in `favicon.ico`, in pixels.
const ICO: [u32; 3] = [16, 32, 48];
/// The side of the icon on the home screens of phones.
const TOUCH: u32 = 180;
/// The background of that icon, which must not be transparent.
const PAPER: Rgba<u8> = Rgba([0xfc, 0xfa, 0xf5, 0xff]);
/// The maximum memory for decoding the source, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;

/// The icons as files.
#[derive(Debug)]
pub(crate) struct Icons {
    /// `favicon.ico`.
    pub ico: Vec<u8>,
    /// PNG, 180 pixels.
    pub touch: Vec<u8>,
    /// PNG, 192 pixels.
    pub small: Vec<u8>,
    /// PNG, 512 pixels.
    pub large: Vec<u8>,
}

/// The picture from which icons are made.
pub(crate) enum Source<'a> {
    /// The content of a JPEG, PNG, GIF or WebP file.
    Raster(&'a [u8]),
    /// An SVG of our own.
    Svg(&'a str),
}

impl Icons {
    /// Makes all icons. This takes some milliseconds of computing, or more for a large picture.
    ///
    /// # Errors
    /// If the source is not a picture, or too large.
    pub(crate) fn make(source: &Source) -> Result<Icons, DrawingError> {
        let whole = match source {
            Source::Raster(bytes) => Some(square(decode(bytes)?)),
            Source::Svg(_) => None,
        };
        let sized = |side: u32| match (source, &whole) {
            (_, Some(whole)) => Ok(whole.resize_exact(side, side, imageops::FilterType::Lanczos3)),
            (Source::Svg(svg), None) => Ok(image::load_from_memory(&draw(svg, side, side)?)?),
            (Source::Raster(_), None) => Err(DrawingError::Picture),
        };
        Ok(Icons {
            ico: ico(&ICO.map(&sized).into_iter().collect::<Result<Vec<_>, _>>()?)?,
            touch: png(&opaque(&sized(TOUCH)?))?,
            small: png(&sized(192)?)?,
            large: png(&sized(512)?)?,
        })
    }
}

fn decode(bytes: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits(MAX_MEMORY));
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Cuts the middle out of a picture.
fn square(picture: DynamicImage) -> DynamicImage {
    let side = picture.width().min(picture.height());
    let (x, y) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    picture.crop_imm(x, y, side, side).into_rgba8().into()
}

/// Lays a picture on paper, with a margin.
fn opaque(picture: &DynamicImage) -> DynamicImage {
    let mut sheet = RgbaImage::from_pixel(picture.width(), picture.height(), PAPER);
    let is_transparent = picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255);
    if is_transparent {
        let margin = picture.width() / 12;
        let side = picture.width() - 2 * margin;
        let small = picture.resize_exact(side, side, imageops::FilterType::Lanczos3);
        imageops::overlay(&mut sheet, &small, i64::from(margin), i64::from(margin));
    } else {
        imageops::overlay(&mut sheet, picture, 0, 0);
    }
    sheet.into()
}

fn png(picture: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    picture.to_rgba8().write_to(&mut file, ImageFormat::Png)?;
    Ok(file.into_inner())
}

fn ico(pictures: &[DynamicImage]) -> image::ImageResult<Vec<u8>> {
    let frames = pictures.iter().map(|picture| {
        let pixels = picture.to_rgba8();
        let (width, height) = pixels.dimensions();
        IcoFrame::as_png(pixels.as_raw(), width, height, ExtendedColorType::Rgba8)
    });
    let frames = frames.collect::<Result<Vec<_>, _>>()?;
    let mut file = Vec::new();
    IcoEncoder::new(&mut file).encode_images(&frames)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = include_str!("../../../static/favicon.svg");

    #[test]
    fn icons_are_made_of_a_drawing_and_of_a_picture() {
        let mut photo = Cursor::new(Vec::new());
        let colour = image::Rgb([10, 90, 200]);
        image::RgbImage::from_pixel(90, 60, colour)
            .write_to(&mut photo, ImageFormat::Jpeg)
            .unwrap();
        for source in [Source::Svg(SVG), Source::Raster(photo.get_ref())] {
            let icons = Icons::make(&source).unwrap();
            let side = |file: &[u8]| image::load_from_memory(file).unwrap().width();
            assert_eq!(side(&icons.ico), 48, "the largest picture");
            assert_eq!(
                [&icons.touch, &icons.small, &icons.large].map(|file| side(file)),
                [180, 192, 512]
            );
        }
        assert!(Icons::make(&Source::Raster(b"<svg onload=alert(1)>")).is_err());
    }
}

//! Scales pictures down with a cubic filter, row by row: only the rows that the filter covers are in memory.

use image::{DynamicImage, RgbImage, RgbaImage};
use std::collections::VecDeque;

/// Red, green, blue and alpha from 0 to 255; the colours are multiplied by alpha.
type Pixel = [f32; 4];

/// The pixels of a row or column that make one pixel of the result, with their weights.
struct Taps {
    start: usize,
    weights: Vec<f32>,
}

/// Scales a picture to this size, with 8 bits for each channel.
pub(super) fn resize(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    let columns = taps(picture.width() as usize, width as usize);
    let rows = taps(picture.height() as usize, height as usize);
    let has_alpha = picture.color().has_alpha();
    let channels = if has_alpha { 4 } else { 3 };
    let mut result = Vec::with_capacity(width as usize * height as usize * channels);
    // The scaled rows from `first` on.
    let mut scaled: VecDeque<Vec<Pixel>> = VecDeque::new();
    let mut first = 0;
    let mut source = Vec::new();
    let mut sum = vec![[0.0; 4]; width as usize];
    for row in &rows {
        while first < row.start && scaled.pop_front().is_some() {
            first += 1;
        }
        first = first.max(row.start);
        while first + scaled.len() < row.start + row.weights.len() {
            read_row(picture, (first + scaled.len()) as u32, &mut source);
            scaled.push_back(columns.iter().map(|taps| weighted(&source, taps)).collect());
        }
        sum.fill([0.0; 4]);
        for (pixels, weight) in scaled.iter().zip(&row.weights) {
            for (sum, pixel) in sum.iter_mut().zip(pixels) {
                for channel in 0..4 {
                    sum[channel] += pixel[channel] * weight;
                }
            }
        }
        write_row(&sum, has_alpha, &mut result);
    }
    // The vector has exactly the pixels of that size.
    let result = if has_alpha {
        RgbaImage::from_raw(width, height, result).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, result).map(DynamicImage::from)
    };
    result.unwrap_or_default()
}

fn weighted(source: &[Pixel], taps: &Taps) -> Pixel {
    let mut sum = [0.0; 4];
    for (pixel, weight) in source[taps.start..].iter().zip(&taps.weights) {
        for channel in 0..4 {
            sum[channel] += pixel[channel] * weight;
        }
    }
    sum
}

/// Returns for each pixel of a side of `to` pixels which of the `from` pixels make it.
fn taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f32 / to as f32;
    // A picture is never scaled up, but a side of a narrow one may stay one pixel wide.
    let stretch = scale.max(1.0);
    (0..to)
        .map(|index| {
            let centre = (index as f32 + 0.5) * scale;
            let start = (centre - 2.0 * stretch).floor().max(0.0) as usize;
            let end = ((centre + 2.0 * stretch).ceil() as usize).min(from);
            let weight = |source: usize| cubic((source as f32 + 0.5 - centre) / stretch);
            let weights: Vec<f32> = (start..end).map(weight).collect();
            let sum: f32 = weights.iter().sum();
            Taps {
                start,
                weights: weights.iter().map(|weight| weight / sum).collect(),
            }
        })
        .collect()
}

/// The Catmull-Rom filter.
fn cubic(x: f32) -> f32 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

/// Reads a row of a picture, whatever its pixels are.
fn read_row(picture: &DynamicImage, y: u32, row: &mut Vec<Pixel>) {
    row.clear();
    let opaque = |r: f32, g: f32, b: f32| [r, g, b, 255.0];
    let translucent = |r: f32, g: f32, b: f32, a: f32| {
        let alpha = a / 255.0;
        [r * alpha, g * alpha, b * alpha, a]
    };
    macro_rules! read {
        ($whole:expr, $scale:expr, |$pixel:ident| $make:expr) => {{
            let width = $whole.width() as usize;
            let channels = $whole.as_raw().len() / (width * $whole.height() as usize);
            let start = y as usize * width * channels;
            for part in $whole.as_raw()[start..start + width * channels].chunks_exact(channels) {
                let $pixel = |channel: usize| f32::from(part[channel]) * $scale;
                row.push($make);
            }
        }};
    }
    /// From 16 bits to 8.
    const WIDE: f32 = 1.0 / 257.0;
    match picture {
        DynamicImage::ImageLuma8(p) => read!(p, 1.0, |v| opaque(v(0), v(0), v(0))),
        DynamicImage::ImageLumaA8(p) => read!(p, 1.0, |v| translucent(v(0), v(0), v(0), v(1))),
        DynamicImage::ImageRgb8(p) => read!(p, 1.0, |v| opaque(v(0), v(1), v(2))),
        DynamicImage::ImageRgba8(p) => read!(p, 1.0, |v| translucent(v(0), v(1), v(2), v(3))),
        DynamicImage::ImageLuma16(p) => read!(p, WIDE, |v| opaque(v(0), v(0), v(0))),
        DynamicImage::ImageLumaA16(p) => read!(p, WIDE, |v| translucent(v(0), v(0), v(0), v(1))),
        DynamicImage::ImageRgb16(p) => read!(p, WIDE, |v| opaque(v(0), v(1), v(2))),
        DynamicImage::ImageRgba16(p) => read!(p, WIDE, |v| translucent(v(0), v(1), v(2), v(3))),
        other => {
            use image::GenericImageView;
            for x in 0..other.width() {
                let [red, green, blue, alpha] = other.get_pixel(x, y).0.map(f32::from);
                row.push(translucent(red, green, blue, alpha));
            }
        }
    }
}

fn write_row(row: &[Pixel], has_alpha: bool, result: &mut Vec<u8>) {
    // The conversion of a float is between 0 and 255 in any case.
    let byte = |value: f32| (value + 0.5) as u8;
    for [r, g, b, a] in row.iter().copied() {
        if !has_alpha {
            result.extend([byte(r), byte(g), byte(b)]);
        } else if a < 0.5 {
            result.extend([0, 0, 0, 0]);
        } else {
            let factor = 255.0 / a;
            result.extend([
                byte(r * factor),
                byte(g * factor),
                byte(b * factor),
                byte(a),
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, Rgba};

    #[test]
    fn a_picture_keeps_its_colours_when_it_shrinks() {
        let mut picture = RgbImage::from_pixel(90, 60, Rgb([200, 100, 50]));
        for y in 0..60 {
            for x in 45..90 {
                picture.put_pixel(x, y, Rgb([10, 20, 30]));
            }
        }
        let small = resize(&picture.into(), 20, 13).to_rgb8();
        assert_eq!(small.dimensions(), (20, 13));
        assert_eq!(
            (small.get_pixel(2, 6), small.get_pixel(17, 6)),
            (&Rgb([200, 100, 50]), &Rgb([10, 20, 30]))
        );
    }

    #[test]
    fn the_same_size_changes_nothing_and_transparent_pixels_have_no_colour() {
        let mut picture = RgbaImage::from_pixel(4, 3, Rgba([9, 8, 7, 255]));
        picture.put_pixel(1, 1, Rgba([255, 0, 0, 0]));
        let same = resize(&picture.clone().into(), 4, 3).to_rgba8();
        picture.put_pixel(1, 1, Rgba([0, 0, 0, 0]));
        assert_eq!(same, picture);
        let one = resize(&picture.into(), 1, 1).to_rgba8();
        assert_eq!(one.get_pixel(0, 0).0[..3], [9, 8, 7]);
    }
}

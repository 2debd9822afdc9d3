//! Colours: the notations of CSS, and the contrast between two of them.

use std::fmt;

/// An opaque colour (sRGB).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// The contrast that text needs (WCAG 2.2, success criterion 1.4.3).
const READABLE: f64 = 4.5;

impl Color {
    /// Reads `#rgb`, `#rrggbb`, `rgb(r, g, b)`, `hsl(h, s%, l%)` or one of the 16 oldest names.
    pub fn parse(text: &str) -> Option<Color> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            return from_hex(digits);
        }
        let (function, rest) = match text.split_once('(') {
            Some((function, rest)) => (function, rest.strip_suffix(')')?),
            None => return named(&text).and_then(from_hex),
        };
        let numbers: Vec<&str> = rest
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .collect();
        let [a, b, c] = numbers.as_slice() else {
            return None;
        };
        match function {
            "rgb" => Some(Color {
                red: a.parse().ok()?,
                green: b.parse().ok()?,
                blue: c.parse().ok()?,
            }),
            "hsl" => {
                let hue: f64 = a.strip_suffix("deg").unwrap_or(a).parse().ok()?;
                let (saturation, lightness) = (percentage(b)?, percentage(c)?);
                hue.is_finite()
                    .then(|| from_hsl(hue, saturation, lightness))
            }
            _ => None,
        }
    }

    /// Returns the contrast ratio to another colour, 1 to 21 (WCAG 2.2).
    pub fn contrast(self, other: Color) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Returns the colour, or the nearest one of the same hue that is readable on all these papers. On dark papers it
    /// becomes lighter, on light ones darker.
    pub fn readable_on(self, papers: &[Color]) -> Color {
        let is_dark = papers.iter().any(|paper| paper.luminance() < 0.18);
        let is_readable = |color: Color| {
            papers
                .iter()
                .all(|paper| color.contrast(*paper) >= READABLE)
        };
        let (hue, saturation, lightness) = self.hsl();
        let candidates = (0..=100).map(|step| {
            let share = f64::from(step) / 100.0;
            let lightness = if is_dark {
                lightness + (1.0 - lightness) * share
            } else {
                lightness * (1.0 - share)
            };
            from_hsl(hue, saturation, lightness)
        });
        let mut all = std::iter::once(self).chain(candidates);
        all.find(|color| is_readable(*color)).unwrap_or(self)
    }

    /// Returns a stronger form, for links under the pointer: further away from the papers.
    pub fn stronger_on(self, papers: &[Color]) -> Color {
        let is_dark = papers.iter().any(|paper| paper.luminance() < 0.18);
        let (hue, saturation, lightness) = self.hsl();
        let lightness = if is_dark {
            lightness + (1.0 - lightness) * 0.4
        } else {
            lightness * 0.65
        };
        from_hsl(hue, saturation, lightness)
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// Returns hue in degrees, saturation and lightness from 0 to 1.
    fn hsl(self) -> (f64, f64, f64) {
        let most = self.red.max(self.green).max(self.blue);
        let [red, green, blue] = [self.red, self.green, self.blue].map(|c| f64::from(c) / 255.0);
        let (max, min) = (red.max(green).max(blue), red.min(green).min(blue));
        let (lightness, range) = (f64::midpoint(max, min), max - min);
        if range < f64::EPSILON {
            return (0.0, 0.0, lightness);
        }
        let hue = if most == self.red {
            (green - blue) / range + if green < blue { 6.0 } else { 0.0 }
        } else if most == self.green {
            (blue - red) / range + 2.0
        } else {
            (red - green) / range + 4.0
        };
        let saturation = range / (1.0 - (2.0 * lightness - 1.0).abs());
        (hue * 60.0, saturation, lightness)
    }
}

/// Writes `#rrggbb`.
impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

fn from_hex(digits: &str) -> Option<Color> {
    let digit = |at: usize| {
        digits
            .get(at..=at)
            .and_then(|d| u8::from_str_radix(d, 16).ok())
    };
    let pair = |at: usize| Some(digit(at)? * 16 + digit(at + 1)?);
    let [red, green, blue] = match digits.len() {
        3 => [digit(0)? * 17, digit(1)? * 17, digit(2)? * 17],
        6 => [pair(0)?, pair(2)?, pair(4)?],
        _ => return None,
    };
    Some(Color { red, green, blue })
}

fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Color {
    let range = saturation * lightness.min(1.0 - lightness);
    let channel = |offset: f64| {
        let k = (offset + hue / 30.0).rem_euclid(12.0);
        let value = lightness - range * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    Color {
        red: channel(0.0),
        green: channel(8.0),
        blue: channel(4.0),
    }
}

fn percentage(text: &str) -> Option<f64> {
    let value: f64 = text.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&value).then_some(value / 100.0)
}

/// Returns the digits of a named colour (CSS Color Level 4, the names of HTML 4).
fn named(name: &str) -> Option<&'static str> {
    Some(match name {
        "black" => "000000",
        "silver" => "c0c0c0",
        "gray" | "grey" => "808080",
        "white" => "ffffff",
        "maroon" => "800000",
        "red" => "ff0000",
        "purple" => "800080",
        "fuchsia" | "magenta" => "ff00ff",
        "green" => "008000",
        "lime" => "00ff00",
        "olive" => "808000",
        "yellow" => "ffff00",
        "navy" => "000080",
        "blue" => "0000ff",
        "teal" => "008080",
        "aqua" | "cyan" => "00ffff",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    #[test]
    fn css_notations_are_read_and_all_else_is_refused() {
        for (text, hex) in [
            ("#1a7", "#11aa77"),
            (" #11AA77 ", "#11aa77"),
            ("rgb(17, 170, 119)", "#11aa77"),
            ("rgb(17 170 119)", "#11aa77"),
            ("hsl(160deg 82% 37%)", "#11ac78"),
            ("hsl(0, 0%, 50%)", "#808080"),
            ("Teal", "#008080"),
        ] {
            assert_eq!(color(text).to_string(), hex, "{text}");
        }
        for text in [
            "",
            "#",
            "#12",
            "#12345",
            "#ggg",
            "#é1",
            "rgb(1,2)",
            "rgb(1,2,256)",
            "hsl(1,2,3)",
            "hsl(inf,1%,1%)",
            "hsl(1,200%,1%)",
            "url(x)",
            "red;}*{",
            "var(--x)",
            "currentcolor",
        ] {
            assert_eq!(Color::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let ratio = |a: &str, b: &str| (color(a).contrast(color(b)) * 100.0).round() / 100.0;
        assert!((ratio("#000", "#fff") - 21.0).abs() < 0.01);
        assert!((ratio("#777", "#fff") - 4.48).abs() < 0.01);
        assert!((ratio("#fff", "#fff") - 1.0).abs() < 0.01);
    }

    #[test]
    fn every_accent_becomes_readable_and_a_readable_one_stays() {
        let (light, dark) = (
            [color("#fcfaf5"), color("#f4efe5")],
            [color("#171512"), color("#211e19")],
        );
        for text in [
            "#ff0", "#000", "#fff", "lime", "#0af", "#777", "navy", "#9c2a17",
        ] {
            for papers in [light, dark] {
                let adjusted = color(text).readable_on(&papers);
                let strong = adjusted.stronger_on(&papers);
                for paper in papers {
                    assert!(adjusted.contrast(paper) >= READABLE, "{text} {adjusted}");
                    assert!(strong.contrast(paper) >= READABLE, "{text} {strong}");
                }
            }
        }
        assert_eq!(color("#9c2a17").readable_on(&light), color("#9c2a17"));
    }
}

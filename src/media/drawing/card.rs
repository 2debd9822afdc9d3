//! The picture of a link preview for an article that has none: its title, its author, and the name of the site.

use super::{
    DrawingError, FAMILY, draw,
    lines::{balanced, break_lines, drawable, words},
};
use crate::content::{html::escape, text, truncate_at_word};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use data_encoding::HEXLOWER;

/// The size that link previews of all large sites take.
pub(crate) const WIDTH: u32 = 1200;
pub(crate) const HEIGHT: u32 = 630;

/// The number of this drawing. It is part of the names of cards.
const VERSION: u32 = 1;
/// The maximum length of a title, and of the other texts, in characters.
const TITLE: usize = 240;
const OTHER: usize = 60;
/// The distance of texts from the left and right.
const MARGIN: f32 = 88.0;
/// Sizes of the title, with the number of lines that fit.
const SIZES: [(f32, usize); 3] = [(80.0, 3), (66.0, 4), (54.0, 5)];

/// The texts on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub title: String,
    /// Empty if the site has no other author than itself.
    pub byline: String,
    pub site: String,
    /// The address of the logo, which decides whether a card is still right.
    pub logo: String,
}

impl Card {
    /// Returns the name of the picture, which depends on all that it shows.
    pub(crate) fn name(&self) -> String {
        let parts = [&self.title, &self.byline, &self.site, &self.logo];
        let parts = parts.map(|part| format!("{} {part}", part.len()));
        let hash = digest(
            &SHA256,
            format!("{VERSION}\n{}", parts.join("\n")).as_bytes(),
        );
        HEXLOWER.encode(&hash.as_ref()[..12])
    }

    /// Draws the card as a PNG, with the PNG `logo`. This takes a few hundredths of a second of computing.
    ///
    /// # Errors
    /// If the drawing fails.
    pub(crate) fn draw(&self, logo: &[u8]) -> Result<Vec<u8>, DrawingError> {
        let site = prepared(&self.site, OTHER)?;
        let byline = prepared(&self.byline, OTHER)?;
        let mut title = prepared(&self.title, TITLE)?;
        // A title in a script that no font has.
        if title.chars().filter(|c| c.is_alphanumeric()).count() * 2
            < self
                .title
                .chars()
                .filter(|c| c.is_alphanumeric())
                .count()
                .min(TITLE)
        {
            title.clone_from(&site);
        }
        draw(&svg(&title, &byline, &site, logo)?, WIDTH, HEIGHT)
    }
}

/// Removes the characters of a text that can't be drawn, and cuts it.
fn prepared(text: &str, most: usize) -> Result<String, DrawingError> {
    drawable(&truncate_at_word(&text::without_controls(text), most))
}

fn svg(title: &str, byline: &str, site: &str, logo: &[u8]) -> Result<String, DrawingError> {
    let words = words(title)?;
    let width = WIDTH as f32 - 2.0 * MARGIN;
    let broken = SIZES.map(|(size, most)| {
        let (lines, is_whole) = break_lines(&words, width / size, most);
        (size, lines, is_whole)
    });
    let [.., smallest] = &broken;
    let (size, lines, is_whole) = broken
        .iter()
        .find(|(.., is_whole)| *is_whole)
        .unwrap_or(smallest);
    let lines = if *is_whole {
        balanced(&words, width / size, lines)
    } else {
        lines.clone()
    };
    let is_from_right = begins_from_right(title);
    let (x, logo_x, side, anchor, away) = if is_from_right {
        let right = WIDTH as f32 - MARGIN;
        (right, right - 84.0, WIDTH as f32 - 18.0, "end", -108.0)
    } else {
        (MARGIN, MARGIN, 0.0, "start", 108.0)
    };
    let height = size * 1.22;
    // The title stands in the middle of the room above the byline.
    let top = 62.0 + (386.0 - height * lines.len() as f32) / 2.0 + size * 0.86;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" font-family=\"{FAMILY}\" \
         font-weight=\"bold\"><rect width=\"100%\" height=\"100%\" fill=\"#fcfaf5\"/>\
         <rect x=\"{side}\" width=\"18\" height=\"100%\" fill=\"#9c2a17\"/>\
         <rect x=\"{MARGIN}\" y=\"474\" width=\"{width}\" height=\"2\" fill=\"#d9d0c0\"/>\
         <image x=\"{logo_x}\" y=\"500\" width=\"84\" height=\"84\" href=\"data:image/png;base64,{}\"/>",
        BASE64_STANDARD.encode(logo)
    );
    let mut line = |x: f32, y: f32, size: f32, fill: &str, text: &str| {
        let text = if begins_from_right(text) {
            // Marks keep a full stop at the end of the line.
            format!("\u{200f}{text}\u{200f}")
        } else {
            text.to_owned()
        };
        svg.push_str(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{fill}\" text-anchor=\"{anchor}\">{}</text>",
            escape(&text)
        ));
    };
    for (number, text) in lines.iter().enumerate() {
        line(x, top + height * number as f32, *size, "#1f1b16", text);
    }
    if byline.is_empty() || byline == site {
        line(x + away, 554.0, 34.0, "#9c2a17", site);
    } else {
        line(x + away, 533.0, 32.0, "#1f1b16", byline);
        line(x + away, 576.0, 26.0, "#655c50", site);
    }
    svg.push_str("</svg>");
    Ok(svg)
}

/// Returns whether the first letter of a text is of a script that is written from right to left.
fn begins_from_right(text: &str) -> bool {
    let first = text.chars().find(|c| c.is_alphabetic());
    first.is_some_and(|c| {
        matches!(u32::from(c), 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::GenericImageView;

    fn card(title: &str, byline: &str) -> Card {
        Card {
            title: title.to_owned(),
            byline: byline.to_owned(),
            site: "The Pamphlet <& Co>".to_owned(),
            logo: "/media/a.png".to_owned(),
        }
    }

    fn logo() -> Vec<u8> {
        let mut file = std::io::Cursor::new(Vec::new());
        let picture = image::RgbaImage::from_pixel(8, 8, image::Rgba([9, 9, 9, 255]));
        picture
            .write_to(&mut file, image::ImageFormat::Png)
            .unwrap();
        file.into_inner()
    }

    #[test]
    fn any_title_gives_a_card() {
        let long = "One and many words, ".repeat(200);
        let wide = "W".repeat(5000);
        for (name, title, byline) in [
            ("plain", "Love, death and exile in Mexico", "A. Reader"),
            ("long", long.as_str(), ""),
            ("wide", &wide, &wide),
            (
                "arabic",
                "الذاكرة والمنفى في مدينة بين نهرين، وما بقي منها؟",
                "كاتبة من المدينة",
            ),
            (
                "hostile",
                "</text><script>alert(1)</script>&#0; \u{0} \u{202e}%s {{ 7*7 }}",
                "<image href='file:///etc/passwd'/>",
            ),
            ("unknown", "\u{e000}\u{e001}\u{e002}", ""),
            ("empty", "", ""),
        ] {
            let png = card(title, byline).draw(&logo()).unwrap();
            let size = image::load_from_memory(&png).unwrap().dimensions();
            assert_eq!(size, (WIDTH, HEIGHT), "{name}");
            assert!(png.len() < 200_000, "{name}: {}", png.len());
            if let Some(folder) = std::env::var_os("CARD_FOLDER") {
                std::fs::write(
                    std::path::Path::new(&folder).join(format!("{name}.png")),
                    png,
                )
                .unwrap();
            }
        }
    }

    #[test]
    fn the_name_depends_on_each_text() {
        let names: std::collections::BTreeSet<String> = [
            card("a", "b"),
            card("ab", ""),
            card("", "ab"),
            Card {
                site: "x".into(),
                ..card("a", "b")
            },
            Card {
                logo: "x".into(),
                ..card("a", "b")
            },
        ]
        .map(|card| card.name())
        .into();
        assert_eq!(names.len(), 5);
    }
}

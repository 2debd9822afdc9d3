//! Breaks titles into lines, by the widths of their words in our fonts.

use super::{DrawingError, FAMILY, parse};
use crate::content::html::escape;
use resvg::usvg::Node;
use std::collections::BTreeSet;

/// The size in which words are measured.
const SIZE: f32 = 100.0;
/// The width of a space, in units of the font size.
const SPACE: f32 = 0.26;

/// A part of a title that is not broken, with its width in units of the font size.
#[derive(Debug, Clone)]
pub(super) struct Word {
    text: String,
    width: f32,
    /// Whether a space precedes it.
    is_apart: bool,
}

/// Removes the characters that no font has, such as emoji on most servers.
pub(super) fn drawable(text: &str) -> Result<String, DrawingError> {
    let distinct: BTreeSet<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let distinct: Vec<char> = distinct.into_iter().collect();
    let texts: Vec<String> = distinct.iter().map(char::to_string).collect();
    let nodes = laid_out(&texts)?;
    let known: BTreeSet<char> = distinct
        .into_iter()
        .zip(nodes)
        .filter(|(_, measured)| measured.is_whole)
        .map(|(c, _)| c)
        .collect();
    let kept: String = text
        .chars()
        .filter(|c| c.is_whitespace() || known.contains(c))
        .collect();
    Ok(kept.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Splits a text into words and measures them. A character of a script without spaces is a word of its own.
pub(super) fn words(text: &str) -> Result<Vec<Word>, DrawingError> {
    let mut parts: Vec<(String, bool)> = Vec::new();
    for word in text.split_whitespace() {
        let mut is_apart = true;
        let mut part = String::new();
        for c in word.chars() {
            if is_ideograph(c) && !part.is_empty() {
                parts.push((std::mem::take(&mut part), is_apart));
                is_apart = false;
            }
            part.push(c);
        }
        parts.push((part, is_apart));
    }
    let texts: Vec<String> = parts.iter().map(|(text, _)| text.clone()).collect();
    let measured = laid_out(&texts)?;
    let words = parts.into_iter().zip(measured);
    Ok(words
        .map(|((text, is_apart), measured)| Word {
            text,
            width: measured.width,
            is_apart,
        })
        .collect())
}

/// Returns the lines of a text, none wider than `width` in units of the font size. If there are more than `most`, the
/// last one ends in "…", and the result is not whole.
pub(super) fn break_lines(words: &[Word], width: f32, most: usize) -> (Vec<String>, bool) {
    let mut lines: Vec<(String, f32)> = Vec::new();
    for word in words.iter().flat_map(|word| fitting(word, width)) {
        let space = if word.is_apart { SPACE } else { 0.0 };
        match lines.last_mut() {
            Some((line, used)) if *used + space + word.width <= width => {
                if word.is_apart {
                    line.push(' ');
                }
                line.push_str(&word.text);
                *used += space + word.width;
            }
            _ => lines.push((word.text.clone(), word.width)),
        }
    }
    let is_whole = lines.len() <= most;
    lines.truncate(most);
    let mut lines: Vec<String> = lines.into_iter().map(|(line, _)| line).collect();
    if !is_whole && let Some(last) = lines.last_mut() {
        // The ellipsis takes the room of two characters.
        let kept = last.chars().count().saturating_sub(2);
        let cut: String = last.chars().take(kept).collect();
        let whole_words = cut
            .rsplit_once(' ')
            .map_or(cut.as_str(), |(words, _)| words);
        *last = format!("{}…", whole_words.trim_end_matches([' ', ',']));
    }
    (lines, is_whole)
}

/// Returns as many lines as [`break_lines`], but of similar widths.
pub(super) fn balanced(words: &[Word], width: f32, lines: &[String]) -> Vec<String> {
    let narrower = (1..=10).map(|step| width * (1.0 - 0.05 * step as f32));
    let as_many = narrower
        .map(|width| break_lines(words, width, lines.len()))
        .take_while(|(_, is_whole)| *is_whole)
        .last();
    as_many.map_or_else(|| lines.to_vec(), |(lines, _)| lines)
}

/// Splits a word that is wider than a line.
fn fitting(word: &Word, width: f32) -> Vec<Word> {
    if word.width <= width {
        return vec![word.clone()];
    }
    let characters: Vec<char> = word.text.chars().collect();
    let each = word.width / characters.len().max(1) as f32;
    // Wide letters may stand together.
    let fitting = ((width / each * 0.85) as usize).max(1);
    let parts = characters.chunks(fitting).enumerate();
    parts
        .map(|(index, part)| Word {
            text: part.iter().collect(),
            width: each * part.len() as f32,
            is_apart: word.is_apart && index == 0,
        })
        .collect()
}

/// The layout of a text.
struct Measured {
    /// In units of the font size.
    width: f32,
    /// Whether the fonts have all its characters.
    is_whole: bool,
}

/// Lays out each text on its own.
fn laid_out(texts: &[String]) -> Result<Vec<Measured>, DrawingError> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\" font-family=\"{FAMILY}\" \
         font-weight=\"bold\" font-size=\"{SIZE}\">"
    );
    for (number, text) in texts.iter().enumerate() {
        svg.push_str(&format!("<text id=\"t{number}\">{}</text>", escape(text)));
    }
    svg.push_str("</svg>");
    let tree = parse(&svg)?;
    let measured = (0..texts.len()).map(|number| {
        let Some(Node::Text(text)) = tree.node_by_id(&format!("t{number}")) else {
            return Measured {
                width: 0.0,
                is_whole: false,
            };
        };
        let mut glyphs = text
            .layouted()
            .iter()
            .flat_map(|span| &span.positioned_glyphs);
        Measured {
            width: text.bounding_box().width() / SIZE,
            is_whole: glyphs.all(|glyph| glyph.id.0 != 0),
        }
    });
    Ok(measured.collect())
}

/// Returns whether lines may be broken before a character of a Chinese, Japanese or Korean text.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_the_card_and_lose_nothing() {
        let title = "The memory of a city between two rivers and an Unpronounceablylongwordwithoutanyspaces";
        let words = words(title).unwrap();
        let (lines, is_whole) = break_lines(&words, 10.0, 20);
        assert!(is_whole && lines.len() > 3, "{lines:?}");
        let joined: String = lines.concat();
        assert_eq!(joined.replace(' ', ""), title.replace(' ', ""));
        let (cut, is_whole) = break_lines(&words, 10.0, 2);
        assert!(
            !is_whole && cut.len() == 2 && cut[1].ends_with('…'),
            "{cut:?}"
        );
    }

    #[test]
    fn characters_without_a_glyph_are_left_out() {
        assert_eq!(
            drawable("Ünï  – Ἑλλάς Русский العربية \u{e123} <&>").unwrap(),
            "Ünï – Ἑλλάς Русский العربية <&>"
        );
    }
}

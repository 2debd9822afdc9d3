//! Directions of scripts, and the isolation of texts that run against them.

use std::borrow::Cow;

/// The direction of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    LeftToRight,
    RightToLeft,
}

/// Languages that are written from right to left unless their tag names another script.
const RIGHT_TO_LEFT: [&str; 23] = [
    "ar", "arc", "arz", "azb", "bal", "ckb", "dv", "fa", "glk", "he", "iw", "khw", "ks", "lrc",
    "mzn", "nqo", "ps", "sd", "syr", "ug", "ur", "yi", "ji",
];

/// Scripts that are written from right to left (ISO 15924).
const RIGHT_TO_LEFT_SCRIPTS: [&str; 10] = [
    "adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa",
];

/// Returns the direction in which a language is written, by its BCP 47 tag.
pub fn direction_of(tag: &str) -> Direction {
    let mut subtags = tag.split(['-', '_']);
    let primary = subtags.next().unwrap_or_default().to_ascii_lowercase();
    let script = subtags
        .find(|subtag| subtag.len() == 4 && subtag.bytes().all(|b| b.is_ascii_alphabetic()))
        .map(str::to_ascii_lowercase);
    let is_right_to_left = match script {
        Some(script) => RIGHT_TO_LEFT_SCRIPTS.contains(&script.as_str()),
        None => RIGHT_TO_LEFT.contains(&primary.as_str()),
    };
    if is_right_to_left {
        Direction::RightToLeft
    } else {
        Direction::LeftToRight
    }
}

impl Direction {
    /// Returns the value of a `dir` attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }

    /// Puts a text into isolation marks (Unicode UAX #9) if it has a letter of the other direction, so that it does not
    /// disturb the order of the words around it. Other texts stay as they are: marks would get in the way of searching
    /// and copying.
    pub(crate) fn isolate(self, text: Cow<'_, str>) -> Cow<'_, str> {
        let runs_against = match self {
            Direction::LeftToRight => text.chars().any(is_right_to_left),
            Direction::RightToLeft => text
                .chars()
                .any(|c| c.is_alphabetic() && !is_right_to_left(c)),
        };
        if runs_against {
            Cow::Owned(format!("\u{2068}{text}\u{2069}"))
        } else {
            text
        }
    }
}

/// Returns whether a character belongs to a script that is written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}'
        | '\u{fb1d}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fdff}'
        | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_follows_from_language_and_script() {
        for tag in ["ar", "ar-EG", "he", "FA", "ur-PK", "az-Arab", "pa-Arab-PK"] {
            assert_eq!(direction_of(tag).as_str(), "rtl", "{tag}");
        }
        for tag in ["en", "de-CH", "", "ar-Latn", "zh-Hant-TW", "x", "مرحبا"] {
            assert_eq!(direction_of(tag).as_str(), "ltr", "{tag}");
        }
    }

    #[test]
    fn only_a_text_of_the_other_direction_is_isolated() {
        let isolated = |direction: Direction, text: &'static str| {
            direction.isolate(text.into()).starts_with('\u{2068}')
        };
        assert!(isolated(Direction::LeftToRight, "مرحبا"));
        assert!(!isolated(Direction::LeftToRight, "Straße 12"));
        assert!(isolated(Direction::RightToLeft, "@blog@example.org"));
        assert!(!isolated(Direction::RightToLeft, "مرحبا، 12"));
    }
}

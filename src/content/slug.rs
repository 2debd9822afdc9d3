//! Slugs: the part of a permalink that identifies the article.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The maximum length of a slug, in characters.
const MAX_LENGTH: usize = 100;

/// A slug: 1 to 100 characters of `a-z`, `0-9` and single hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// The error for a text that is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    #[error("a slug has at least one character")]
    Empty,
    #[error("a slug has at most {MAX_LENGTH} characters, this one has {0}")]
    TooLong(usize),
    #[error("a slug has only a-z, 0-9 and hyphens, not {0:?}")]
    Character(char),
    #[error("a slug has hyphens only between letters or digits, and one at a time")]
    Hyphen,
}

impl Slug {
    /// Derives a slug from a title: Latin letters lose their diacritics, apostrophes are removed, and everything else
    /// becomes a hyphen. Returns `None` if the title has no Latin letter and no digit.
    pub fn from_title(title: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in title.nfkd().flat_map(char::to_lowercase) {
            match c {
                'a'..='z' | '0'..='9' => slug.push(c),
                '\'' | '’' | '‘' | 'ʼ' => {}
                c if is_combining_mark(c) => {}
                c => match transliterate(c) {
                    Some(letters) => slug.push_str(letters),
                    None if slug.is_empty() || slug.ends_with('-') => {}
                    None => slug.push('-'),
                },
            }
        }
        let slug = shorten(slug.trim_end_matches('-'));
        (!slug.is_empty()).then(|| Self(slug.to_owned()))
    }

    /// Returns the slug as in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Transliterates a Latin letter that Unicode does not decompose into a basic letter and marks.
fn transliterate(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ı' => "i",
        'ħ' => "h",
        'ŋ' => "n",
        'ŧ' => "t",
        'ə' => "e",
        _ => return None,
    })
}

/// Truncates a slug (ASCII) to the maximum length, at a hyphen if there is one.
fn shorten(slug: &str) -> &str {
    if slug.len() <= MAX_LENGTH {
        return slug;
    }
    let end = slug[..=MAX_LENGTH].rfind('-').unwrap_or(MAX_LENGTH);
    &slug[..end]
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        if text.is_empty() {
            return Err(SlugError::Empty);
        }
        if let Some(c) = text
            .chars()
            .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-'))
        {
            return Err(SlugError::Character(c));
        }
        if text.len() > MAX_LENGTH {
            return Err(SlugError::TooLong(text.len()));
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(SlugError::Hyphen);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Slug, SlugError);

#[cfg(test)]
mod tests {
    use super::*;

    fn from_title(title: &str) -> Option<String> {
        Slug::from_title(title).map(String::from)
    }

    #[test]
    fn titles_become_slugs() {
        let title = "Leon Trotsky: Love, Death and Exile in Mexico";
        assert_eq!(
            from_title(title).unwrap(),
            "leon-trotsky-love-death-and-exile-in-mexico"
        );
        assert_eq!(from_title("  --Don’t   PANIC!--  ").unwrap(), "dont-panic");
        assert_eq!(
            from_title("Ünïcödé Straße, Ærø, Łódź, İstanbul").unwrap(),
            "unicode-strasse-aero-lodz-istanbul"
        );
        assert_eq!(
            from_title("ＦＵＬＬ ｗｉｄｔｈ ½").unwrap(),
            "full-width-1-2"
        );
        assert_eq!(from_title("Привет, world").unwrap(), "world");
    }

    #[test]
    fn titles_without_latin_letters_have_no_slug() {
        for title in ["", "Привет, мир", "日本語", "…!?", "🎉"] {
            assert_eq!(from_title(title), None, "{title}");
        }
    }

    #[test]
    fn long_titles_are_cut_between_words() {
        let slug = from_title(&"eleven char ".repeat(20)).unwrap();
        assert!(slug.len() <= 100 && slug.ends_with("char"), "{slug}");
        assert_eq!(from_title(&"x".repeat(300)).unwrap().len(), 100);
        let exact = format!("{} tail", "x".repeat(100));
        assert_eq!(from_title(&exact).unwrap(), "x".repeat(100));
    }

    #[test]
    fn derived_slugs_are_valid() {
        for title in [
            "a - b",
            "-a-",
            "é",
            "1984",
            &"ab ".repeat(80),
            "ß",
            "a\u{301}\u{301}b",
        ] {
            let slug = Slug::from_title(title).unwrap();
            assert_eq!(slug.as_str().parse(), Ok(slug.clone()));
        }
    }

    #[test]
    fn invalid_slugs_are_refused() {
        let parse = |text: &str| text.parse::<Slug>().unwrap_err();
        assert_eq!(parse(""), SlugError::Empty);
        assert_eq!(parse(&"a".repeat(101)), SlugError::TooLong(101));
        assert_eq!(parse("Abc"), SlugError::Character('A'));
        assert_eq!(parse("../etc"), SlugError::Character('.'));
        for text in ["-a", "a-", "a--b", "-"] {
            assert_eq!(parse(text), SlugError::Hyphen, "{text}");
        }
    }

    #[test]
    fn serde_keeps_the_rules() {
        assert_eq!(
            serde_json::to_string(&Slug("a-b".into())).unwrap(),
            "\"a-b\""
        );
        assert!(serde_json::from_str::<Slug>("\"a b\"").is_err());
    }
}

//! Slugs: the part of a permalink that identifies the article.

use std::{fmt, str::FromStr};

use super::Language;
use deunicode::deunicode_char;
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
    /// Derives a slug from a title in any script: letters are transliterated, apostrophes are removed, and everything else
    /// becomes a hyphen. The language (BCP 47) decides about umlauts: `ä` is `ae` in German, `a` in others. Returns `None`
    /// if the title has no letter and no digit.
    pub fn from_title(title: &str, language: &str) -> Option<Self> {
        let is_german = Language::primary_of(language) == "de";
        let mut slug = String::new();
        for c in title.nfc() {
            match transliterate(c, is_german) {
                Some(letters) => push(&mut slug, &letters),
                None => push(&mut slug, "-"),
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

/// Appends transliterated letters. All that a slug can't have becomes one hyphen, but not at the beginning.
fn push(slug: &mut String, letters: &str) {
    for c in letters.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            '\'' | '`' | '"' => {}
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
}

/// Transliterates a character, or returns `None` for one that separates words. The result may have capitals and spaces.
fn transliterate(c: char, is_german: bool) -> Option<String> {
    let letters = match c {
        'ä' | 'Ä' if is_german => "ae",
        'ö' | 'Ö' if is_german => "oe",
        'ü' | 'Ü' if is_german => "ue",
        '\'' | '’' | '‘' | 'ʼ' => "",
        'ŋ' | 'Ŋ' => "n",
        'ə' | 'Ə' => "e",
        // Accents that do not compose with the letter before them.
        '\u{300}'..='\u{36f}' => "",
        // Latin letters with marks, other forms of letters and digits, such as full-width ones, and fractions.
        c if c.nfkd().next().is_some_and(|basic| basic.is_ascii()) => {
            return Some(c.nfkd().filter(|part| !is_combining_mark(*part)).collect());
        }
        // Emoji have names too, but nobody would expect them in an address.
        c if c.is_alphanumeric() || is_combining_mark(c) => deunicode_char(c).unwrap_or_default(),
        _ => return None,
    };
    Some(letters.to_owned())
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
        Slug::from_title(title, "en").map(String::from)
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
    }

    #[test]
    fn titles_in_any_script_become_slugs() {
        for (title, slug) in [
            ("Привет, world", "privet-world"),
            ("Съешь же ещё", "sesh-zhe-eshchio"),
            ("Ελλάδα", "ellada"),
            ("日本語", "ri-ben-yu"),
            ("한국 신문", "hangug-sinmun"),
            ("مرحبا بالعالم", "mrhb-bllm"),
            ("नमस्ते", "nmste"),
            ("Party 🎉 heute", "party-heute"),
            ("٢٠٢٦", "2026"),
        ] {
            assert_eq!(from_title(title).as_deref(), Some(slug), "{title}");
        }
    }

    #[test]
    fn umlauts_are_two_letters_in_german() {
        let slug = |language| Slug::from_title("Übergrößenträger: a\u{308}", language).unwrap();
        assert_eq!(slug("de-AT").as_str(), "uebergroessentraeger-ae");
        assert_eq!(slug("DE").as_str(), "uebergroessentraeger-ae");
        assert_eq!(slug("sv").as_str(), "ubergrossentrager-a");
        assert_eq!(slug("").as_str(), "ubergrossentrager-a");
    }

    #[test]
    fn titles_without_letters_and_digits_have_no_slug() {
        for title in ["", "…!?", "🎉", "\u{301}", "—"] {
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
            "北京 — «Пекин» ﷺ ㍿ Ⅻ ①",
            &"日".repeat(200),
        ] {
            let slug = Slug::from_title(title, "de").unwrap();
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

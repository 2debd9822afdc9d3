//! Language tags.

use std::{fmt, str::FromStr};

use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};

/// A well-formed language tag (BCP 47, RFC 5646), such as `en`, `pt-BR`, `zh-Hant`, of at most 35 characters. A language
/// of two letters is one of ISO 639-1. It is not checked that other subtags are registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// The maximum length of a tag (RFC 5646, 4.4.1).
const MAX_LENGTH: usize = 35;

/// The error for a text that is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    #[error("a language is a tag like en, pt-BR or zh-Hant")]
    Malformed,
    #[error("no language has the code {0:?}; it is a tag like en, pt-BR or zh-Hant")]
    Unknown(String),
    #[error("the code of this language is {code:?}, not {written:?}")]
    OtherCode { written: String, code: &'static str },
}

/// The languages with a code of two letters (ISO 639-1), by that code, with their codes of three letters (ISO 639-2, both
/// forms if they differ).
const CODES: &str = include_str!("languages.txt");

impl Language {
    /// Normalizes a remote language tag to the form of RFC 5646 (2.1.1): `en_US` and `en-us` become `en-US`. Returns `None`
    /// for an invalid tag, and for one that names no particular language.
    pub fn from_remote(text: &str) -> Option<Language> {
        // The names of POSIX locales have suffixes: `en_US.UTF-8`, `de_DE@euro`.
        let tag = text.trim().split(['.', '@']).next()?.replace('_', "-");
        let mut subtags = tag.split('-');
        let primary = subtags.next()?.to_ascii_lowercase();
        let is_language = (2..=3).contains(&primary.len());
        if !is_language || matches!(primary.as_str(), "und" | "mul" | "mis" | "zxx") {
            return None;
        }
        let mut written = primary;
        let mut is_extended = false;
        for subtag in subtags {
            let mut subtag = subtag.to_ascii_lowercase();
            let is_alphabetic = subtag.bytes().all(|b| b.is_ascii_alphabetic());
            // Within an extension or private use, two letters are not a region.
            match subtag.len() {
                1 => is_extended = true,
                2 if is_alphabetic && !is_extended => subtag.make_ascii_uppercase(),
                4 if is_alphabetic && !is_extended => subtag[..1].make_ascii_uppercase(),
                _ => {}
            }
            written = format!("{written}-{subtag}");
        }
        (is_regular(&written) && Self::is_well_formed(&written)).then_some(Self(written))
    }

    /// Returns whether a tag is well-formed and begins with a language, rather than being for private use (`x-klingon`).
    pub fn is_well_formed(tag: &str) -> bool {
        let primary = tag.split('-').next().unwrap_or_default();
        tag.len() <= MAX_LENGTH
            && (2..=8).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && LanguageTag::parse(tag).is_ok()
    }

    /// Returns the primary language of a tag, in lower case: `de` for `de-AT`.
    pub fn primary_of(tag: &str) -> String {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        primary.to_ascii_lowercase()
    }

    /// Returns the tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether the subtags after a language are in the right order (RFC 5646, 2.1): extended languages, script,
/// region, variants, then extensions and private use.
fn is_regular(tag: &str) -> bool {
    let mut rank = 0;
    let mut expects_more = false;
    for subtag in tag.split('-').skip(1) {
        let is_alphabetic = subtag.bytes().all(|b| b.is_ascii_alphabetic());
        let begins_with_digit = subtag.starts_with(|c: char| c.is_ascii_digit());
        let is_number = subtag.bytes().all(|b| b.is_ascii_digit());
        let next = match subtag.len() {
            // The subtags after a singleton have no order.
            1 if rank < 7 => 6,
            1 => 7,
            _ if rank >= 6 => rank,
            3 if is_alphabetic && rank <= 1 => 1,
            4 if is_alphabetic && rank < 2 => 2,
            2 if is_alphabetic && rank < 3 => 3,
            3 if is_number && rank < 3 => 3,
            4 if begins_with_digit && rank <= 4 => 4,
            5..=8 if rank <= 4 => 4,
            _ => return false,
        };
        expects_more = subtag.len() == 1;
        rank = if subtag == "x" { 7 } else { next };
    }
    !expects_more
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        if !Self::is_well_formed(text) {
            return Err(LanguageError::Malformed);
        }
        check_code(&Self::primary_of(text))?;
        Ok(Self(text.to_owned()))
    }
}

/// Checks that a language (in lower case) has this code. Codes of three letters are too many to know; those of languages
/// with two letters are refused, as RFC 5646 (2.2.1) demands.
fn check_code(code: &str) -> Result<(), LanguageError> {
    let mut languages = CODES.lines().map(str::split_whitespace);
    match code.len() {
        2 if languages.any(|mut codes| codes.next() == Some(code)) => Ok(()),
        3 => {
            let short = languages.find_map(|mut codes| {
                let short = codes.next()?;
                codes.any(|long| long == code).then_some(short)
            });
            match short {
                Some(short) => Err(LanguageError::OtherCode {
                    written: code.to_owned(),
                    code: short,
                }),
                None => Ok(()),
            }
        }
        _ => Err(LanguageError::Unknown(code.to_owned())),
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Language, LanguageError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_tags_are_normalized() {
        for (written, tag) in [
            ("en", "en"),
            ("EN", "en"),
            ("en_US", "en-US"),
            ("en-us", "en-US"),
            ("en_US.UTF-8", "en-US"),
            ("de_DE@euro", "de-DE"),
            ("zh_hant_tw", "zh-Hant-TW"),
            ("zh-cmn-Hans-CN", "zh-cmn-Hans-CN"),
            ("sr-latn", "sr-Latn"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("en-a-bbb-x-a-ccc", "en-a-bbb-x-a-ccc"),
            ("en-x-us", "en-x-us"),
            (" gsw ", "gsw"),
        ] {
            let read = Language::from_remote(written);
            assert_eq!(read.as_ref().map(Language::as_str), Some(tag), "{written}");
        }
        for written in [
            "",
            "e",
            "und",
            "mul",
            "@none",
            "none",
            "english",
            "English (US)",
            "en-",
            "en--US",
            "en-US-US",
            "en-Latn-Cyrl",
            "en_US_POSIX_",
            "en-toolongsubtag",
            "en-x",
            "12",
            "äö",
            "C",
            "🇩🇪",
            "en-\"x",
            "de-1",
        ] {
            assert_eq!(Language::from_remote(written), None, "{written}");
        }
    }

    #[test]
    fn only_well_formed_tags_are_accepted() {
        for tag in ["en", "pt-BR", "zh-Hant-TW", "gsw", "de-CH-1996"] {
            assert_eq!(tag.parse::<Language>().unwrap().as_str(), tag);
        }
        for tag in [
            "",
            "e",
            "english language",
            "en_US",
            "en-",
            "-en",
            "1a",
            "en-\"x",
            "äö",
            "x-klingon",
            "de-1",
            "en-US-US",
            &"en-a".repeat(20),
        ] {
            assert_eq!(
                tag.parse::<Language>(),
                Err(LanguageError::Malformed),
                "{tag}"
            );
        }
    }

    #[test]
    fn a_language_has_a_known_code() {
        let parse = |tag: &str| tag.parse::<Language>().unwrap_err().to_string();
        for tag in ["xx", "uk-UA-", "EN_us", "english", "qq-DE"] {
            assert!(tag.parse::<Language>().is_err(), "{tag}");
        }
        assert!(parse("xx-DE").starts_with("no language has the code \"xx\""));
        assert!(parse("german").starts_with("no language has the code \"german\""));
        assert_eq!(
            parse("deu-AT"),
            "the code of this language is \"de\", not \"deu\""
        );
        assert_eq!(
            parse("ger"),
            "the code of this language is \"de\", not \"ger\""
        );
        for tag in ["nds", "gsw-CH", "yue-Hant", "sh", "EN-gb"] {
            assert!(tag.parse::<Language>().is_ok(), "{tag}");
        }
    }
}

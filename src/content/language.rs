//! The language of a text.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language tag that is well formed as of BCP 47 (RFC 5646), such as `en`, `pt-BR`, `zh-Hant`:
/// a language of 2 to 8 letters, then subtags of 1 to 8 letters or digits, 35 characters in all.
/// Whether the subtags are registered is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// The text is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a language is a tag like en, pt-BR or zh-Hant")]
pub struct LanguageError;

impl Language {
    /// The tag as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        let mut subtags = text.split('-');
        let primary = subtags.next().unwrap_or_default();
        let primary_fits =
            (2..=8).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        let subtag_fits =
            |s: &str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
        if text.len() <= 35 && primary_fits && subtags.all(subtag_fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LanguageError)
        }
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
    fn well_formed_tags_pass_and_others_do_not() {
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
            &"en-a".repeat(20),
        ] {
            assert_eq!(tag.parse::<Language>(), Err(LanguageError), "{tag}");
        }
    }
}

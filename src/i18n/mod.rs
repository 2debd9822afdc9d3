//! The languages of the interface: texts by key, and dates and numbers as each language writes them.
//!
//! Texts are Fluent messages in `locales/LANGUAGE/TOPIC.ftl`, which are part of the program. docs/languages.md says how
//! to add a language.

mod direction;
mod formats;
mod messages;

#[cfg(test)]
mod tests;

pub use direction::{Direction, direction_of};
pub use messages::Value;

use serde::{Serialize, Serializer};

/// A language of the interface. For templates it is its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    #[default]
    En,
    De,
    Fr,
    Es,
    Ar,
}

impl Locale {
    /// All languages of the interface.
    pub const ALL: [Locale; 5] = [Locale::En, Locale::De, Locale::Fr, Locale::Es, Locale::Ar];

    /// Returns the language of the interface for a BCP 47 tag, by its primary language: German for `de-AT`. Returns `None`
    /// if the interface is not translated into it.
    pub fn known(tag: &str) -> Option<Locale> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|locale| primary.eq_ignore_ascii_case(locale.tag()))
    }

    /// Returns the language of the interface for a BCP 47 tag, or English if the interface is not translated into it.
    pub fn from_tag(tag: &str) -> Locale {
        Self::known(tag).unwrap_or_default()
    }

    /// Returns its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::De => "de",
            Locale::Fr => "fr",
            Locale::Es => "es",
            Locale::Ar => "ar",
        }
    }

    /// Returns the direction of its script.
    pub fn direction(self) -> Direction {
        direction_of(self.tag())
    }
}

impl Serialize for Locale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.tag())
    }
}

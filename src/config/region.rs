//! Options about the place and the language of the publication.

use crate::content::Language;
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de::Error};

/// Reads the name of a time zone.
pub(super) fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| {
        D::Error::custom(format!(
            "{name:?} is not a time zone; time_zone must be an IANA name, such as \"Europe/Berlin\""
        ))
    })
}

/// Reads a language tag.
pub(super) fn language<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let tag = String::deserialize(deserializer)?;
    match tag.parse::<Language>() {
        Ok(language) => Ok(language.into()),
        Err(error) => Err(D::Error::custom(format!(
            "language is {tag:?}, but {error}"
        ))),
    }
}

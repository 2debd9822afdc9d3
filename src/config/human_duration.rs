//! Durations as people write them: "1 minute", "12 hours", "7 days".

use serde::{Deserialize, Deserializer, de::Error};
use std::time::Duration;

/// A duration above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanDuration(Duration);

impl HumanDuration {
    /// Creates a duration of so many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        HumanDuration(Duration::from_secs(seconds))
    }

    /// Creates a duration of so many days.
    pub const fn days(days: u64) -> Self {
        Self::seconds(days * 24 * 3600)
    }

    /// Returns the duration.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Returns the duration in milliseconds.
    pub fn milliseconds(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected =
            "a time must be written as in \"90 seconds\", \"1 minute\", \"12 hours\" or \"7 days\"";
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom(expected))?;
        match humantime::parse_duration(&text) {
            Ok(duration) if !duration.is_zero() => Ok(HumanDuration(duration)),
            _ => Err(D::Error::custom(format!("{expected}, not {text:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        wait: HumanDuration,
    }

    #[test]
    fn durations_are_parsed_as_people_write_them() {
        for (text, seconds) in [
            ("90 seconds", 90),
            ("1 minute", 60),
            ("1m 30s", 90),
            ("12 hours", 12 * 3600),
            ("7 days", 7 * 24 * 3600),
        ] {
            let file: File = toml::from_str(&format!("wait = {text:?}")).unwrap();
            assert_eq!(file.wait, HumanDuration::seconds(seconds), "{text}");
        }
    }

    #[test]
    fn the_error_for_an_invalid_duration_has_examples() {
        for text in ["\"soon\"", "\"0 s\"", "12", "\"-1 minute\"", "\"\""] {
            let error = toml::from_str::<File>(&format!("wait = {text}")).unwrap_err();
            assert!(error.message().contains("\"1 minute\""), "{text}: {error}");
        }
    }
}

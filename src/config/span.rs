//! Spans of time as people write them: "1 minute", "12 hours", "7 days".

use serde::{Deserialize, Deserializer, de::Error};
use std::time::Duration;

/// A span of time, longer than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanDuration(Duration);

impl HumanDuration {
    pub const fn seconds(seconds: u64) -> Self {
        HumanDuration(Duration::from_secs(seconds))
    }

    pub const fn days(days: u64) -> Self {
        Self::seconds(days * 24 * 3600)
    }

    pub const fn duration(self) -> Duration {
        self.0
    }

    /// In milliseconds, as the database counts time.
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
            Ok(span) if !span.is_zero() => Ok(HumanDuration(span)),
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
    fn spans_are_read_as_people_write_them() {
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
    fn what_is_no_span_is_explained() {
        for text in ["\"soon\"", "\"0 s\"", "12", "\"-1 minute\"", "\"\""] {
            let error = toml::from_str::<File>(&format!("wait = {text}")).unwrap_err();
            assert!(error.message().contains("\"1 minute\""), "{text}: {error}");
        }
    }
}

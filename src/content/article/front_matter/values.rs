//! Parses the values of front matter.

use super::{FrontMatterError, line_of};
use crate::base::time::parse_rfc3339;
use crate::content::{ImageSource, hashtag, text::without_controls};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use serde_yaml_ng::Value;
use std::{collections::HashSet, fmt::Display, str::FromStr};
use url::Url;

/// Parses values. Its errors have the line of the invalid value.
pub(super) struct Reader<'a> {
    pub yaml: &'a str,
}

impl Reader<'_> {
    pub(super) fn parse_with<T>(
        &self,
        key: &'static str,
        value: Option<String>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, FrontMatterError> {
        let value = text(value);
        value
            .map(|value| parse(&value))
            .transpose()
            .map_err(|reason| self.bad_value(key, reason))
    }

    pub(super) fn parse<T>(
        &self,
        key: &'static str,
        value: Option<String>,
    ) -> Result<Option<T>, FrontMatterError>
    where
        T: FromStr<Err: Display>,
    {
        self.parse_with(key, value, |value| {
            value
                .parse()
                .map_err(|error: T::Err| format!("{value:?}: {error}"))
        })
    }

    fn bad_value(&self, key: &'static str, reason: String) -> FrontMatterError {
        FrontMatterError::BadValue {
            key,
            line: line_of(self.yaml, key),
            reason,
        }
    }

    /// Parses the tags: a list, or one text with commas.
    pub(super) fn tags(&self, value: Option<Value>) -> Result<Vec<String>, FrontMatterError> {
        let words = match value {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Sequence(values)) => values
                .into_iter()
                .map(scalar)
                .collect::<Option<Vec<_>>>()
                .ok_or(())
                .map_err(|()| self.bad_value("tags", "each tag must be a text".into()))?,
            Some(value) => {
                let text = scalar(value).ok_or(()).map_err(|()| {
                    self.bad_value(
                        "tags",
                        "must be a list, or words separated by commas".into(),
                    )
                })?;
                text.split(',').map(str::to_owned).collect()
            }
        };
        let mut seen = HashSet::new();
        let words = words
            .iter()
            .map(|word| one_line(without_controls(word).trim().trim_start_matches('#')));
        Ok(words
            .filter(|word| !word.is_empty() && seen.insert(hashtag::key(word)))
            .collect())
    }
}

/// Returns a scalar as text.
fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Returns the trimmed text, unless it is empty.
pub(super) fn text(value: Option<String>) -> Option<String> {
    value
        .map(|text| without_controls(&text).trim().to_owned())
        .filter(|text| !text.is_empty())
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn parse_boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        other => Err(format!("{other:?} must be yes or no")),
    }
}

pub(super) fn parse_days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ 0..=36_500) => Ok(days),
        _ => Err(format!("{text:?} must be a number of days, or 0 for ever")),
    }
}

pub(super) fn parse_position(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(position @ -1_000_000..=1_000_000) => Ok(position),
        _ => Err(format!(
            "{text:?} must be a whole number: the page with the smallest is the first in its menu"
        )),
    }
}

/// Parses a date: RFC 3339, or `YYYY-MM-DD` with or without `HH:MM[:SS]`, which is UTC.
///
/// # Errors
/// A sentence with examples of valid dates.
pub(crate) fn parse_date(text: &str) -> Result<DateTime<Utc>, String> {
    let with_offset = parse_rfc3339(text);
    let with_time = || {
        [
            "%Y-%m-%d %H:%M",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%dT%H:%M:%S",
        ]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    };
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    };
    let date = with_offset.or_else(|| with_time().or_else(day).map(|date| date.and_utc()));
    date.filter(|date| (1..=9999).contains(&date.year())).ok_or_else(|| {
        format!("{text:?} is not a date; write 2026-01-31, 2026-01-31 18:30 (UTC) or 2026-01-31T18:30:00+01:00")
    })
}

pub(super) fn parse_image(text: &str) -> Result<ImageSource, String> {
    if text.contains(char::is_control) {
        return Err(format!("{text:?} has control characters"));
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(ImageSource::Url(url)),
        Ok(url) => Err(format!(
            "the URL of an image begins with https: or http:, not {}:",
            url.scheme()
        )),
        Err(url::ParseError::RelativeUrlWithoutBase) => Ok(ImageSource::Path(text.to_owned())),
        Err(error) => Err(format!("{text:?} is not a URL: {error}")),
    }
}

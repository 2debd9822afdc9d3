//! Parses the values of front matter.

use crate::base::time::parse_rfc3339;
use crate::content::{ImageSource, hashtag, text::without_controls};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use std::collections::HashSet;
use url::Url;

/// Returns the trimmed text, unless it is empty.
pub(super) fn text(value: &str) -> Option<String> {
    Some(without_controls(value).trim().to_owned()).filter(|text| !text.is_empty())
}

/// Returns words as tags: without `#`, and none twice.
pub(super) fn to_tags(words: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let words = words
        .iter()
        .map(|word| one_line(without_controls(word).trim().trim_start_matches('#')));
    words
        .filter(|word| !word.is_empty() && seen.insert(hashtag::key(word)))
        .collect()
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

/// Parses a date: RFC 3339, or `YYYY-MM-DD` with or without `HH:MM[:SS]`, which is UTC unless an offset such as `+0100`
/// follows.
///
/// # Errors
/// A sentence with examples of valid dates.
pub(crate) fn parse_date(text: &str) -> Result<DateTime<Utc>, String> {
    let with_offset = parse_rfc3339(text).or_else(|| {
        let forms = [
            "%Y-%m-%d %H:%M:%S%.f %z",
            "%Y-%m-%d %H:%M %z",
            "%Y-%m-%dT%H:%M:%S%.f%z",
        ];
        let found = forms
            .iter()
            .find_map(|format| DateTime::parse_from_str(text, format).ok());
        found.map(|date| date.to_utc())
    });
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let with_time = || {
        [
            "%Y-%m-%d %H:%M",
            "%Y-%m-%d %H:%M:%S%.f",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%dT%H:%M:%S%.f",
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

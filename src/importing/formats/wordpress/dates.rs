//! Dates in exports.

use super::tree::Element;
use chrono::{DateTime, Datelike, NaiveDateTime};

/// The years in which a date is believed: old letters and diaries have theirs.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// Parses `2010-08-21 09:00:00` as milliseconds since 1970. A date that was never set has the year 0000.
fn parse(text: &str) -> Option<i64> {
    let date = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    YEARS
        .contains(&date.year())
        .then(|| date.and_utc().timestamp_millis())
}

/// Returns the date in UTC, or the local one less `offset`, or that of the feed.
pub(super) fn published(item: &Element, offset: i64) -> Option<i64> {
    let of_feed = || {
        let date = DateTime::parse_from_rfc2822(item.text_of("pubDate")).ok()?;
        YEARS
            .contains(&date.year())
            .then(|| date.timestamp_millis())
    };
    either(item, "wp:post_date_gmt", "wp:post_date", offset).or_else(of_feed)
}

/// Returns the date of the last change.
pub(super) fn updated(item: &Element, offset: i64) -> Option<i64> {
    either(item, "wp:post_modified_gmt", "wp:post_modified", offset)
}

/// Returns the date of a comment.
pub(super) fn commented(comment: &Element, offset: i64) -> Option<i64> {
    either(comment, "wp:comment_date_gmt", "wp:comment_date", offset)
}

fn either(element: &Element, utc: &str, local: &str, offset: i64) -> Option<i64> {
    let utc = parse(element.text_of(utc));
    utc.or_else(|| parse(element.text_of(local)).map(|local| local - offset))
}

/// Returns how many milliseconds the local date of an item is ahead of UTC, if it has both.
pub(super) fn offset(item: &Element) -> Option<i64> {
    let difference =
        parse(item.text_of("wp:post_date"))? - parse(item.text_of("wp:post_date_gmt"))?;
    const DAY: i64 = 24 * 60 * 60 * 1000;
    (-DAY..=DAY).contains(&difference).then_some(difference)
}

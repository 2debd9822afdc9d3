//! Points in time, which the program stores and passes on as milliseconds since 1970-01-01 UTC.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;

/// Returns the current time.
pub fn now() -> i64 {
    Utc::now().timestamp_millis()
}

/// Converts a stored time. One that is outside the calendar's range becomes 1970-01-01.
pub fn from_millis(milliseconds: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(milliseconds)
        .single()
        .unwrap_or_default()
}

/// Formats a stored time by RFC 3339, in UTC and to the second: `2026-11-20T10:30:00Z`.
pub(crate) fn rfc3339(milliseconds: i64) -> String {
    format_rfc3339(from_millis(milliseconds))
}

/// Formats a stored time by RFC 3339, in UTC and to the millisecond: `2026-11-20T10:30:00.123Z`.
pub(crate) fn rfc3339_millis(milliseconds: i64) -> String {
    from_millis(milliseconds).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Formats a time by RFC 3339, in UTC and to the second.
pub(crate) fn format_rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Parses a time in RFC 3339. Returns `None` for any other text.
pub(crate) fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.to_utc())
}

/// Returns the day of a stored time in a time zone (`2026-11-20`), and the time at which it began.
pub(crate) fn day_of(milliseconds: i64, zone: Tz) -> (NaiveDate, i64) {
    let day = from_millis(milliseconds).with_timezone(&zone).date_naive();
    (day, start_of(day, zone))
}

/// Returns the time at which a day begins in a time zone. Where midnight is skipped, that is later.
fn start_of(day: NaiveDate, zone: Tz) -> i64 {
    let hours = (0..3).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let mut times = hours.filter_map(|time| zone.from_local_datetime(&time).earliest());
    times.next().map_or(0, |time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: i64 = 1_795_170_600_123;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(TIME), "2026-11-20T10:30:00Z");
        assert_eq!(rfc3339_millis(TIME), "2026-11-20T10:30:00.123Z");
        assert_eq!(rfc3339(i64::MAX), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn written_times_are_parsed() {
        let time = parse_rfc3339("2026-11-20T11:30:00.123+01:00").unwrap();
        assert_eq!(time, from_millis(TIME));
        assert_eq!(parse_rfc3339("2026-11-20"), None);
    }

    #[test]
    fn days_begin_at_midnight_of_their_zone() {
        let (day, start) = day_of(TIME, Tz::Europe__Berlin);
        assert_eq!(day.to_string(), "2026-11-20");
        assert_eq!(rfc3339(start), "2026-11-19T23:00:00Z");
        // Midnight does not exist there on that day.
        let (_, start) = day_of(1_536_500_000_000, Tz::America__Santiago);
        assert_eq!(rfc3339(start), "2018-09-09T03:00:00Z");
        let day = NaiveDate::from_ymd_opt(2018, 8, 12).unwrap();
        let start = start_of(day, Tz::America__Santiago);
        assert_eq!(rfc3339(start), "2018-08-12T04:00:00Z");
    }
}

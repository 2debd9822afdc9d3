//! Points in time, which the program stores and passes on as milliseconds since 1970-01-01 UTC.

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};

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
}

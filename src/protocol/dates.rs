//! Parses the dates of other servers: ISO 8601, although ActivityStreams 2.0 (2.3) allows only a part of it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// The maximum length of a date, in bytes.
const MAX_LENGTH: usize = 64;

/// Parses a date and time. Without an offset it is in UTC. Without a time it is the beginning of the day.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    // ISO 8601 allows the minus sign for the hyphen.
    let text = text.trim().replace('\u{2212}', "-");
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (text.trim_end_matches(['Z', 'z']), None),
    };
    let midnight = date_of(date)?.and_time(NaiveTime::MIN);
    let Some(time) = time else {
        return Some(midnight.and_utc());
    };
    let belongs_to_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',');
    let end = time.find(|c| !belongs_to_time(c)).unwrap_or(time.len());
    let since_midnight = time_of(&time[..end])?;
    let local = midnight.checked_add_signed(since_midnight)?;
    let utc = local.checked_sub_signed(offset_of(time[end..].trim_start())?)?;
    Some(utc.and_utc())
}

/// Returns the text with each digit replaced by `d`.
fn shape_of(text: &str) -> String {
    let shape = |c: char| if c.is_ascii_digit() { 'd' } else { c };
    text.chars().map(shape).collect()
}

/// Parses the digits of a text, in groups of these lengths, as numbers.
fn numbers<const N: usize>(text: &str, lengths: [usize; N]) -> Option<[u32; N]> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (mut numbers, mut start) = ([0; N], 0);
    for (number, length) in numbers.iter_mut().zip(lengths) {
        *number = digits.get(start..start + length)?.parse().ok()?;
        start += length;
    }
    Some(numbers)
}

/// Parses a calendar, ordinal or week date, extended or basic. A date of lower precision yields its first day.
fn date_of(text: &str) -> Option<NaiveDate> {
    match shape_of(text).as_str() {
        "dddd-dd-dd" | "dddddddd" => {
            let [year, month, day] = numbers(text, [4, 2, 2])?;
            NaiveDate::from_ymd_opt(year as i32, month, day)
        }
        "dddd-dd" => {
            let [year, month] = numbers(text, [4, 2])?;
            NaiveDate::from_ymd_opt(year as i32, month, 1)
        }
        "dddd" => NaiveDate::from_ymd_opt(text.parse().ok()?, 1, 1),
        "dddd-ddd" | "ddddddd" => {
            let [year, day] = numbers(text, [4, 3])?;
            NaiveDate::from_yo_opt(year as i32, day)
        }
        "dddd-Wdd-d" | "ddddWddd" => {
            let [year, week, day] = numbers(text, [4, 2, 1])?;
            let day = Weekday::try_from(day.checked_sub(1)? as u8).ok()?;
            NaiveDate::from_isoywd_opt(year as i32, week, day)
        }
        "dddd-Wdd" | "ddddWdd" => {
            let [year, week] = numbers(text, [4, 2])?;
            NaiveDate::from_isoywd_opt(year as i32, week, Weekday::Mon)
        }
        _ => None,
    }
}

/// Returns the time since midnight. A fraction belongs to the last unit given.
fn time_of(text: &str) -> Option<TimeDelta> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, fraction_of(fraction)?),
        None => (text, 0.0),
    };
    let ([hour, minute, second], unit) = match shape_of(whole).as_str() {
        "dd:dd:dd" | "dddddd" => (numbers(whole, [2, 2, 2])?, 1.0),
        "dd:dd" | "dddd" => {
            let [hour, minute] = numbers(whole, [2, 2])?;
            ([hour, minute, 0], 60.0)
        }
        "dd" => ([whole.parse().ok()?, 0, 0], 3600.0),
        _ => return None,
    };
    // 24:00 is the end of a day; a leap second has the number 60.
    let is_end = hour == 24 && minute == 0 && second == 0 && fraction == 0.0;
    if !(hour < 24 || is_end) || minute > 59 || second > 60 {
        return None;
    }
    let nanoseconds = (fraction * unit * 1e9) as i64;
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some(TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanoseconds))
}

fn fraction_of(digits: &str) -> Option<f64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("0.{digits}").parse().ok())?
}

/// Parses the offset from UTC. The name of a zone after it (RFC 9557) is ignored.
fn offset_of(text: &str) -> Option<TimeDelta> {
    let text = text.split('[').next().unwrap_or_default().trim_end();
    if text.is_empty() || ["z", "utc", "gmt"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(TimeDelta::zero());
    }
    let [hours, minutes] = match shape_of(text).as_str() {
        "+dd:dd" | "-dd:dd" | "+dddd" | "-dddd" => numbers(text, [2, 2])?,
        "+dd" | "-dd" => [text[1..].parse().ok()?, 0],
        _ => return None,
    };
    let offset = TimeDelta::minutes(i64::from(hours * 60 + minutes));
    match (hours < 24 && minutes < 60, text.starts_with('-')) {
        (false, _) => None,
        (true, true) => Some(-offset),
        (true, false) => Some(offset),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_time_is_parsed_in_every_format() {
        for text in [
            "2026-11-20T10:30:00Z",
            "2026-11-20t10:30:00z",
            "2026-11-20T10:30Z",
            "2026-11-20T10:30",
            "2026-11-20T10:30:00",
            "2026-11-20 10:30:00",
            "2026-11-20 10:30:00Z",
            "2026-11-20 10:30:00 UTC",
            "2026-11-20 10:30:00 +0000",
            "2026-11-20T10:30:00+0000",
            "2026-11-20T10:30:00+00",
            "2026-11-20T10:30:00-00:00",
            "2026-11-20T12:30:00+0200",
            "2026-11-20T12:30:00+02",
            "2026-11-20T05:00:00-05:30",
            "2026-11-20T05:00:00\u{2212}05:30",
            "2026-11-20T05:00:00-0530",
            "2026-11-20T11:30:00+01:00[Europe/Paris]",
            "2026-11-20T10:30:00.0Z",
            "2026-11-20T10:30:00.000000000Z",
            "2026-11-20T10:30:00,000+00:00",
            "2026-11-20T10.5Z",
            "20261120T103000Z",
            "20261120T1030Z",
            "20261120T103000+0000",
            "2026-324T10:30:00Z",
            "2026324T103000Z",
            "2026-W47-5T10:30:00Z",
            "2026W475T103000Z",
            "2026-11-20T10:29:60Z",
            "  2026-11-20T10:30:00Z\n",
        ] {
            let time = parse(text).unwrap_or_else(|| panic!("{text} can't be parsed"));
            assert_eq!(time.to_rfc3339(), "2026-11-20T10:30:00+00:00", "{text}");
        }
    }

    #[test]
    fn a_day_without_a_time_is_its_beginning() {
        for text in [
            "2026-11-20",
            "2026-11-20Z",
            "20261120",
            "2026-324",
            "2026-W47-5",
            "2026-11-19T24:00:00Z",
            "2026-11-20T00Z",
        ] {
            let time = parse(text).unwrap_or_else(|| panic!("{text} can't be parsed"));
            assert_eq!(time.to_rfc3339(), "2026-11-20T00:00:00+00:00", "{text}");
        }
        assert_eq!(parse("2026-11"), parse("2026-11-01"));
        assert_eq!(parse("2026"), parse("2026-01-01"));
        assert_eq!(parse("2026-W47"), parse("2026-11-16"));
    }

    #[test]
    fn fractions_are_kept() {
        for (text, milliseconds) in [
            ("2026-11-20T10:30:00.123Z", 123),
            ("2026-11-20T10:30:00.123456789Z", 123),
            ("2026-11-20T10:30:00,5Z", 500),
            ("2026-11-20T10:30.5Z", 30_000),
        ] {
            let whole = parse("2026-11-20T10:30:00Z").unwrap();
            let passed = (parse(text).unwrap() - whole).num_milliseconds();
            assert_eq!(passed, milliseconds, "{text}");
        }
    }

    #[test]
    fn invalid_dates_are_refused() {
        for text in [
            "",
            " ",
            "yesterday",
            "1700000000",
            "2026-13-01",
            "2026-02-30T00:00:00Z",
            "2026-11-20T25:00:00Z",
            "2026-11-20T24:00:01Z",
            "2026-11-20T10:60:00Z",
            "2026-11-20T10:30:61Z",
            "2026-11-20T10:30:00.Z",
            "2026-11-20T10:30:00+25:00",
            "2026-11-20T10:30:00 CEST",
            "2026-11-20T",
            "2026-11-20T10:30:00Z later",
            "+1000000-01-01T00:00:00Z",
            "2026-W54-1",
            "2026-W47-8",
            "2026-366",
            "20261120T٣٣٣٣",
            &"2".repeat(100),
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

//! Times as an admin writes them, such as `tomorrow 9:00`, `next friday at 18:00`, `in 2 hours` or `2026-12-01 09:00`.
//!
//! The grammar is small and strict: a text with two meanings is refused with the forms that are accepted.

mod words;

use super::{exit::UsageError, output};
use anyhow::Result as CommandResult;
use chrono::{
    DateTime, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc,
};
use chrono_tz::Tz;
use words::{Count, Unit, weekday};

/// The maximum length of a text that is read, in bytes.
const MAX_BYTES: usize = 60;

/// The forms that are accepted for a time in the future.
const FORMS: &str = "write \"tomorrow 9:00\", \"next friday 18:00\", \"in 2 hours\", \"2026-12-01 09:00\" or \
                     \"2026-12-01T09:00:00+01:00\"";
/// The forms that are accepted for a time in the past.
const PAST_FORMS: &str =
    "write \"yesterday\", \"last friday\", \"3 days ago\", \"2026-12-01\" or \"2026-12-01 09:00\"";

/// The direction in which a weekday or a time of the day lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Toward {
    Future,
    Past,
}

/// Reads the argument of an option that takes a time in the future, in milliseconds.
///
/// # Errors
/// A usage error that says which forms are accepted.
pub(crate) fn future_argument(text: &str) -> CommandResult<i64> {
    match future(text, output::zone(), Utc::now()) {
        Ok(at) => Ok(at.timestamp_millis()),
        Err(message) => Err(UsageError::new(message).into()),
    }
}

/// Reads the argument of a filter that takes a time, in milliseconds.
///
/// # Errors
/// A usage error that says which forms are accepted.
pub(crate) fn past_argument(text: &str) -> CommandResult<i64> {
    match past(text, output::zone(), Utc::now()) {
        Ok(at) => Ok(at.timestamp_millis()),
        Err(message) => Err(UsageError::new(message).into()),
    }
}

/// Reads a time that must be in the future, in the publication's time zone. `now` is accepted too.
///
/// # Errors
/// A sentence that says which forms are accepted, or why the time can't be.
pub(crate) fn future(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let at = read(text, zone, now, Toward::Future)?;
    if at < now {
        return Err(format!(
            "{text:?} has passed: it means {}. Write a time in the future",
            shown(at, zone)
        ));
    }
    Ok(at)
}

/// Reads a time for a filter, past or future, in the publication's time zone. A day alone is its beginning.
///
/// # Errors
/// A sentence that says which forms are accepted.
pub(crate) fn past(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    read(text, zone, now, Toward::Past)
}

fn shown(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%Y-%m-%d %H:%M %Z")
        .to_string()
}

fn read(text: &str, zone: Tz, now: DateTime<Utc>, toward: Toward) -> Result<DateTime<Utc>, String> {
    let refused = || {
        let forms = match toward {
            Toward::Future => FORMS,
            Toward::Past => PAST_FORMS,
        };
        let shown: String = text.chars().take(MAX_BYTES).collect();
        format!("{shown:?} is not a time: {forms}")
    };
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return Err(refused());
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(&text.to_uppercase()) {
        return Ok(at.to_utc());
    }
    let words = words::split(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let local = now.with_timezone(&zone).naive_local();
    if let Some(parsed) = relative(&words, zone, now, local, toward) {
        return parsed;
    }
    let (zone, words) = match words.split_last() {
        Some((last, before)) if !before.is_empty() => match zone_of(last, text) {
            Some(named) => (named, before),
            None => (zone, &words[..]),
        },
        _ => (zone, &words[..]),
    };
    let local = now.with_timezone(&zone).naive_local();
    let civil = civil(words, local, toward).ok_or_else(refused)?;
    civil.at(zone, text)
}

/// Reads a distance from now: `now`, `in 2 hours`, `in 3 days at 9:00`, `2 days ago`.
fn relative(
    words: &[&str],
    zone: Tz,
    now: DateTime<Utc>,
    local: NaiveDateTime,
    toward: Toward,
) -> Option<Result<DateTime<Utc>, String>> {
    let (is_back, words) = match words {
        ["now"] => return Some(Ok(now)),
        ["in", rest @ ..] => (false, rest),
        [rest @ .., "ago"] => (true, rest),
        [one] if toward == Toward::Past && words::count(one).is_some() => (true, words),
        _ => return None,
    };
    let (counts, rest) = words::counts(words)?;
    let mut at = local;
    let mut exact = chrono::Duration::zero();
    for Count { number, unit } in counts {
        let number = u32::try_from(number).ok()?;
        match unit {
            Unit::Seconds(seconds) => {
                exact += chrono::Duration::try_seconds(i64::from(number).checked_mul(seconds)?)?;
            }
            Unit::Days(days) => {
                let days = Days::new(u64::from(number) * days);
                at = if is_back {
                    at.checked_sub_days(days)?
                } else {
                    at.checked_add_days(days)?
                };
            }
            Unit::Months(months) => {
                let months = Months::new(number.checked_mul(months)?);
                at = if is_back {
                    at.checked_sub_months(months)?
                } else {
                    at.checked_add_months(months)?
                };
            }
        }
    }
    let has_days = at != local;
    if let Some(time) = time_after_at(rest)? {
        let civil = Civil {
            day: at.date(),
            time: Some(time),
        };
        return (has_days && exact.is_zero() && !is_back).then(|| civil.at(zone, "the time"));
    }
    let start = if has_days {
        // The same time of another day. In a gap of the clocks, the first time after it.
        first_after(zone, at)?
    } else {
        now
    };
    let moved = if is_back {
        start.checked_sub_signed(exact)
    } else {
        start.checked_add_signed(exact)
    };
    moved.map(Ok)
}

/// Reads `[at TIME]`. Returns `None` for other words, `Some(None)` for none.
fn time_after_at(words: &[&str]) -> Option<Option<NaiveTime>> {
    match words {
        [] => Some(None),
        ["at", time @ ..] => words::time(time).map(Some),
        time => words::time(time).map(Some),
    }
}

/// A day and a time of it in some time zone.
#[derive(Debug, Clone, Copy)]
struct Civil {
    day: NaiveDate,
    /// Without it, the beginning of the day is meant.
    time: Option<NaiveTime>,
}

impl Civil {
    fn at(self, zone: Tz, text: &str) -> Result<DateTime<Utc>, String> {
        let Some(time) = self.time else {
            return first_after(zone, self.day.and_time(NaiveTime::MIN))
                .ok_or_else(|| format!("{text:?} is outside of the calendar"));
        };
        let local = self.day.and_time(time);
        let shown = local.format("%Y-%m-%d %H:%M");
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => Ok(at.to_utc()),
            LocalResult::Ambiguous(first, second) => Err(format!(
                "{shown} is there twice in {zone}, because the clocks are set back: write {} or {}",
                first.format("%Y-%m-%dT%H:%M:%S%:z"),
                second.format("%Y-%m-%dT%H:%M:%S%:z")
            )),
            LocalResult::None => Err(format!(
                "{shown} does not exist in {zone}, because the clocks are set forward: write another time"
            )),
        }
    }
}

/// Returns the first point in time at a local time, or after it if the clocks skip it.
fn first_after(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    (0..=24 * 4)
        .filter_map(|quarters| {
            let local = local.checked_add_signed(chrono::Duration::minutes(15 * quarters))?;
            zone.from_local_datetime(&local).earliest()
        })
        .next()
        .map(|at| at.to_utc())
}

/// Reads the name of a time zone behind a time, such as `UTC` or `Europe/Berlin`.
fn zone_of(word: &str, text: &str) -> Option<Tz> {
    match word {
        "utc" | "gmt" | "z" => return Some(Tz::UTC),
        name if !name.contains('/') => return None,
        _ => {}
    }
    // Names of zones have capitals.
    let name = text.split_whitespace().next_back()?;
    chrono_tz::TZ_VARIANTS
        .iter()
        .find(|zone| zone.name().eq_ignore_ascii_case(name))
        .copied()
}

/// Reads a day with or without a time, or a time of today.
fn civil(words: &[&str], now: NaiveDateTime, toward: Toward) -> Option<Civil> {
    let today = now.date();
    if let [number] = words
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        // `9` may be a day, too.
        return None;
    }
    if let Some(time) = words::time(words.strip_prefix(&["at"]).unwrap_or(words)) {
        return Some(Civil {
            day: today,
            time: Some(time),
        });
    }
    let (day, rest) = day(words, today)
        .map(|(day, rest)| (Day::Fixed(day), rest))
        .or_else(|| day_of_week(words))?;
    let time = time_after_at(rest)?;
    let day = match day {
        Day::Fixed(day) => day,
        Day::OfWeek(weekday, which) => {
            let has_passed = time.unwrap_or(NaiveTime::MIN) <= now.time();
            which.resolve(weekday, today, has_passed, toward)?
        }
    };
    Some(Civil { day, time })
}

enum Day {
    Fixed(NaiveDate),
    OfWeek(chrono::Weekday, Which),
}

/// The week of a weekday.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The nearest in the direction, today included.
    Nearest,
    /// The first after today.
    Next,
    /// The last before today.
    Last,
}

impl Which {
    fn resolve(
        self,
        weekday: chrono::Weekday,
        today: NaiveDate,
        has_passed: bool,
        toward: Toward,
    ) -> Option<NaiveDate> {
        use chrono::Datelike;
        let ahead = u64::from(weekday.days_since(today.weekday()));
        let is_back = match self {
            Which::Nearest => toward == Toward::Past,
            Which::Next => false,
            Which::Last => true,
        };
        let is_today_meant = self == Which::Nearest && (is_back || !has_passed);
        let days = match (ahead, is_back) {
            (0, _) if is_today_meant => 0,
            (0, _) => 7,
            (ahead, false) => ahead,
            (ahead, true) => 7 - ahead,
        };
        if is_back {
            today.checked_sub_days(Days::new(days))
        } else {
            today.checked_add_days(Days::new(days))
        }
    }
}

fn day_of_week<'a>(words: &'a [&'a str]) -> Option<(Day, &'a [&'a str])> {
    let (which, name, rest) = match words {
        ["next", name, rest @ ..] => (Which::Next, name, rest),
        ["last", name, rest @ ..] => (Which::Last, name, rest),
        ["this" | "on", name, rest @ ..] | [name, rest @ ..] => (Which::Nearest, name, rest),
        [] => return None,
    };
    Some((Day::OfWeek(weekday(name)?, which), rest))
}

/// Reads a day that does not depend on the time: a date, or one relative to today.
fn day<'a>(words: &'a [&'a str], today: NaiveDate) -> Option<(NaiveDate, &'a [&'a str])> {
    match words {
        ["today", rest @ ..] => Some((today, rest)),
        ["tomorrow", rest @ ..] => Some((today.succ_opt()?, rest)),
        ["yesterday", rest @ ..] => Some((today.pred_opt()?, rest)),
        ["next", "week", rest @ ..] => Some((today.checked_add_days(Days::new(7))?, rest)),
        ["last", "week", rest @ ..] => Some((today.checked_sub_days(Days::new(7))?, rest)),
        ["next", "month", rest @ ..] => Some((today.checked_add_months(Months::new(1))?, rest)),
        ["last", "month", rest @ ..] => Some((today.checked_sub_months(Months::new(1))?, rest)),
        ["on", rest @ ..] => words::date(rest, today),
        words => words::date(words, today),
    }
}

#[cfg(test)]
mod tests;

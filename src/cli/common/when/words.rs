//! The words of which times consist.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

/// A number of units, such as `2 hours`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) number: u64,
    pub(super) unit: Unit,
}

/// A unit of time. Days and months have no fixed length where clocks change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Seconds(i64),
    Days(u64),
    Months(u32),
}

/// Splits a text into words in small letters, without commas. The `T` of an ISO time separates words.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in text.to_lowercase().split_whitespace() {
        let word = word.trim_end_matches(',');
        let is_iso =
            word.len() > 11 && word.is_char_boundary(10) && iso_date(&word[..10]).is_some();
        match word.get(10..11) {
            Some("t") if is_iso => {
                words.push(word[..10].to_owned());
                words.push(word[11..].to_owned());
            }
            _ if word.is_empty() => {}
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Reads as many counts as there are. Returns them with the other words, or `None` if there is none.
pub(super) fn counts<'a>(words: &'a [&'a str]) -> Option<(Vec<Count>, &'a [&'a str])> {
    let (mut counts, mut rest) = (Vec::new(), words);
    loop {
        let after_and = match rest {
            ["and", after @ ..] if !counts.is_empty() => after,
            other => other,
        };
        let next = match after_and {
            [one, after @ ..] if count(one).is_some() => count(one).map(|count| (count, after)),
            [number, name, after @ ..] => match (number_of(number), unit(name)) {
                (Some(number), Some(unit)) => Some((Count { number, unit }, after)),
                _ => None,
            },
            _ => None,
        };
        match next {
            Some((count, after)) => {
                counts.push(count);
                rest = after;
            }
            None if counts.is_empty() => return None,
            None => return Some((counts, rest)),
        }
    }
}

/// Reads a count of one word, such as `2h`.
pub(super) fn count(word: &str) -> Option<Count> {
    let digits = word.find(|c: char| !c.is_ascii_digit())?;
    let (number, name) = word.split_at(digits);
    Some(Count {
        number: number.parse().ok()?,
        unit: unit(name)?,
    })
}

fn number_of(word: &str) -> Option<u64> {
    const NAMES: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    match word {
        "a" | "an" => Some(1),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        name => NAMES
            .iter()
            .position(|known| *known == name)
            .map(|index| index as u64 + 1),
    }
}

fn unit(name: &str) -> Option<Unit> {
    Some(match name {
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds(1),
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Seconds(60),
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Seconds(60 * 60),
        "d" | "day" | "days" => Unit::Days(1),
        "w" | "week" | "weeks" => Unit::Days(7),
        "month" | "months" => Unit::Months(1),
        "y" | "year" | "years" => Unit::Months(12),
        _ => return None,
    })
}

pub(super) fn weekday(name: &str) -> Option<Weekday> {
    name.trim_end_matches('.').parse().ok()
}

/// Reads a time of the day, such as `9:00`, `09:00:30`, `9am`, `9 am`, `noon`. A number alone is an hour.
pub(super) fn time(words: &[&str]) -> Option<NaiveTime> {
    let (text, is_12_hours) = match words {
        ["noon" | "midday"] => return NaiveTime::from_hms_opt(12, 0, 0),
        ["midnight"] => return Some(NaiveTime::MIN),
        [time, "am" | "a.m." | "pm" | "p.m."] => (*time, Some(words[1].starts_with('p'))),
        [time, "h" | "uhr" | "o'clock"] => (*time, None),
        [time] => {
            let half = |suffix: &str| time.strip_suffix(suffix);
            match (half("am"), half("pm"), half("h")) {
                (Some(time), _, _) => (time, Some(false)),
                (_, Some(time), _) => (time, Some(true)),
                (_, _, Some(time)) => (time, None),
                _ => (*time, None),
            }
        }
        _ => return None,
    };
    let parts: Vec<&str> = text.split(':').collect();
    if parts.is_empty() || parts.len() > 3 {
        return None;
    }
    let mut numbers = [0; 3];
    for (index, part) in parts.iter().enumerate() {
        let fits = match index {
            0 => (1..=2).contains(&part.len()),
            _ => part.len() == 2,
        };
        if !fits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        numbers[index] = part.parse().ok()?;
    }
    let hour = match (is_12_hours, numbers[0]) {
        (None, hour) => hour,
        (Some(_), 0 | 13..) => return None,
        (Some(false), 12) => 0,
        (Some(true), 12) => 12,
        (Some(is_afternoon), hour) => hour + if is_afternoon { 12 } else { 0 },
    };
    NaiveTime::from_hms_opt(hour, numbers[1], numbers[2])
}

/// Reads a date at the beginning of words: `2026-12-01`, `1 December 2026`, `December 1, 2026`, `1.12.2026`. A date
/// with two meanings, such as `12/01/2026`, is none. Without a year, the next such day is meant.
pub(super) fn date<'a>(
    words: &'a [&'a str],
    today: NaiveDate,
) -> Option<(NaiveDate, &'a [&'a str])> {
    let with_year = |month: u32, day: u32, rest: &'a [&'a str]| match rest {
        [year, rest @ ..] if year.len() == 4 && year.parse::<i32>().is_ok() => Some((
            NaiveDate::from_ymd_opt(year.parse().ok()?, month, day)?,
            rest,
        )),
        rest => {
            let this = NaiveDate::from_ymd_opt(today.year(), month, day)?;
            if this >= today {
                return Some((this, rest));
            }
            Some((NaiveDate::from_ymd_opt(today.year() + 1, month, day)?, rest))
        }
    };
    match words {
        [first, rest @ ..] if iso_date(first).is_some() => Some((iso_date(first)?, rest)),
        [first, rest @ ..] if is_dotted(first) => {
            let mut parts = first.splitn(3, '.');
            let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            match parts.next() {
                None | Some("") => with_year(month, day, rest),
                Some(year) if year.len() == 4 => Some((
                    NaiveDate::from_ymd_opt(year.parse().ok()?, month, day)?,
                    rest,
                )),
                Some(_) => None,
            }
        }
        [first, second, rest @ ..] => match (month(first), month(second)) {
            (Some(month), None) => with_year(month, ordinal(second)?, rest),
            (None, Some(month)) => with_year(month, ordinal(first)?, rest),
            _ => None,
        },
        _ => None,
    }
}

/// Returns whether a word has the form of `1.12.` or `1.12.2026`.
fn is_dotted(word: &str) -> bool {
    let mut parts = word.split('.');
    let mut is_number = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    is_number() && is_number()
}

fn iso_date(word: &str) -> Option<NaiveDate> {
    (word.len() == 10)
        .then(|| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok())
        .flatten()
        .filter(|date| date.year() >= 1)
}

fn month(name: &str) -> Option<u32> {
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'.');
    let month: chrono::Month = is_word.then(|| name.trim_end_matches('.').parse().ok())??;
    Some(month.number_from_month())
}

/// Reads the number of a day, such as `1`, `1st` or `1.`.
fn ordinal(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th", "."]
        .iter()
        .find_map(|suffix| word.strip_suffix(suffix))
        .unwrap_or(word);
    digits.parse().ok()
}

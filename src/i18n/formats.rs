//! Dates, times and numbers. Making a formatter costs more than using it, so that each thread makes it once.

use super::Locale;
use chrono::{DateTime, Datelike, Offset, Timelike, Utc};
use chrono_tz::Tz;
use icu_calendar::{Date, Gregorian};
use icu_datetime::{
    FixedCalendarDateTimeFormatter,
    fieldsets::{Combo, T, YMD, zone::SpecificShort},
};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::{Locale as IcuLocale, locale};
use icu_time::{
    Time, TimeZone, TimeZoneInfo, ZonedDateTime,
    zone::{UtcOffset, models::AtTime},
};
use std::cell::OnceCell;

type Zoned = ZonedDateTime<Gregorian, TimeZoneInfo<AtTime>>;

/// The formatters of one language.
struct Formats {
    date: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    time: FixedCalendarDateTimeFormatter<Gregorian, Combo<T, SpecificShort>>,
    number: DecimalFormatter,
}

thread_local! {
    /// The formatters of each language, in the order of [`Locale::ALL`]. Threads can't share them. A language whose data is
    /// missing has none.
    static FORMATS: [OnceCell<Option<Formats>>; 5] = const { [const { OnceCell::new() }; 5] };
}

impl Formats {
    fn new(locale: Locale) -> Option<Formats> {
        let locale = icu_locale(locale);
        Some(Formats {
            date: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMD::long()).ok()?,
            time: FixedCalendarDateTimeFormatter::try_new(
                (&locale).into(),
                T::hm().with_zone(SpecificShort),
            )
            .ok()?,
            number: DecimalFormatter::try_new((&locale).into(), Default::default()).ok()?,
        })
    }

    /// Calls `write` with the formatters of a language, if there are any.
    fn with(locale: Locale, write: impl FnOnce(&Formats) -> String) -> Option<String> {
        FORMATS.with(|formats| {
            let formats = formats[locale as usize].get_or_init(|| Formats::new(locale));
            formats.as_ref().map(write)
        })
    }
}

/// Returns the locale whose rules are used. English dates begin with the day. Arabic pages have the digits 0 to 9, as the
/// larger news sites do, because handles, addresses and numbers of comments have them too.
fn icu_locale(locale: Locale) -> IcuLocale {
    match locale {
        Locale::En => locale!("en-GB"),
        Locale::De => locale!("de"),
        Locale::Fr => locale!("fr"),
        Locale::Es => locale!("es"),
        Locale::Ar => locale!("ar-u-nu-latn"),
    }
}

impl Locale {
    /// Returns the date in a time zone: "21. August 2010".
    pub fn date(self, time: DateTime<Utc>, zone: Tz) -> String {
        zoned(time, zone)
            .and_then(|zoned| Formats::with(self, |f| f.date.format(&zoned.date).to_string()))
            .unwrap_or_else(|| time.with_timezone(&zone).format("%Y-%m-%d").to_string())
    }

    /// Returns date, time and zone in a time zone: "21. August 2010, 11:05 MESZ".
    pub fn date_time(self, time: DateTime<Utc>, zone: Tz) -> String {
        let clock = zoned(time, zone)
            .and_then(|zoned| Formats::with(self, |f| f.time.format(&zoned).to_string()))
            .unwrap_or_else(|| time.with_timezone(&zone).format("%H:%M %Z").to_string());
        let date = self.date(time, zone);
        self.text_with(
            "date-and-time",
            &[("date", date.into()), ("time", clock.into())],
        )
    }

    /// Returns a number with the separators of the language: "10.000".
    pub fn number(self, number: i64) -> String {
        let decimal = Decimal::from(number);
        Formats::with(self, |formats| formats.number.format(&decimal).to_string())
            .unwrap_or_else(|| number.to_string())
    }
}

/// Returns the local time in a zone, or `None` for a year that no calendar has.
fn zoned(time: DateTime<Utc>, zone: Tz) -> Option<Zoned> {
    let local = time.with_timezone(&zone);
    let date =
        Date::try_new_gregorian(local.year(), local.month() as u8, local.day() as u8).ok()?;
    let time = Time::try_new(
        local.hour() as u8,
        local.minute() as u8,
        local.second() as u8,
        0,
    )
    .ok()?;
    let offset = UtcOffset::try_from_seconds(local.offset().fix().local_minus_utc()).ok();
    let zone = TimeZone::from_iana_id(zone.name())
        .with_offset(offset)
        .at_date_time(icu_time::DateTime { date, time });
    Some(ZonedDateTime { date, time, zone })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn dates_are_written_as_each_language_does() {
        let dates = Locale::ALL.map(|locale| locale.date(at("2010-08-21T09:05:00Z"), Tz::UTC));
        assert_eq!(
            dates,
            [
                "21 August 2010",
                "21. August 2010",
                "21 août 2010",
                "21 de agosto de 2010",
                "21 أغسطس 2010"
            ]
        );
    }

    #[test]
    fn times_are_in_the_zone_with_its_name() {
        let berlin = |locale: Locale, time: &str| locale.date_time(at(time), Tz::Europe__Berlin);
        assert_eq!(
            berlin(Locale::De, "2010-08-21T23:05:00Z"),
            "22. August 2010, 01:05 MESZ"
        );
        assert_eq!(
            berlin(Locale::De, "2010-01-21T23:05:00Z"),
            "22. Januar 2010, 00:05 MEZ"
        );
        assert_eq!(
            berlin(Locale::En, "2010-08-21T23:05:00Z"),
            "22 August 2010, 01:05 CEST"
        );
        let utc = Locale::ALL.map(|locale| locale.date_time(at("2010-08-01T09:05:00Z"), Tz::UTC));
        assert_eq!(
            utc,
            [
                "1 August 2010, 09:05 UTC",
                "1. August 2010, 09:05 UTC",
                "1 août 2010, 09:05 TU",
                "1 de agosto de 2010, 09:05 UTC",
                "1 أغسطس 2010، 9:05 ص التوقيت العالمي"
            ]
        );
    }

    #[test]
    fn numbers_have_the_separators_of_the_language() {
        let numbers = Locale::ALL.map(|locale| locale.number(1_234_567));
        assert_eq!(
            numbers,
            [
                "1,234,567",
                "1.234.567",
                "1\u{202f}234\u{202f}567",
                "1.234.567",
                "1,234,567"
            ]
        );
        assert_eq!(Locale::Es.number(1234), "1234");
        assert_eq!(Locale::De.number(-5), "-5");
    }

    #[test]
    fn a_year_without_a_calendar_is_written_plainly() {
        let far = DateTime::<Utc>::from_timestamp(8_000_000_000_000, 0).unwrap();
        assert!(
            Locale::De.date(far, Tz::UTC).contains("25"),
            "{}",
            Locale::De.date(far, Tz::UTC)
        );
        assert!(
            !Locale::De
                .date_time(DateTime::<Utc>::MIN_UTC, Tz::UTC)
                .is_empty()
        );
    }
}

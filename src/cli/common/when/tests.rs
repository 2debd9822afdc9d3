//! Tests of times as people write them.

use super::*;

/// Thursday, 2026-11-26, 22:09 in Berlin.
fn now() -> DateTime<Utc> {
    "2026-11-26T21:09:00Z".parse().unwrap()
}

const BERLIN: Tz = Tz::Europe__Berlin;

fn local(at: DateTime<Utc>) -> String {
    let text = at.with_timezone(&BERLIN).format("%Y-%m-%d %H:%M:%S");
    let text = text.to_string();
    text.strip_suffix(":00").unwrap_or(&text).to_owned()
}

#[test]
fn times_in_the_future_are_read_as_people_mean_them() {
    for (text, expected) in [
        ("tomorrow 9:00", "2026-11-27 09:00"),
        ("Tomorrow at 9", "2026-11-27 09:00"),
        ("tomorrow at 9am", "2026-11-27 09:00"),
        ("tomorrow, 9:30 pm", "2026-11-27 21:30"),
        ("tomorrow noon", "2026-11-27 12:00"),
        ("tomorrow at midnight", "2026-11-27 00:00"),
        ("tomorrow 12am", "2026-11-27 00:00"),
        ("tomorrow 12 pm", "2026-11-27 12:00"),
        ("tomorrow", "2026-11-27 00:00"),
        ("today 23:00", "2026-11-26 23:00"),
        ("23:00", "2026-11-26 23:00"),
        ("at 11pm", "2026-11-26 23:00"),
        ("friday 18:00", "2026-11-27 18:00"),
        ("next friday 18:00", "2026-11-27 18:00"),
        ("thursday 23:00", "2026-11-26 23:00"),
        ("thursday 18:00", "2026-12-03 18:00"),
        ("next thursday 23:00", "2026-12-03 23:00"),
        ("on Thu. at 23:00", "2026-11-26 23:00"),
        ("monday", "2026-11-30 00:00"),
        ("this monday at 7", "2026-11-30 07:00"),
        ("in 2 hours", "2026-11-27 00:09"),
        ("in 2h", "2026-11-27 00:09"),
        ("in an hour and 30 minutes", "2026-11-26 23:39"),
        ("in 3 days", "2026-11-29 22:09"),
        ("in three days at 9:00", "2026-11-29 09:00"),
        ("in a week", "2026-12-03 22:09"),
        ("in 1 month", "2026-12-26 22:09"),
        ("next week", "2026-12-03 00:00"),
        ("next week at 8", "2026-12-03 08:00"),
        ("next month 8:15", "2026-12-26 08:15"),
        ("2026-12-01", "2026-12-01 00:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("2026-12-01 at 9", "2026-12-01 09:00"),
        ("2026-12-01T09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00:30", "2026-12-01 09:00:30"),
        ("2026-12-01T09:00:00Z", "2026-12-01 10:00"),
        ("2026-12-01 09:00:00+00:00", "2026-12-01 10:00"),
        ("2026-12-01t09:00:00+01:00", "2026-12-01 09:00"),
        ("2026-12-01 09:00 UTC", "2026-12-01 10:00"),
        ("2026-12-01 09:00 America/New_York", "2026-12-01 15:00"),
        ("1 december 9:00", "2026-12-01 09:00"),
        ("December 1st, 2027 at 9:00", "2027-12-01 09:00"),
        ("1. Jan 9:00", "2027-01-01 09:00"),
        ("1.12.2026 9:00", "2026-12-01 09:00"),
        ("1.12. 9:00", "2026-12-01 09:00"),
        ("now", "2026-11-26 22:09"),
    ] {
        let read = future(text, BERLIN, now()).map(local);
        assert_eq!(read.as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn other_texts_are_refused_with_the_forms() {
    for text in [
        "",
        "soon",
        "9",
        "12/01/2026 9:00",
        "01-12-2026",
        "2026",
        "2026-13-01",
        "2026-02-30 09:00",
        "tomorrow 25:00",
        "tomorrow 9:5",
        "tomorrow 13pm",
        "tomorrow 9:00 tomorrow",
        "in hours",
        "in -2 hours",
        "in 99999999999999999999 hours",
        "in 99999999999 years",
        "2 hours",
        "at",
        "@1234567890",
        "friday friday",
        "tomorrow\u{202e}9:00",
    ] {
        let error = future(text, BERLIN, now());
        let error = error.expect_err(text);
        assert!(
            error.contains("is not a time: write \"tomorrow 9:00\""),
            "{text}: {error}"
        );
    }
    let long = future(&"tomorrow ".repeat(1000), BERLIN, now()).unwrap_err();
    assert!(long.len() < 300, "{long}");
}

#[test]
fn a_time_that_has_passed_is_refused() {
    for text in [
        "yesterday",
        "today",
        "21:00",
        "2026-11-26 22:08",
        "2 days ago",
        "last monday",
    ] {
        let error = future(text, BERLIN, now()).unwrap_err();
        assert!(
            error.contains("has passed: it means 2026-11-"),
            "{text}: {error}"
        );
        assert!(error.contains(" CET. "), "{text}: {error}");
    }
}

#[test]
fn times_that_clocks_skip_or_repeat_are_refused() {
    let before: DateTime<Utc> = "2027-03-27T11:00:00Z".parse().unwrap();
    let skipped = future("tomorrow 2:30", BERLIN, before).unwrap_err();
    assert!(
        skipped.starts_with("2027-03-28 02:30 does not exist in Europe/Berlin"),
        "{skipped}"
    );
    let repeated = future("2027-10-31 02:30", BERLIN, before).unwrap_err();
    assert!(
        repeated.contains("write 2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00"),
        "{repeated}"
    );
    for text in ["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"] {
        assert!(future(text, BERLIN, before).is_ok(), "{text}");
    }
    // A day keeps its time across the change, and an hour its length.
    let read = |text| local(future(text, BERLIN, before).unwrap());
    assert_eq!(read("in 1 day"), "2027-03-28 12:00");
    assert_eq!(read("in 24 hours"), "2027-03-28 13:00");
    // Midnight does not exist on this day in Beirut.
    let beirut = Tz::Asia__Beirut;
    let before: DateTime<Utc> = "2027-03-26T11:00:00Z".parse().unwrap();
    let at = future("2027-03-28", beirut, before).unwrap();
    assert_eq!(
        at.with_timezone(&beirut).format("%d %H:%M").to_string(),
        "28 01:00"
    );
}

#[test]
fn times_of_filters_are_in_the_past() {
    for (text, expected) in [
        ("yesterday", "2026-11-25 00:00"),
        ("today", "2026-11-26 00:00"),
        ("thursday", "2026-11-26 00:00"),
        ("friday", "2026-11-20 00:00"),
        ("last friday", "2026-11-20 00:00"),
        ("last thursday", "2026-11-19 00:00"),
        ("last week", "2026-11-19 00:00"),
        ("3 days ago", "2026-11-23 22:09"),
        ("7d", "2026-11-19 22:09"),
        ("2h", "2026-11-26 20:09"),
        ("2014-03-15", "2014-03-15 00:00"),
        ("2030-01-01", "2030-01-01 00:00"),
    ] {
        let read = past(text, BERLIN, now()).map(local);
        assert_eq!(read.as_deref(), Ok(expected), "{text}");
    }
    assert!(
        past("whenever", BERLIN, now())
            .unwrap_err()
            .contains("\"3 days ago\"")
    );
}

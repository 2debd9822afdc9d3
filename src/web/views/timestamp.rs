//! Points in time, as people and programs read them.

use crate::protocol::rfc3339;
use chrono::{DateTime, Utc};

/// A point in time, for a `<time>` element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Returns the value of a `datetime` attribute: RFC 3339 in UTC, to the second.
    pub(crate) fn rfc3339(&self) -> String {
        rfc3339(self.0)
    }

    /// Returns the date: "21 August 2010".
    pub(crate) fn date(&self) -> String {
        self.0.format("%-d %B %Y").to_string()
    }

    /// Returns date and time: "21 August 2010, 09:05 UTC".
    pub(crate) fn date_time(&self) -> String {
        self.0.format("%-d %B %Y, %H:%M UTC").to_string()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_for_people_and_for_programs() {
        let time = DateTime::parse_from_rfc3339("2010-08-01T11:05:09.123+02:00").unwrap();
        let timestamp = Timestamp::from(time.to_utc());
        assert_eq!(timestamp.date(), "1 August 2010");
        assert_eq!(timestamp.date_time(), "1 August 2010, 09:05 UTC");
        assert_eq!(timestamp.rfc3339(), "2010-08-01T09:05:09Z");
    }
}

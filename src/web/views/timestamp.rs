//! Points in time, as pages show them.

use crate::base::time::format_rfc3339;
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

/// A point in time, for a `<time>` element.
///
/// In a template it is a number of milliseconds since 1970, for the filters `date`, `date_time` and `rfc3339`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Formats it by RFC 3339, in UTC and to the second.
    pub(super) fn rfc3339(self) -> String {
        format_rfc3339(self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.timestamp_millis())
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

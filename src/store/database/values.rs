//! Times, identifiers and lists, in the form that the tables have.

pub use crate::base::time::{from_millis as moment, now};
use data_encoding::HEXLOWER;
use serde::Serialize;

/// Returns a random id for a row that may be stored later, or never. It is above those that the databases assign.
pub fn new_row_id() -> i64 {
    const FIRST: i64 = 1 << 40;
    let mut bits = [0u8; 8];
    // As in `new_uid`.
    getrandom::fill(&mut bits).expect("the system's random generator works");
    FIRST + (i64::from_be_bytes(bits) & ((1 << 51) - 1))
}

/// Returns a new unguessable identifier: 128 random bits in 32 hexadecimal digits.
///
/// It is random, not counted, so that a database restored from a backup never assigns one twice.
pub fn new_uid() -> String {
    let mut bits = [0u8; 16];
    // The system's generator fails only where the process could not have started. AWS-LC's own would take ten
    // milliseconds of each command to begin.
    getrandom::fill(&mut bits).expect("the system's random generator works");
    HEXLOWER.encode(&bits)
}

/// Serializes a list or rows for a statement that reads JSON.
pub(in crate::store) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    // Only maps with keys that are no texts can fail.
    serde_json::to_string(value).unwrap_or_default()
}

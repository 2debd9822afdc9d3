//! Times and identifiers, as the tables have them.

pub use crate::base::time::{from_millis as moment, now};
use data_encoding::HEXLOWER;

/// A new id for a row that may be stored later, or never: random, and above those that the databases count.
pub fn new_row_id() -> i64 {
    const FIRST: i64 = 1 << 40;
    let mut bits = [0u8; 8];
    // As in `new_uid`.
    aws_lc_rs::rand::fill(&mut bits).expect("the system's random generator works");
    FIRST + (i64::from_be_bytes(bits) & ((1 << 51) - 1))
}

/// A new unguessable identifier: 128 random bits in 32 hexadecimal digits.
///
/// Random and not counted, so that a database restored from a backup never gives one out twice.
pub fn new_uid() -> String {
    let mut bits = [0u8; 16];
    // The system's generator fails only where the process could not have started.
    aws_lc_rs::rand::fill(&mut bits).expect("the system's random generator works");
    HEXLOWER.encode(&bits)
}

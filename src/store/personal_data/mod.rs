//! Personal data of a remote actor or guest, for export and erasure.

mod counts;
mod erase;
mod export;

pub use counts::PersonalDataCounts;
pub use export::{GuestProfile, PersonalDataRow};

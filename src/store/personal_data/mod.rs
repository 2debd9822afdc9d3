//! Personal data of a remote actor or guest, for export and erasure.

mod counts;
mod erase;
mod export;

pub use counts::Kept;
pub use export::{KnownGuest, Trace};

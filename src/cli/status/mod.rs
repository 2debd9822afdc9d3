//! `pamphlet status`, `stats` and `tail`: how the publication is, how it fares, and what happens.

mod disk;
mod overview;
mod running;
mod stats;
mod tail;
mod warnings;

pub(super) use overview::Status;
pub(super) use stats::Stats;
pub(super) use tail::Tail;

//! Records of received activities: receipts, deletions, and counts of dropped ones.

mod dropped;
mod receipts;
mod tombstones;

pub use tombstones::DeletionCause;

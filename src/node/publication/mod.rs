//! The publication as a whole: its identity, and whether it is closed.

pub mod closing;
pub(super) mod identity;

//! The guarded HTTP client: where it never connects.

pub mod guard;

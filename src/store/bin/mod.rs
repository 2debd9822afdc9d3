//! The bin: deleted articles and pages with everything that belongs to them, from which they can be restored.
//!
//! A row is stored as JSON by column, so that columns of later versions need no table of their own here. What is about a
//! person has a row of its own, which ends with that person.

mod delete;
mod entries;
mod restore;
mod tables;

pub use entries::{BinEntry, BinKind};

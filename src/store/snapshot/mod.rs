//! All tables at one moment, row by row, and their copy into an empty database of either kind.
//!
//! The tables and their columns come from the schema itself, so that none that is added later can be forgotten. A row is a
//! JSON object that is the same on SQLite and PostgreSQL: booleans are booleans, and bytes are texts in Base64.

mod load;
mod occupied;
mod read;
mod reset;
mod session;
mod tables;
mod values;

pub use load::Loader;
pub use read::Snapshot;
pub use tables::{Column, ColumnKind, Reference, Table};

/// A row: its columns with their values.
pub type Row = serde_json::Map<String, serde_json::Value>;

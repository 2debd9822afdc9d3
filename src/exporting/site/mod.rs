//! A publication in our own format: the rows of its tables as JSON lines, its texts as Markdown, and its media files. It
//! comes back as an equal publication, on either database.
//!
//! `tables.rs` says what of which table is in it, `format.rs` has its files, `export.rs` writes it and `import.rs` reads
//! it.

mod export;
mod format;
mod import;
mod markdown;
mod open;
mod tables;
mod target;

pub(crate) use export::{ExportReport, SiteOptions, export};
pub(crate) use import::{ImportReport, import};

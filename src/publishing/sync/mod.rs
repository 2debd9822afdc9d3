//! Makes a folder of Markdown files the truth about the articles and pages that come from it (docs/sync.md).
//!
//! `planner.rs` compares the folder with the last sync and with what is stored, and makes a plan that changes nothing.
//! `apply.rs` carries it out, each step in a transaction with the record of its file, so that a sync that was interrupted
//! is continued by the next one. Nothing here prints or asks.

mod apply;
mod article_plan;
mod error;
mod files;
mod hashes;
mod library;
mod matching;
mod order;
mod page_plan;
mod pictures;
mod plan;
mod planner;
mod read;
mod scan;
mod steps;

pub(crate) use apply::{Outcome, apply};
pub(crate) use error::SyncError;
pub(crate) use files::{FileRead, read_file, site_folders};
pub(crate) use hashes::{of_bytes, of_fields, of_page_fields};
pub(crate) use plan::{Action, ActionKind, Plan, Told, Visibility};
pub(crate) use planner::make;
pub(crate) use scan::{Scan, scan};

use std::path::PathBuf;

/// What is to be synced, and how.
#[derive(Debug)]
pub(crate) struct Request {
    /// The canonical path of the folder.
    pub(crate) root: PathBuf,
    /// The name of the folder.
    pub(crate) source: String,
    /// Whether files replace what was changed on the site.
    pub(crate) force: bool,
    /// Whether broken files are left out.
    pub(crate) keep_going: bool,
    /// Whether files that can't be taken in are only warned of.
    pub(crate) is_lenient: bool,
    /// Whether pictures are read even if their times did not change.
    pub(crate) is_thorough: bool,
    /// Whether nobody is told of new articles.
    pub(crate) is_silent: bool,
    /// Whether nobody is told of changed articles.
    pub(crate) is_quiet: bool,
}

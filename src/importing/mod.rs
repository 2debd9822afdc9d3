//! Brings a publication over from other software: what readers yield is stored as published before, and announced to
//! nobody.
//!
//! `formats/` has a reader for each format, which yields the items of `model.rs`. `prepare.rs` cleans them on the reader's
//! thread; `storing/` stores them in batches and remembers what became of each. Afterwards, `storing/finish.rs` takes in
//! the pictures that the texts name, and lets their links to the other site lead to the imported articles. Nothing here
//! prints.

pub(crate) mod archive;
mod error;
pub(crate) mod formats;
pub(crate) mod model;
mod prepare;
mod report;
mod source;
mod storing;

pub(crate) use error::ImportError;
pub(crate) use report::{Counts, Messages, Report};
pub(crate) use source::Source;

use crate::{node::Node, publishing::Announcement};
use std::path::PathBuf;
use storing::Importer;

/// How a publication is imported.
#[derive(Debug, Clone)]
pub(crate) struct ImportOptions {
    /// Whether followers get what is new. Without, it is published silently.
    pub(crate) announcement: Announcement,
    /// A folder with the files of the other site.
    pub(crate) attachments: Option<PathBuf>,
    /// Whether files that are in no folder are downloaded from the other site.
    pub(crate) downloads: bool,
    /// The username or name of the author of articles without one.
    pub(crate) author: Option<String>,
    /// Whether nothing is published.
    pub(crate) as_drafts: bool,
    /// Whether nothing is stored.
    pub(crate) is_dry_run: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        ImportOptions {
            announcement: Announcement::Silent,
            attachments: None,
            downloads: true,
            author: None,
            as_drafts: false,
            is_dry_run: false,
        }
    }
}

/// A piece of an import that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An item was read and stored.
    Item,
    /// All items are stored. The pictures and links of this number of texts follow.
    Stored(u64),
    /// The pictures and links of a text were looked after.
    Text,
}

/// Imports a publication. `on_step` is called for each piece of it.
///
/// # Errors
/// If the publication can't be read at all, or the database or the storage fails. What was stored until then stays; the
/// next import continues.
pub(crate) async fn run(
    node: &Node,
    source: Source,
    options: &ImportOptions,
    on_step: &(dyn Fn(Step) + Sync),
) -> Result<Report, ImportError> {
    let Source {
        name,
        generic,
        base,
        folders,
        items,
        ..
    } = source;
    let mut importer = Importer::begin(node, name, generic, base, folders, options).await?;
    let (mut items, reader) = source::read(items);
    while let Some(item) = items.recv().await {
        importer.take(item).await?;
        on_step(Step::Item);
    }
    reader.await.map_err(|_| {
        ImportError::mistake(
            "the source could not be read to its end, by an error of this program: the items before it are stored. \
             Report it with the message above",
        )
    })?;
    importer.finish(on_step).await
}

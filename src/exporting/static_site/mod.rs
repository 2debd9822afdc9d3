//! A publication as files that any web server can serve. The pages are those of the node, rendered by its own routes.
//!
//! `crawl.rs` follows the links from page to page, `targets.rs` names the file of an address, `links.rs` and `texts.rs`
//! let links lead to these files, and `folder.rs` writes those that changed.

mod crawl;
mod folder;
mod links;
mod redirects;
mod targets;
mod texts;

use super::{ExportError, refuse_dash};
use crate::{node::Node, web::App};
use std::path::Path;

/// The result of an export.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The number of pages, without redirects.
    pub pages: u64,
    /// The number of all files.
    pub files: u64,
    /// How many of them are new or changed.
    pub written: u64,
    /// How many files of an earlier export were removed.
    pub removed: u64,
    pub redirects: u64,
    /// Links of this site that lead nowhere, each with a page that has it.
    pub dead_links: Vec<(String, String)>,
}

/// The freedoms of an export.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StaticOptions {
    /// Whether pictures of people on other servers are fetched if there is no copy yet.
    pub fetches_pictures: bool,
    /// Whether a folder may be used that has other files.
    pub uses_any_folder: bool,
}

/// Writes all public pages of a publication into a folder. `progress` gets the numbers of files that are done and known.
///
/// # Errors
/// If the folder has other files or can't be written, or the database fails.
pub(crate) async fn export(
    node: &Node,
    folder: &Path,
    options: StaticOptions,
    progress: impl Fn(u64, u64),
) -> Result<Report, ExportError> {
    refuse_dash(folder)?;
    let mut folder = folder::Folder::open(folder, options.uses_any_folder)?;
    if !options.fetches_pictures {
        node.stay_offline();
    }
    let app = App::for_files(node.clone())
        .await
        .map_err(ExportError::Look)?;
    let crawl = crawl::Crawl::new(node.urls().clone(), app);
    let former = redirects::former_paths(node).await?;
    crawl.run(&mut folder, former, progress).await
}

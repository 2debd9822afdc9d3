//! `pamphlet import wordpress`: an export of WordPress.

use super::ImportArgs;
use crate::{cli::common::Options, importing::formats::wordpress};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Import an export of WordPress: posts, pages, authors, categories, tags, comments and pictures.
///
/// Tools > Export > All content in WordPress writes it. It may be gzipped, or a zip archive.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import wordpress export.xml --dry-run\n  pamphlet import wordpress export.xml --attachments wp-content/uploads\n  pamphlet import wordpress part-1.xml part-2.xml.gz --no-download --json"
)]
pub(crate) struct Wordpress {
    /// The files of the export.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    import: ImportArgs,
}

impl Wordpress {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let files = self.files;
        self.import
            .import(options, || wordpress::open(&files))
            .await
    }
}

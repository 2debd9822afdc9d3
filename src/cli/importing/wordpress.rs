//! `pamphlet import wordpress`: an export of WordPress.

use super::{ImportArgs, adopt::Adopt};
use crate::{adoption::Software, cli::common::Options, importing::formats::wordpress};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Import an export of WordPress: posts, pages, authors, categories, tags, comments and pictures.
///
/// Tools > Export > All content in WordPress writes it. It may be gzipped, or a zip archive.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import wordpress export.xml --dry-run\n  pamphlet import wordpress export.xml --attachments wp-content/uploads\n  pamphlet import wordpress part-1.xml part-2.xml.gz --no-download --json\n  pamphlet import wordpress export.xml --actor actors.jsonl"
)]
pub(crate) struct Wordpress {
    /// The files of the export.
    #[arg(value_name = "FILE", required_unless_present = "actor")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    adopt: Adopt,
    #[command(flatten)]
    import: ImportArgs,
}

impl Wordpress {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let files = self.files;
        let open = (!files.is_empty()).then_some(|| wordpress::open(&files));
        self.import
            .import_and_adopt(options, open, &self.adopt, Software::WordPress)
            .await
    }
}

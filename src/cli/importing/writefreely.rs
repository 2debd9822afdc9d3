//! `pamphlet import writefreely`: an export of WriteFreely or Write.as.

use super::{ImportArgs, adopt::Adopt};
use crate::{adoption::Software, cli::common::Options, importing::formats::writefreely};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Import an export of WriteFreely or Write.as. Each blog becomes an author; posts without a blog become drafts.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import writefreely ada-202611201030.json --dry-run\n  pamphlet import writefreely ada-posts-202611201030.zip\n  pamphlet import writefreely ada-posts-202611201030.csv --as-drafts --json\n  pamphlet import writefreely ada-202611201030.json --actor actors.jsonl"
)]
pub(crate) struct WriteFreely {
    /// The file: export.json, which has the most, or the posts as JSON, CSV or a zip archive.
    #[arg(value_name = "FILE", required_unless_present = "actor")]
    file: Option<PathBuf>,
    #[command(flatten)]
    adopt: Adopt,
    #[command(flatten)]
    import: ImportArgs,
}

impl WriteFreely {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let open = self.file.map(|file| move || writefreely::open(&file));
        self.import
            .import_and_adopt(options, open, &self.adopt, Software::WriteFreely)
            .await
    }
}

//! `pamphlet import mastodon`: the archive of an account.

use super::ImportArgs;
use crate::{
    cli::common::Options,
    importing::formats::mastodon::{Choices, Export},
};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Import the archive of an account of Mastodon, Pleroma, Akkoma or Pixelfed: its public posts, with pictures.
///
/// Replies to others, boosts, and posts for followers or single people are left out and counted.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import mastodon archive.zip --dry-run\n  pamphlet import mastodon archive.tar.gz --articles --author ada\n  pamphlet import mastodon unpacked/ --no-download --json"
)]
pub(crate) struct Mastodon {
    /// The archive (.zip or .tar.gz), the folder that was unpacked from it, or Pixelfed's file of posts.
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    /// Make articles of the posts. Without, they become notes.
    #[arg(long)]
    articles: bool,
    #[command(flatten)]
    import: ImportArgs,
}

impl Mastodon {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let export = Export::find(&self.archive)?;
        let choices = Choices {
            as_articles: self.articles,
        };
        self.import.import(options, || export.open(choices)).await
    }
}

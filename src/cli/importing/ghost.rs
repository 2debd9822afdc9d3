//! `pamphlet import ghost`: an export of Ghost.

use super::ImportArgs;
use crate::{cli::common::Options, importing::formats::ghost::Export};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use url::Url;

/// Import an export of Ghost: posts, pages, authors, tags and comments.
///
/// Posts for members only become drafts. Members are not imported.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import ghost rails.ghost.2026-11-20.json --site https://rails.example --dry-run\n  pamphlet import ghost rails.ghost.2026-11-20.json --attachments content/images\n  pamphlet import ghost backup.zip --author ada --json"
)]
pub(crate) struct Ghost {
    /// The JSON file, or an archive or a folder that has it, such as a backup of Ghost-CLI.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The address of the old site, from which pictures are downloaded: an export does not name it.
    #[arg(long, value_name = "URL")]
    site: Option<Url>,
    #[command(flatten)]
    import: ImportArgs,
}

impl Ghost {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let export = Export::find(&self.file)?;
        self.import.import(options, || export.open(self.site)).await
    }
}

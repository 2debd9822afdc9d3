//! `pamphlet import ghost`: an export of Ghost.

use super::{ImportArgs, adopt::Adopt};
use crate::{adoption::Software, cli::common::Options, importing::formats::ghost::Export};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use url::Url;

/// Import an export of Ghost: posts, pages, authors, tags and comments.
///
/// Posts for members only become drafts. Members are not imported.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import ghost rails.ghost.2026-11-20.json --site https://rails.example --dry-run\n  pamphlet import ghost rails.ghost.2026-11-20.json --attachments content/images\n  pamphlet import ghost backup.zip --author ada --json\n  pamphlet import ghost rails.ghost.2026-11-20.json --actor actors.jsonl"
)]
pub(crate) struct Ghost {
    /// The JSON file, or an archive or a folder that has it, such as a backup of Ghost-CLI.
    #[arg(value_name = "FILE", required_unless_present = "actor")]
    file: Option<PathBuf>,
    /// The address of the old site, from which pictures are downloaded: an export does not name it.
    #[arg(long, value_name = "URL")]
    site: Option<Url>,
    #[command(flatten)]
    adopt: Adopt,
    #[command(flatten)]
    import: ImportArgs,
}

impl Ghost {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let export = self.file.as_deref().map(Export::find).transpose()?;
        let site = self.site;
        let open = export.map(|export| move || export.open(site));
        self.import
            .import_and_adopt(options, open, &self.adopt, Software::Ghost)
            .await
    }
}

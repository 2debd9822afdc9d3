//! `pamphlet import markdown`: a folder of Markdown files.

use super::ImportArgs;
use crate::{cli::common::Options, importing::formats::markdown};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Import a folder of Markdown files, as Hugo, Jekyll, Zola and others have them.
///
/// `pamphlet sync` makes a folder the truth for ever; this command brings it over once.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import markdown content --dry-run\n  pamphlet import markdown content --author ada\n  pamphlet import markdown _posts --as-drafts --json"
)]
pub(crate) struct Markdown {
    /// The folder of the files.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    import: ImportArgs,
}

impl Markdown {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let folder = self.folder;
        self.import
            .import(options, || markdown::open(&folder, &name_of(&folder)))
            .await
    }
}

/// Returns the name of a folder, which distinguishes it from other imported folders.
fn name_of(folder: &std::path::Path) -> String {
    let canonical = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = canonical
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "main".to_owned())
}

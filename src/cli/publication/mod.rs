//! `pamphlet publication`: ends the publication.

mod close;

use crate::cli::common::Options;
use anyhow::Result;
use clap::Subcommand;

/// End the publication.
#[derive(Debug, Subcommand)]
pub(crate) enum Publication {
    /// Close the publication for ever: its actors are deleted on all servers, and every address responds with 410.
    #[command(after_help = "Examples:
  pamphlet publication close --exported --dry-run
  pamphlet publication close --exported
  pamphlet publication close --exported --yes --confirm example.org
  pamphlet publication close --status")]
    Close(close::Close),
}

impl Publication {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Publication::Close(command) => command.run(options).await,
        }
    }
}

//! `pamphlet publication`: ends the publication, or changes its domain.

mod close;
mod domain;

use crate::cli::common::Options;
use anyhow::Result;
use clap::Subcommand;

/// End the publication, or change its domain.
#[derive(Debug, Subcommand)]
pub(crate) enum Publication {
    /// Close the publication for ever: its actors are deleted on all servers, and every address responds with 410.
    #[command(after_help = "Examples:
  pamphlet publication close --dry-run
  pamphlet publication close --export site.tar.gz
  pamphlet publication close --exported --yes --confirm example.org
  pamphlet publication close --status")]
    Close(close::Close),
    /// Change the publication's own domain: its actors get successors, and their followers are asked to follow these.
    #[command(after_help = "Examples:
  pamphlet publication move --to https://new.example --dry-run
  pamphlet publication move --to https://new.example
  pamphlet publication move --send
  pamphlet publication move --status")]
    Move(domain::Move),
}

impl Publication {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Publication::Close(command) => command.run(options).await,
            Publication::Move(command) => command.run(options).await,
        }
    }
}

//! `pamphlet config`: checks the configuration, and shows where its values come from.

mod check;
mod show;

use crate::cli::common::Options;
use anyhow::Result;
use clap::Subcommand;

/// Check the configuration, and show where its values come from.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Find all mistakes: in the file, in variables and flags, and in the files that they name.
    #[command(after_help = "Examples:
  pamphlet config check
  pamphlet config check --config /etc/pamphlet/pamphlet.toml --json")]
    Check(check::Check),
    /// Show the settings that are in force, and the origin of each. Passwords and keys are hidden.
    #[command(after_help = "Examples:
  pamphlet config show
  pamphlet config show --json")]
    Show(show::Show),
}

impl Config {
    pub(crate) fn run(self, options: &Options) -> Result<()> {
        match self {
            Config::Check(check) => check.run(options),
            Config::Show(show) => show.run(options),
        }
    }
}

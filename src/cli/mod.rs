//! The command line: one folder for each group of commands. Commands print; the modules below them decide.
//!
//! `commands.rs` lists them. Commands import `common` and no other command, except for `demo`, which runs the others.

mod actors;
mod command_names;
mod commands;
mod comments;
mod common;
mod deliveries;
mod demo;
mod inspect;
mod moderation;
mod notes;
mod operation;
mod posts;
mod social;
mod tags;

pub use operation::{import_site_pictures, run_node};

use anyhow::Result;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};
use commands::Command;
use common::{Options, UsageError, VERSION, exit, progress};
use operation::Logged;
use std::process::ExitCode;

/// A self-hosted blog that people follow, like and comment on from the fediverse.
#[derive(Debug, Parser)]
#[command(name = "pamphlet", version = VERSION, about, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// Parses the command line, runs the command, and turns an error into a message and an exit code.
///
/// The runtime starts here and not in `main.rs`: an async function is compiled in the crate that runs it, so the program
/// would compile much of the library a second time.
pub fn main() -> ExitCode {
    // Both exit with code 2 on a usage error.
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if prints_json(&matches) {
        progress::silence();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    if !error.is::<Logged>() {
        eprintln!("pamphlet: {error:#}");
    }
    if UsageError::is_in(error) {
        return ExitCode::from(exit::USAGE);
    }
    ExitCode::FAILURE
}

/// Returns whether the command was called with `--json`.
fn prints_json(matches: &ArgMatches) -> bool {
    let has_json = matches!(matches.try_get_one::<bool>("json"), Ok(Some(true)));
    has_json
        || matches
            .subcommand()
            .is_some_and(|(_, matches)| prints_json(matches))
}

async fn run(cli: Cli) -> Result<()> {
    if let Some(text) = cli.command.text_to_publish() {
        command_names::refuse(text.trim(), &Cli::command())?;
    }
    cli.command.run(&cli.options).await
}

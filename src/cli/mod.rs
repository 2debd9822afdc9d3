//! The command line: one folder for each group of commands. Commands print; the modules below them decide.
//!
//! `commands.rs` lists them, `manual/` describes them. Commands import `common` and no other command, except for `demo`,
//! which runs the others.

mod actors;
mod backup;
mod command_names;
mod commands;
mod comments;
mod common;
mod deliveries;
mod demo;
mod doctor;
mod exporting;
mod importing;
mod inspect;
mod manual;
mod moderation;
mod notes;
mod operation;
mod posts;
mod publication;
mod remote;
mod social;
mod status;
mod sync;
mod tags;
mod tokens;

pub use operation::{import_site_pictures, run_node};

use anyhow::Result;
use clap::{ArgMatches, FromArgMatches};
use commands::{Cli, Command, program};
use common::{UsageError, exit, progress, screen};
use operation::Logged;
use std::{io::Write, process::ExitCode};

/// Parses the command line, runs the command, and turns an error into a message and an exit code.
///
/// The runtime starts here and not in `main.rs`: an async function is compiled in the crate that runs it, so the program
/// would compile much of the library a second time.
pub fn main() -> ExitCode {
    if manual::complete_if_asked(program) {
        return ExitCode::SUCCESS;
    }
    let (cli, matches) = parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli, &matches)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Parses the arguments. Ends the program with code 2 on a usage error.
fn parse() -> (Cli, ArgMatches) {
    let mut program = program();
    let matches = match program.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) => matches,
        Err(error) => manual::improve(error, &program).exit(),
    };
    if prints_json(&matches) {
        progress::silence();
    }
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    (cli, matches)
}

fn fail(error: &anyhow::Error) -> ExitCode {
    if !error.is::<Logged>() {
        let name = screen::paint_error("pamphlet:", screen::BAD);
        // The exit code remains if stderr is closed, as with `2>&1 | head`.
        let _ = writeln!(std::io::stderr(), "{name} {error:#}");
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

async fn run(cli: Cli, matches: &ArgMatches) -> Result<()> {
    if !matches!(cli.command, Command::Serve(_) | Command::Worker(_)) {
        operation::log_if_asked();
    }
    if let Some(text) = cli.command.text_to_publish() {
        command_names::refuse(text.trim(), &program())?;
    }
    if let Some(address) = &cli.options.remote {
        return remote::run(address, matches).await;
    }
    cli.command.run(&cli.options).await
}

//! `pamphlet completions`: completes commands, options and values in a shell.
//!
//! The script that it prints calls the program with `PAMPHLET_COMPLETE` and the words that are typed so far. The program
//! then prints the words that can follow; `live_values.rs` reads slugs and the like from the database.

use super::live_values;
use crate::cli::common::output;
use anyhow::{Context, Result};
use clap::{Args, Command, ValueEnum};
use clap_complete::env::{CompleteEnv, Shells};
use std::path::Path;

/// The variable by which the script of a shell asks for completions.
const VARIABLE: &str = "PAMPHLET_COMPLETE";

/// The command to complete.
const NAME: &str = "pamphlet";

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
        }
    }
}

impl Completions {
    /// Prints the script for the shell.
    ///
    /// # Errors
    /// If stdout can't be written.
    pub(crate) fn run(self) -> Result<()> {
        let shells = Shells::builtins();
        let shell = shells.completer(self.shell.name());
        let shell = shell.context("the shell is unknown")?;
        let mut script = Vec::new();
        shell.write_registration(VARIABLE, NAME, NAME, &this_program(), &mut script)?;
        output::line(String::from_utf8(script)?.trim_end())
    }
}

/// Returns how to call this program: by its name if a shell finds it, otherwise by its path.
fn this_program() -> String {
    let called = std::env::args_os().next().unwrap_or_else(|| NAME.into());
    let path = Path::new(&called);
    if path.components().count() < 2 {
        return path.display().to_string();
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.display().to_string()
}

/// Prints completions and returns true if a shell asks for them. A mistake completes nothing, in silence.
pub(in crate::cli) fn complete_if_asked(program: impl Fn() -> Command) -> bool {
    if std::env::var_os(VARIABLE).is_none_or(|shell| shell.is_empty()) {
        return false;
    }
    let with_values = || live_values::attach(program());
    let folder = std::env::current_dir().ok();
    let _ = CompleteEnv::with_factory(with_values)
        .var(VARIABLE)
        .bin(NAME)
        .try_complete(std::env::args_os(), folder.as_deref());
    true
}

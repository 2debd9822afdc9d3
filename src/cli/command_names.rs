//! Refuses to publish a word that is the name of a command: its author hardly meant to publish it.

use anyhow::{Result, bail};
use clap::Command;

/// Refuses a text that is the name of a command of `program`.
///
/// # Errors
/// If it is one.
pub(super) fn refuse(text: &str, program: &Command) -> Result<()> {
    if is_command_name(text, program) {
        bail!(
            "{text:?} looks like a command and was not published: publish more than this word, or see \
             `pamphlet note --help`"
        );
    }
    Ok(())
}

/// Names of commands in other programs.
const COMMON_NAMES: [&str; 12] = [
    "create", "edit", "get", "help", "info", "ls", "new", "remove", "rm", "search", "status",
    "version",
];

/// Returns whether a text is the name of a command, which the user hardly meant to publish.
fn is_command_name(text: &str, program: &Command) -> bool {
    fn has(command: &Command, name: &str) -> bool {
        command.get_subcommands().any(|sub| {
            sub.get_name() == name
                || sub.get_all_aliases().any(|alias| alias == name)
                || has(sub, name)
        })
    }
    COMMON_NAMES.contains(&text) || has(program, text)
}

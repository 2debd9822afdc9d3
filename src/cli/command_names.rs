//! Refuses to publish a text that looks like a command: its author hardly meant to publish it.

use anyhow::{Result, bail};
use clap::Command;

/// Names of commands in other programs.
const COMMON_NAMES: [&str; 16] = [
    "add", "cancel", "create", "edit", "exit", "get", "help", "info", "ls", "new", "quit",
    "remove", "rm", "search", "status", "version",
];
/// The commands whose subcommands stand where the text of a post stands: `note lst` would publish a slip of the hand.
const BESIDE_TEXTS: [&str; 2] = ["note", "comments"];
/// The number of wrong, missing or swapped letters up to which a word counts as a misspelt command.
const SLIPS: usize = 1;

/// Refuses a text that looks like a command of `program`: one word, with or without arguments.
///
/// # Errors
/// If it does.
pub(super) fn refuse(text: &str, program: &Command) -> Result<()> {
    if looks_like_command(text, program) {
        bail!(
            "{text:?} looks like a command and was not published: publish more than this, or see \
             `pamphlet note --help`"
        );
    }
    Ok(())
}

fn looks_like_command(text: &str, program: &Command) -> bool {
    let mut words = text.split_whitespace().peekable();
    let is_program = words.next_if_eq(&"pamphlet").is_some();
    let Some(name) = words.next() else {
        return is_program;
    };
    if is_program {
        return program.find_subcommand(name).is_some();
    }
    let is_alone = words.peek().is_none();
    if is_alone {
        return is_name(name, program) || is_misspelt(name, program);
    }
    is_name(name, program) && words.all(is_argument)
}

/// Returns whether a word is the name of a command, at any depth.
fn is_name(word: &str, program: &Command) -> bool {
    fn has(command: &Command, name: &str) -> bool {
        command.get_subcommands().any(|sub| {
            sub.get_name() == name
                || sub.get_all_aliases().any(|alias| alias == name)
                || has(sub, name)
        })
    }
    COMMON_NAMES.contains(&word) || has(program, word)
}

/// Returns whether a word is nearly the name of a command that could stand in its place.
fn is_misspelt(word: &str, program: &Command) -> bool {
    let groups = BESIDE_TEXTS
        .iter()
        .filter_map(|name| program.find_subcommand(name));
    let mut names = groups
        .flat_map(Command::get_subcommands)
        .map(Command::get_name);
    // A text begins with a capital letter, a command does not.
    let is_lowercase = word.starts_with(char::is_lowercase);
    is_lowercase
        && names.any(|name| name.len() > 3 && strsim::damerau_levenshtein(name, word) <= SLIPS)
}

/// Returns whether a word looks like the argument of a command: an option, a number, or the name of a post.
fn is_argument(word: &str) -> bool {
    let number = word.rsplit('-').next().unwrap_or_default();
    word.starts_with("--") || number.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::program;

    #[test]
    fn commands_are_told_from_texts() {
        let program = program();
        for text in [
            "list",
            "lst",
            "lsit",
            "ls",
            "delete",
            "delte",
            "delete 3",
            "delete note-3",
            "show note-3 --json",
            "publish",
            "undo",
            "status",
            "pamphlet",
            "pamphlet post list",
            "approve 12 13",
            "approv",
        ] {
            assert!(looks_like_command(text, &program), "{text}");
        }
        for text in [
            "Hello",
            "Hello, everyone.",
            "Show me the way",
            "list of books",
            "lists of books",
            "Follow the white rabbit.",
            "Pamphlet is out.",
            "delete everything",
            "Yes",
            "42",
            // Commands have no capitals.
            "Edit",
        ] {
            assert!(!looks_like_command(text, &program), "{text}");
        }
    }
}

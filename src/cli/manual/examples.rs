//! The examples in the help of each command.

use clap::{
    Command,
    builder::{StyledStr, Styles},
};
use std::fmt::Write;

/// The first line of the examples.
const HEADING: &str = "Examples:";

/// Gives the heading of the examples the style of other headings, in a command and all below it.
pub(super) fn style(command: Command, styles: &Styles) -> Command {
    let header = styles.get_header();
    let styled = command.get_after_help().and_then(|help| {
        let text = help.to_string();
        let rest = text.strip_prefix(HEADING)?;
        let mut styled = StyledStr::new();
        write!(styled, "{header}{HEADING}{header:#}{rest}").ok()?;
        Some(styled)
    });
    let command = match styled {
        Some(styled) => command.after_help(styled),
        None => command,
    };
    command.mut_subcommands(|command| style(command, styles))
}

/// Returns the examples of a command, a line each, without their indentation, and the text after them.
pub(super) fn of(command: &Command) -> (Vec<String>, String) {
    let help = command.get_after_help().map(ToString::to_string);
    let help = help.unwrap_or_default();
    let Some(rest) = help.strip_prefix(HEADING) else {
        return (Vec::new(), help);
    };
    let lines: Vec<&str> = rest.trim_start_matches('\n').lines().collect();
    let is_example = |line: &&&str| line.starts_with("  ");
    let examples = lines.iter().take_while(is_example);
    let examples: Vec<String> = examples.map(|line| line.trim().to_owned()).collect();
    let after = lines[examples.len()..].join("\n").trim().to_owned();
    (examples, after)
}

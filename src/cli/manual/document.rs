//! The reference of all commands in Markdown, as docs/cli.md has it.

use super::{examples, groups};
use clap::{Arg, Command};
use std::fmt::Write;

/// Returns the reference of a program that is built.
pub(super) fn reference(program: &Command) -> String {
    let mut text = String::from("## Global options\n\nEvery command takes them.\n\n");
    for arg in program.get_arguments().filter(|arg| is_global(arg)) {
        describe(&mut text, arg);
    }
    for (heading, commands) in groups::all(program) {
        let _ = writeln!(text, "\n## {heading}");
        for command in commands {
            section(&mut text, command);
        }
    }
    text
}

fn is_global(arg: &Arg) -> bool {
    arg.is_global_set() && !arg.is_hide_set()
}

/// Adds the section of a command, and those below it.
fn section(text: &mut String, command: &Command) {
    let mut command = command.clone();
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let about = command.get_long_about().or_else(|| command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let _ = write!(text, "\n### {name}\n\n{}\n\n", sentence(&about));
    for line in usage.lines() {
        let _ = writeln!(text, "    {}", line.trim());
    }
    let aliases: Vec<String> = command
        .get_visible_aliases()
        .map(|alias| format!("`{alias}`"))
        .collect();
    if !aliases.is_empty() {
        let _ = writeln!(text, "\nAlso called {}.", aliases.join(", "));
    }
    let own = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help");
    let own: Vec<&Arg> = own.collect();
    if !own.is_empty() {
        text.push('\n');
        own.iter().for_each(|arg| describe(text, arg));
    }
    let (examples, after) = examples::of(&command);
    if !examples.is_empty() {
        let _ = writeln!(text, "\nExamples:\n\n    {}", examples.join("\n    "));
    }
    if !after.is_empty() {
        let _ = writeln!(text, "\n{}", escape(&after));
    }
    let below = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    below.for_each(|sub| section(text, sub));
}

/// Adds a line about an argument or option.
fn describe(text: &mut String, arg: &Arg) {
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let _ = write!(text, "- `{}`: {}", spelled(arg), sentence(&help));
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({})", value.get_name(), escape(&help.to_string())),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() && arg.get_num_args().is_some_and(|range| range.takes_values()) {
        let _ = write!(text, " One of {}.", values.join(", "));
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .filter(|value| !value.is_empty())
        .collect();
    if !defaults.is_empty() && arg.get_num_args().is_some_and(|range| range.takes_values()) {
        let _ = write!(text, " By default {}.", defaults.join(", "));
    }
    text.push('\n');
}

/// Returns an argument as it is typed, such as `--limit <LIMIT>` or `<SLUG>`.
fn spelled(arg: &Arg) -> String {
    let takes_value = arg.get_num_args().is_some_and(|range| range.takes_values());
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| format!("<{name}>")).collect();
    let value = if takes_value {
        names.join(" ")
    } else {
        String::new()
    };
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let option: Vec<String> = short.into_iter().chain(long).collect();
    format!("{} {value}", option.join(", ")).trim().to_owned()
}

/// Returns a text as a sentence in Markdown.
fn sentence(text: &str) -> String {
    let text = escape(text.trim());
    if text.is_empty() || text.ends_with(['.', ':', '?', ')', ']']) && !text.ends_with("...)") {
        return text;
    }
    format!("{text}.")
}

/// Escapes what Markdown would take for a tag or a table, outside of code.
fn escape(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            return part.to_owned();
        }
        part.replace('<', "\\<")
            .replace('*', "\\*")
            .replace('_', "\\_")
    });
    parts.collect::<Vec<_>>().join("`")
}

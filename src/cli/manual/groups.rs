//! The help of the program: its commands in groups, as an admin looks for them.

use super::examples;
use clap::{
    Command,
    builder::{StyledStr, Styles},
};
use std::fmt::Write;

/// The groups of the commands. A test compares them with the list of commands.
const GROUPS: &[(&str, &[&str])] = &[
    ("Setting up", &["init", "config", "remote", "demo"]),
    (
        "Running",
        &[
            "serve",
            "worker",
            "backup",
            "import",
            "export",
            "keys",
            "mail",
            "token",
            "publication",
        ],
    ),
    (
        "Writing",
        &["post", "page", "note", "media", "tag", "author", "sync"],
    ),
    (
        "Conversation",
        &[
            "comments",
            "reply",
            "reactions",
            "quotes",
            "notices",
            "like",
            "boost",
            "undo",
            "report",
        ],
    ),
    (
        "Following",
        &[
            "follow",
            "unfollow",
            "following",
            "followers",
            "features",
            "actor",
        ],
    ),
    ("Moderation", &["block", "allow", "filter", "log"]),
    (
        "Seeing",
        &["status", "stats", "tail", "deliveries", "limits"],
    ),
    ("Finding faults", &["doctor", "fetch", "explain-activity"]),
    ("Shell", &["completions", "man"]),
];

/// The heading of commands that no group has.
pub(super) const OTHERS: &str = "Other commands";

/// The column in which descriptions begin.
const DESCRIPTIONS: usize = 20;

const EXAMPLES: &str = "Examples:
  pamphlet init --domain example.org
  pamphlet serve
  pamphlet post publish article.md
  pamphlet comments list --state held

Run `pamphlet COMMAND --help` for the options and examples of a command. `pamphlet man` and docs/cli.md have all of them, \
with the exit codes and the JSON that scripts read.";

/// Arranges the help of the program and of each command.
pub(in crate::cli) fn arrange(program: Command) -> Command {
    let styles = program.get_styles().clone();
    let template = template(&program, &styles);
    let program = program.after_help(EXAMPLES).help_template(template);
    examples::style(program, &styles)
}

/// Returns all groups with their commands, without those that are empty.
pub(super) fn all(program: &Command) -> Vec<(&'static str, Vec<&Command>)> {
    let members = |names: &[&str]| -> Vec<&Command> {
        let found = names
            .iter()
            .filter_map(|name| program.find_subcommand(name));
        found.filter(|command| !command.is_hide_set()).collect()
    };
    let groups = GROUPS
        .iter()
        .map(|(heading, names)| (*heading, members(names)));
    groups
        .chain([(OTHERS, without_group(program))])
        .filter(|(_, commands)| !commands.is_empty())
        .collect()
}

fn without_group(program: &Command) -> Vec<&Command> {
    let has = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let commands = program.get_subcommands();
    commands
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
        .filter(|command| !has(command.get_name()))
        .collect()
}

fn template(program: &Command, styles: &Styles) -> StyledStr {
    let mut text = StyledStr::new();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let _ = writeln!(text, "{{about-with-newline}}\n{{usage-heading}} {{usage}}");
    for (heading, commands) in all(program) {
        let _ = writeln!(text, "\n{header}{heading}:{header:#}");
        for command in commands {
            let name = command.get_name();
            let gap = " ".repeat(DESCRIPTIONS.saturating_sub(name.len() + 2).max(1));
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            let _ = writeln!(text, "  {literal}{name}{literal:#}{gap}{about}");
        }
    }
    let _ = write!(
        text,
        "\n{header}Global options:{header:#}\n{{options}}{{after-help}}"
    );
    text
}

//! Rules that each command keeps: a description of all it takes, examples that can be run, and `--json`.

use super::{examples, groups, live_values};
use crate::cli::commands::program;
use clap::{ArgMatches, Command, error::ErrorKind};

/// Commands that print nothing for scripts, with the reason.
const WITHOUT_JSON: &[(&str, &str)] = &[
    ("init", "a conversation"),
    (
        "serve",
        "runs until it is stopped; its log has a JSON format",
    ),
    (
        "worker",
        "runs until it is stopped; its log has a JSON format",
    ),
    ("demo", "a show"),
    ("completions", "prints a script"),
    ("man", "prints a page"),
    ("post preview", "opens a page in the browser"),
    ("block export", "prints CSV"),
    ("export person", "prints JSON only"),
];

/// Calls `check` with each visible command but the program itself, and its path below the program.
fn each(check: &mut dyn FnMut(&str, &Command)) {
    fn walk(command: &Command, path: &str, check: &mut dyn FnMut(&str, &Command)) {
        for sub in command.get_subcommands() {
            if sub.is_hide_set() || sub.get_name() == "help" {
                continue;
            }
            let path = format!("{path} {}", sub.get_name()).trim().to_owned();
            check(&path, sub);
            walk(sub, &path, check);
        }
    }
    let mut program = program();
    program.build();
    walk(&program, "", check);
}

/// Returns whether a command does something itself, and is no mere group.
fn runs(command: &Command) -> bool {
    !command.is_subcommand_required_set()
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn each_command_and_argument_has_a_description() {
    let mut found = Vec::new();
    each(&mut |path, command| {
        if command.get_about().is_none() {
            found.push(path.to_owned());
        }
        for arg in command.get_arguments() {
            if arg
                .get_help()
                .is_none_or(|help| help.to_string().trim().is_empty())
            {
                found.push(format!("{path}: {}", arg.get_id()));
            }
        }
    });
    assert_none(&found, "write `///` above these");
}

#[test]
fn each_command_has_examples() {
    let mut found = Vec::new();
    each(&mut |path, command| {
        if runs(command) && examples::of(command).0.is_empty() {
            found.push(path.to_owned());
        }
    });
    let attribute = r#"#[command(after_help = "Examples:\n  pamphlet ...")]"#;
    assert_none(&found, &format!("add examples by {attribute} to these"));
}

#[test]
fn each_example_can_be_run_and_the_first_is_about_its_command() {
    let mut found = Vec::new();
    each(&mut |path, command| {
        for (index, example) in examples::of(command).0.iter().enumerate() {
            match parse(example) {
                Err(error) => found.push(format!("{path}: {example}\n    {error}")),
                // Others can be about a related command.
                Ok(_) if index > 0 => {}
                Ok(called) => {
                    let called = format!("{} ", called.join(" "));
                    if !called.starts_with(&format!("{path} ")) {
                        found.push(format!("{path}: {example}\n    calls {called}"));
                    }
                }
            }
        }
    });
    assert_none(&found, "these examples are wrong");
}

/// Parses the call of the program in an example. Returns the path of the command.
fn parse(example: &str) -> Result<Vec<String>, String> {
    let words = words(example)?;
    let start = words.iter().position(|word| word == "pamphlet");
    let start = start.ok_or("it calls no pamphlet")?;
    let ends = ["|", ">", ">>", "<", "&&", ";", "#", "&"];
    let call = words[start..]
        .iter()
        .take_while(|word| !ends.contains(&word.as_str()));
    match program().try_get_matches_from(call) {
        Ok(matches) => Ok(path_of(&matches)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => Ok(Vec::new()),
        Err(error) => Err(error.to_string().replace('\n', " ")),
    }
}

fn path_of(matches: &ArgMatches) -> Vec<String> {
    match matches.subcommand() {
        Some((name, below)) => [vec![name.to_owned()], path_of(below)].concat(),
        None => Vec::new(),
    }
}

/// Splits a line as a shell does.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quotation mark is missing".to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[test]
fn each_command_prints_json_if_asked() {
    let mut found = Vec::new();
    each(&mut |path, command| {
        let has_json = command
            .get_arguments()
            .any(|arg| arg.get_long() == Some("json"));
        let is_exception = WITHOUT_JSON.iter().any(|(other, _)| *other == path);
        if runs(command) && has_json == is_exception {
            found.push(path.to_owned());
        }
    });
    assert_none(
        &found,
        "these have no --json, or are exceptions without need",
    );
}

#[test]
fn each_command_belongs_to_a_group() {
    let mut program = program();
    program.build();
    let groups = groups::all(&program);
    let others: Vec<String> = groups
        .iter()
        .filter(|(heading, _)| *heading == groups::OTHERS)
        .flat_map(|(_, commands)| commands.iter().map(|command| command.get_name().to_owned()))
        .collect();
    assert_none(&others, "add these to a group in groups.rs");
    let all: Vec<&str> = groups
        .iter()
        .flat_map(|(_, commands)| commands.iter().map(|command| command.get_name()))
        .collect();
    let mut once = all.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), all.len(), "a command is in two groups");
}

#[test]
fn global_options_have_a_heading_of_their_own() {
    each(&mut |path, command| {
        for arg in command.get_arguments().filter(|arg| arg.is_global_set()) {
            assert_eq!(
                arg.get_help_heading(),
                Some("Global options"),
                "{path}: {}",
                arg.get_id()
            );
        }
    });
}

#[test]
fn slugs_and_numbers_are_completed() {
    let mut without = Vec::new();
    each(&mut |path, command| {
        let names: Vec<String> = path.split(' ').map(str::to_owned).collect();
        for arg in command.get_positionals() {
            let is_name = ["slug", "slugs", "comment", "note"].contains(&arg.get_id().as_str());
            if is_name && live_values::kind_of(&names, arg).is_none() {
                without.push(format!("{path}: {}", arg.get_id()));
            }
        }
    });
    assert_none(&without, "live_values.rs knows no values for these");
}

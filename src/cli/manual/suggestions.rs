//! Suggests commands for a word that is none: `pamphlet publish` is `pamphlet post publish`.

use clap::{
    Command, Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// The most commands to suggest.
const MOST: usize = 3;
/// The similarity from which a word can be a mistyped command.
const SIMILAR: f64 = 0.85;

/// Words of other programs, and the commands that do the same here.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("article", &["post"]),
    ("articles", &["post list"]),
    ("check", &["doctor", "config check"]),
    ("drafts", &["post list"]),
    ("inbox", &["notices list"]),
    ("ls", &["post list"]),
    ("mute", &["block add"]),
    ("run", &["serve"]),
    ("start", &["serve"]),
    ("toot", &["note"]),
    ("users", &["author list"]),
    ("version", &["--version"]),
    ("write", &["post new"]),
];

/// Adds suggestions to an error about an unknown command: commands with that name in any group, or with a similar one.
pub(in crate::cli) fn improve(mut error: Error, program: &Command) -> Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let word = word.to_lowercase();
    // Clap suggests a similar command beside the mistake.
    let beside = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(name)) => similarity(name, &word),
        Some(ContextValue::Strings(names)) => {
            let scores = names.iter().map(|name| similarity(name, &word));
            scores.fold(0.0, f64::max)
        }
        _ => 0.0,
    };
    let mut found = named(program, &|name| name == word);
    if found.is_empty() {
        let least = f64::max(SIMILAR, beside + f64::EPSILON);
        found = named(program, &|name| similarity(name, &word) >= least);
    }
    if !found.is_empty() {
        found.truncate(MOST);
        let suggested = ContextValue::Strings(found);
        error.insert(ContextKind::SuggestedSubcommand, suggested);
    }
    error
}

fn similarity(name: &str, word: &str) -> f64 {
    strsim::jaro_winkler(name, word)
}

/// Returns the commands in any group whose name is wanted, such as `post publish`. Words of other programs come first.
fn named(program: &Command, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let synonyms = SYNONYMS.iter().filter(|(other, _)| is_wanted(other));
    let synonyms = synonyms.flat_map(|(_, commands)| commands.iter());
    let known = synonyms.filter(|path| exists(program, path));
    let mut found: Vec<String> = known.map(|path| (*path).to_owned()).collect();
    for path in paths(program, is_wanted) {
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

fn exists(program: &Command, path: &str) -> bool {
    let mut names = path.split(' ');
    path.starts_with("--")
        || names
            .try_fold(program, |command, name| command.find_subcommand(name))
            .is_some()
}

/// Returns the visible commands whose name or alias is wanted: their names from the program on, those of the program
/// itself first.
fn paths(program: &Command, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    fn search(
        command: &Command,
        above: &str,
        is_wanted: &dyn Fn(&str) -> bool,
        found: &mut Vec<String>,
    ) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{above}{}", sub.get_name());
            let mut names = sub.get_visible_aliases().chain([sub.get_name()]);
            if names.any(is_wanted) {
                found.push(path.clone());
            }
            search(sub, &format!("{path} "), is_wanted, found);
        }
    }
    let mut found = Vec::new();
    search(program, "", is_wanted, &mut found);
    found.sort_by_key(|path| path.matches(' ').count());
    found
}

//! Values of the publication for completions: slugs, notes, authors, tags, hosts and the numbers of comments.
//!
//! Arguments are recognized by their names, so that commands need not know of completions.

use crate::{
    cli::common::output,
    config::{Config, Overrides},
    store::{NameKind, Store},
};
use anyhow::Result;
use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use std::{ffi::OsStr, path::PathBuf, time::Duration};

/// The most values to offer.
const MOST: i64 = 200;
/// The time after which a shell gets none.
const PATIENCE: Duration = Duration::from_secs(1);
/// The columns of the text beside a value.
const HELP: usize = 60;

/// Lets the arguments of all commands complete values of the publication.
pub(super) fn attach(program: Command) -> Command {
    attach_below(program, &mut Vec::new())
}

fn attach_below(command: Command, path: &mut Vec<String>) -> Command {
    let command = command.mut_args(|arg| {
        let (kind, has_paths) = (kind_of(path, &arg), takes_paths(&arg));
        if kind.is_none() && !has_paths {
            return arg;
        }
        arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let mut all = kind.map_or_else(Vec::new, |kind| values(kind, typed));
            if has_paths {
                all.extend(PathCompleter::any().complete(typed));
            }
            all
        }))
    });
    command.mut_subcommands(|sub| {
        path.push(sub.get_name().to_owned());
        let sub = attach_below(sub, path);
        path.pop();
        sub
    })
}

/// Returns whether an argument takes files or folders, and maybe other values.
fn takes_paths(arg: &Arg) -> bool {
    is_called(arg, &["FILE", "FOLDER", "DIR"])
}

/// Returns whether one of these is in the name of an argument's value, such as `FILE|SLUG`.
fn is_called(arg: &Arg, names: &[&str]) -> bool {
    let values = arg.get_value_names().unwrap_or_default();
    let mut parts = values.iter().flat_map(|name| name.split('|'));
    parts.any(|part| names.contains(&part))
}

/// Returns the kind of values that an argument takes, from its name and its command.
pub(super) fn kind_of(path: &[String], arg: &Arg) -> Option<NameKind> {
    let group = path.first().map_or("", String::as_str);
    let action = path.last().map_or("", String::as_str);
    if let Some(option) = arg.get_long() {
        return match (group, option) {
            (_, "article" | "post") => Some(NameKind::Article),
            (_, "host") => Some(NameKind::Host),
            (_, "author" | "of") | ("keys" | "actor" | "stats", "actor") => Some(NameKind::Author),
            (_, "tag") => Some(NameKind::Tag),
            _ => None,
        };
    }
    match (group, arg.get_id().as_str()) {
        ("page", "deleted") => Some(NameKind::DeletedPage),
        (_, "deleted") => Some(NameKind::DeletedArticle),
        ("page", "slug" | "slugs" | "page" | "pages") => Some(NameKind::Page),
        ("note", "note" | "notes" | "id") | ("undo", "what") => Some(NameKind::Note),
        ("tag", "tag" | "tags" | "old" | "new" | "from" | "into" | "to") => Some(NameKind::Tag),
        ("comments" | "reply", "id" | "ids" | "comment") => Some(NameKind::Comment),
        ("author", "username") if action != "add" => Some(NameKind::Author),
        ("actor", "username") => Some(NameKind::Author),
        ("deliveries", "host") | ("block" | "allow", "target") => Some(NameKind::Host),
        ("page", _) if is_called(arg, &["SLUG"]) => Some(NameKind::Page),
        (_, "slug" | "slugs" | "article") => Some(NameKind::Article),
        _ if is_called(arg, &["SLUG"]) => Some(NameKind::Article),
        _ => None,
    }
}

/// Returns the values that begin with a text. Without a publication or in any trouble, there are none.
fn values(kind: NameKind, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let names = read(kind, typed).unwrap_or_default();
    let candidate = |(index, (name, about)): (usize, (String, String))| {
        let help = output::one_line(&about, HELP);
        CompletionCandidate::new(name)
            .help((!help.is_empty()).then(|| help.into()))
            .display_order(Some(index))
    };
    names.into_iter().enumerate().map(candidate).collect()
}

fn read(kind: NameKind, typed: &str) -> Result<Vec<(String, String)>> {
    let config = Config::load(&overrides(std::env::args().skip(1)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let names = async {
            let mut conn = Store::look(config.direct_database_url()).await?;
            conn.names(kind, typed, MOST).await
        };
        Ok(tokio::time::timeout(PATIENCE, names).await??)
    })
}

/// Returns the global options among the words that were typed so far.
fn overrides(mut words: impl Iterator<Item = String>) -> Overrides {
    let mut found = Overrides::default();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        match name.as_str() {
            "--config" => found.file = value.or_else(|| words.next()).map(PathBuf::from),
            "--data" => found.data = value.or_else(|| words.next()).map(PathBuf::from),
            "--database-url" => found.database_url = value.or_else(|| words.next()),
            "--database-direct-url" => {
                found.database_direct_url = value.or_else(|| words.next());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_options_are_found_among_the_words() {
        let words = "-- pamphlet --config a.toml post --data=b show".split(' ');
        let found = overrides(words.map(str::to_owned));
        assert_eq!(found.file, Some("a.toml".into()));
        assert_eq!(found.data, Some("b".into()));
        assert_eq!(found.database_url, None);
    }
}

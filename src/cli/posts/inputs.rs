//! The files, folders, texts and slugs that the arguments of a command name.

use crate::{
    cli::common::{UsageError, output},
    content::{Slug, article::MAX_FILE_BYTES},
};
use anyhow::{Context, Result, bail};
use std::{
    collections::HashSet,
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
};
use walkdir::{DirEntry, WalkDir};

/// The argument that stands for standard input.
const STDIN: &str = "-";
/// The name of a text from standard input in messages.
pub(super) const STDIN_NAME: &str = "standard input";
/// The maximum number of mistakes to print.
const MAX_MISTAKES: usize = 20;
/// Files that repositories have beside their texts.
const NO_ARTICLES: [&str; 5] = [
    "readme",
    "license",
    "changelog",
    "contributing",
    "code_of_conduct",
];

/// Something to publish.
#[derive(Debug)]
pub(super) enum Input {
    File(PathBuf),
    /// The text of standard input.
    Text(String),
    /// A slug of a stored article.
    Slug(String),
}

/// All that arguments name.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) list: Vec<Input>,
    /// Whether the only argument is no folder, so that there is one result.
    pub(super) is_single: bool,
}

impl Inputs {
    /// Finds what arguments name. A text that is no file is a slug, if `has_slugs`.
    ///
    /// # Errors
    /// If a folder can't be read or has no Markdown files, or standard input is no text.
    pub(super) fn find(arguments: &[String], has_slugs: bool) -> Result<Inputs> {
        let (mut list, mut seen) = (Vec::new(), HashSet::new());
        let mut is_single = arguments.len() == 1;
        let mut add = |path: PathBuf, list: &mut Vec<Input>| {
            // A file can be named twice, by itself and by its folder.
            let same = path.canonicalize().unwrap_or_else(|_| path.clone());
            if seen.insert(same) {
                list.push(Input::File(path));
            }
        };
        let mut has_stdin = false;
        for argument in arguments {
            let path = Path::new(argument);
            if argument == STDIN {
                if std::mem::replace(&mut has_stdin, true) {
                    return Err(UsageError::new("standard input can be read only once").into());
                }
                list.push(Input::Text(read_stdin()?));
            } else if path.is_dir() {
                is_single = false;
                for file in files_in(path)? {
                    add(file, &mut list);
                }
            } else if has_slugs && is_slug_of_no_file(argument) {
                list.push(Input::Slug(argument.clone()));
            } else {
                add(path.to_owned(), &mut list);
            }
        }
        Ok(Inputs { list, is_single })
    }
}

/// Returns whether an argument can be a slug, because no file has this name.
pub(super) fn is_slug_of_no_file(text: &str) -> bool {
    !Path::new(text).exists() && text.parse::<Slug>().is_ok()
}

pub(super) fn read_stdin() -> Result<String> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        eprintln!("Write the article, and end it with Ctrl+D on a line of its own.");
    }
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES as u64 + 1;
    input
        .by_ref()
        .take(limit)
        .read_to_end(&mut bytes)
        .context("cannot read standard input")?;
    if bytes.len() > MAX_FILE_BYTES {
        bail!("{STDIN_NAME} exceeds the size limit of 2 MiB");
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => bail!("{STDIN_NAME} is empty: nothing is stored"),
        Ok(text) => Ok(text),
        Err(_) => bail!("{STDIN_NAME} is not valid UTF-8: convert it to that encoding"),
    }
}

/// Returns the Markdown files in a folder and those below it, in the order of their names.
///
/// # Errors
/// If a folder can't be read, or there are none.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let shown = folder.display();
    let mut files = Vec::new();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(|entry| entry.depth() == 0 || is_visited(entry)) {
        let entry = entry.with_context(|| format!("cannot read the folder {shown}"))?;
        if entry.path().is_file() && is_article(entry.path()) {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        bail!("the folder {shown} has no Markdown files (.md, .markdown)");
    }
    Ok(files)
}

/// Returns whether a file or folder below the given one is looked at: none that is hidden, and no drafts of Jekyll.
fn is_visited(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    !name.starts_with('.') && name != "_drafts" && name != "node_modules"
}

/// Returns whether a file in a folder is an article by its name. Names with `_` at the beginning are lists in Hugo and
/// Zola.
fn is_article(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_markdown = extension.is_some_and(|extension| {
        extension.eq_ignore_ascii_case("md") || extension.eq_ignore_ascii_case("markdown")
    });
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    is_markdown
        && stem.is_some_and(|stem| {
            !stem.starts_with('_') && !NO_ARTICLES.contains(&stem.to_lowercase().as_str())
        })
}

/// Fails if there are mistakes. Those of several files are printed, a line each.
pub(super) fn report_mistakes(mut mistakes: Vec<anyhow::Error>, total: usize) -> Result<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    if total == 1 {
        return Err(mistakes.remove(0));
    }
    for mistake in mistakes.iter().take(MAX_MISTAKES) {
        output::error(&format!("{mistake:#}"));
    }
    let count = mistakes.len();
    if count > MAX_MISTAKES {
        output::error(&format!("and {} more", count - MAX_MISTAKES));
    }
    bail!(
        "{count} of {total} can't be stored, so that nothing was: correct them, then run the command again"
    )
}

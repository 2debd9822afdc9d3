//! `pamphlet post edit`.

use super::{
    inputs::{STDIN_NAME, read_stdin},
    summary::{print_changed, print_unchanged},
};
use crate::{
    cli::common::{
        Format,
        editor::{self, Draft, Edited},
        lookup, output,
    },
    node::Node,
    publishing::{Announcement, Leniency, Source, articles, source::to_source},
    store::Article,
};
use anyhow::Result;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The article's slug.
    slug: String,
    /// A Markdown file with front matter, or `-` for standard input. Without it, $EDITOR is opened.
    file: Option<PathBuf>,
    /// Send no update to other servers, for a mistyped word: followers keep the text that they have.
    #[arg(long)]
    quiet: bool,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

impl Edit {
    /// Returns the file, unless that is the standard input, which can be read once only.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| !is_stdin(file))
    }

    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let old = lookup::article(&mut node.store.read().await?, &self.slug).await?;
        let announcement = if self.quiet {
            Announcement::Silent
        } else {
            Announcement::Tell
        };
        let is_changed = match &self.file {
            Some(path) => {
                let source = read(path)?;
                let leniency = Leniency::new(self.lenient);
                replace(node, &old, source, leniency, announcement).await?
            }
            None => edit(node, &old, self.lenient, announcement).await?,
        };
        if !is_changed {
            return print_unchanged(node, &old, &self.format);
        }
        print_changed(node, old.id, "Updated", &self.format).await
    }
}

pub(super) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Reads a file or the standard input.
fn read(path: &Path) -> Result<Source> {
    if is_stdin(path) {
        let (name, folder) = (STDIN_NAME.to_owned(), Some(PathBuf::new()));
        return Ok(Source::parse(name, folder, &read_stdin()?)?);
    }
    Ok(Source::read(path)?)
}

/// Replaces an article. Returns whether that changed anything.
async fn replace(
    node: &Node,
    old: &Article,
    source: Source,
    leniency: Leniency<'_>,
    announcement: Announcement,
) -> Result<bool> {
    let stored = articles::replace(node, old, source, leniency, announcement).await?;
    for warning in &stored.warnings {
        output::warn(warning);
    }
    Ok(stored.is_changed)
}

/// Opens an article in $EDITOR until it can be stored or the user gives up. Returns whether it was changed.
async fn edit(
    node: &Node,
    old: &Article,
    is_lenient: bool,
    announcement: Announcement,
) -> Result<bool> {
    let leniency = Leniency {
        is_lenient,
        known: Some(&old.markdown),
    };
    let draft = Draft {
        name: &old.slug,
        text: &to_source(old)?.to_file_text(),
        command: &format!("post edit {}", old.slug),
    };
    let store = async |text: String| {
        let source = Source::parse(editor::NAME.to_owned(), Some(PathBuf::new()), &text)?;
        replace(node, old, source, leniency, announcement).await
    };
    let edited = editor::edit(draft, store).await?;
    Ok(matches!(edited, Edited::Stored(true)))
}

//! `pamphlet post edit`.

use super::summary::{print_changed, print_unchanged};
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
    /// A Markdown file with front matter. Without it, $EDITOR is opened.
    file: Option<PathBuf>,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

impl Edit {
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let old = lookup::article(&mut node.store.read().await?, &self.slug).await?;
        match &self.file {
            Some(path) => {
                let leniency = Leniency::new(self.lenient);
                if !replace(node, &old, Source::read(path)?, leniency).await? {
                    return print_unchanged(node, &old, &self.format);
                }
            }
            None => {
                if !edit(node, &old, self.lenient).await? {
                    return print_unchanged(node, &old, &self.format);
                }
            }
        }
        print_changed(node, old.id, "Updated", &self.format).await
    }
}

/// Replaces an article. Returns whether that changed anything.
async fn replace(
    node: &Node,
    old: &Article,
    source: Source,
    leniency: Leniency<'_>,
) -> Result<bool> {
    let stored = articles::replace(node, old, source, leniency, Announcement::Tell).await?;
    for warning in &stored.warnings {
        output::warn(warning);
    }
    Ok(stored.is_changed)
}

/// Opens an article in $EDITOR until it can be stored or the user gives up. Returns whether it was changed.
async fn edit(node: &Node, old: &Article, is_lenient: bool) -> Result<bool> {
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
        replace(node, old, source, leniency).await
    };
    let edited = editor::edit(draft, store).await?;
    Ok(matches!(edited, Edited::Stored(true)))
}

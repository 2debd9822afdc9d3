//! `pamphlet post edit`.

use super::{editor::Edited, summary::print_changed};
use crate::{
    cli::common::{Format, lookup, output},
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
                replace(node, &old, Source::read(path)?, leniency).await?;
            }
            None => edit(node, &old, self.lenient).await?,
        }
        print_changed(node, old.id, "Updated", &self.format).await
    }
}

/// Replaces an article.
async fn replace(node: &Node, old: &Article, source: Source, leniency: Leniency<'_>) -> Result<()> {
    let stored = articles::replace(node, old, source, leniency, Announcement::Tell).await?;
    for warning in &stored.warnings {
        output::warn(warning);
    }
    Ok(())
}

/// Opens an article in $EDITOR until it can be stored or the user gives up.
async fn edit(node: &Node, old: &Article, is_lenient: bool) -> Result<()> {
    let leniency = Leniency {
        is_lenient,
        known: Some(&old.markdown),
    };
    let edited = Edited::new("post edit", &old.slug, to_source(old)?.to_file_text())?;
    loop {
        if let Err(error) = edited.open() {
            return Err(edited.give_up(&error));
        }
        let done = match edited.source() {
            Ok(source) => replace(node, old, source, leniency).await,
            Err(error) => Err(error),
        };
        let Err(error) = done else { return Ok(()) };
        if !edited.asks_again(&error)? {
            return Err(edited.give_up(&error));
        }
    }
}

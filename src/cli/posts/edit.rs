//! `pamphlet post edit`.

use super::{
    editor::Edited,
    pictures::{self, Leniency, StoredPictures},
    source_file::{Source, fields_of, read_source, to_source},
    summary::print_changed,
};
use crate::{
    cli::common::{Format, lookup, output, pictures::remove_unused_of_article},
    node::Node,
    store::{Article, StoreError},
};
use anyhow::{Result, bail};
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
                let leniency = Leniency {
                    is_lenient: self.lenient,
                    known: None,
                };
                replace(node, &old, read_source(path)?, leniency).await?;
            }
            None => edit(node, &old, self.lenient).await?,
        }
        print_changed(node, old.id, "Updated", &self.format).await
    }
}

/// Replaces an article.
async fn replace(node: &Node, old: &Article, source: Source, leniency: Leniency<'_>) -> Result<()> {
    for warning in replace_quietly(node, old, source, leniency).await? {
        output::warn(&warning);
    }
    Ok(())
}

/// Replaces an article. Returns warnings to its author.
///
/// # Errors
/// If its pictures can't be read, its slug is taken, or the database fails.
pub(super) async fn replace_quietly(
    node: &Node,
    old: &Article,
    mut source: Source,
    leniency: Leniency<'_>,
) -> Result<Vec<String>> {
    let pictures = pictures::read(node, &mut source, leniency).await?;
    let warnings = std::mem::take(&mut source.warnings);
    let stored = pictures.store(node).await?;
    let updated = update_row(node, old, source, &stored).await;
    stored.settle(updated).await?;
    remove_unused_of_article(node, old).await?;
    Ok(warnings)
}

/// Replaces the row of an article whose new pictures are stored.
async fn update_row(
    node: &Node,
    old: &Article,
    source: Source,
    pictures: &StoredPictures<'_>,
) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let fields = fields_of(
        &mut tx,
        &source.path,
        source.article,
        Some(old),
        &node.config.site.language,
    )
    .await?;
    match tx.update_article(old.id, &fields).await {
        Err(StoreError::Duplicate(_)) => bail!(
            "another article has the slug {}: choose another slug",
            fields.slug
        ),
        other => other?,
    }
    pictures.release(&mut tx).await?;
    Ok(tx.commit().await?)
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

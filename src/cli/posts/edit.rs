//! `pamphlet post edit`.

use super::{
    editor::Edited,
    pictures,
    source_file::{self, fields_of, read_source, to_source},
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
            Some(path) => replace(node, &old, read_source(path)?, None).await?,
            None => edit(node, &old).await?,
        }
        print_changed(node, old.id, "Updated", &self.format).await
    }
}

/// Replaces an article. Pictures that the previous text, `known`, names may be missing.
async fn replace(
    node: &Node,
    old: &Article,
    mut source: source_file::Source,
    known: Option<&str>,
) -> Result<()> {
    let pictures = pictures::read(&mut source, known)?;
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
    let stored = pictures.store(&node.config.data)?;
    tx.commit().await?;
    stored.keep();
    for warning in &source.warnings {
        output::warn(warning);
    }
    Ok(remove_unused_of_article(node, old).await?)
}

/// Opens an article in $EDITOR until it can be stored or the user gives up.
async fn edit(node: &Node, old: &Article) -> Result<()> {
    let edited = Edited::new("post edit", &old.slug, to_source(old)?.to_file_text())?;
    loop {
        if let Err(error) = edited.open() {
            return Err(edited.give_up(&error));
        }
        let done = match edited.source() {
            Ok(source) => replace(node, old, source, Some(&old.markdown)).await,
            Err(error) => Err(error),
        };
        let Err(error) = done else { return Ok(()) };
        if !edited.asks_again(&error)? {
            return Err(edited.give_up(&error));
        }
    }
}

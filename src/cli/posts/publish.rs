//! `pamphlet post publish` and `draft`.

use super::{
    is_slug_of_no_file,
    pictures::{self, Leniency, StoredPictures},
    source_file::{Source, fields_of, read_source},
    summary::print_changed,
};
use crate::{
    cli::common::{Format, output},
    node::Node,
    store::{ArticleStatus, StoreError},
};
use anyhow::{Result, bail};
use clap::Args;
use std::path::Path;

/// The article to publish or to store as a draft.
#[derive(Debug, Args)]
pub(crate) struct ArticleSourceArg {
    /// A Markdown file with front matter, or the slug of a draft.
    #[arg(value_name = "FILE")]
    source: String,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

impl ArticleSourceArg {
    /// Returns the argument as it was given.
    pub(crate) fn text(&self) -> &str {
        &self.source
    }
}

pub(super) async fn publish(node: &Node, arg: &ArticleSourceArg) -> Result<()> {
    let id = match publish_draft(node, arg.text()).await? {
        Some(id) => id,
        None => {
            let path = Path::new(arg.text());
            store_article(node, path, ArticleStatus::Published, arg.lenient).await?
        }
    };
    print_changed(node, id, "Published", &arg.format).await
}

/// Publishes a draft. Returns its row id, or `None` if the text is a file or no article has this slug.
async fn publish_draft(node: &Node, slug: &str) -> Result<Option<i64>> {
    if !is_slug_of_no_file(slug) {
        return Ok(None);
    }
    let mut tx = node.store.begin().await?;
    let Some(article) = tx.article_by_slug(slug).await? else {
        return Ok(None);
    };
    if article.status == ArticleStatus::Published {
        bail!("{slug} is already published: run `pamphlet post edit {slug}` to change it");
    }
    tx.set_article_status(article.id, ArticleStatus::Published)
        .await?;
    tx.commit().await?;
    Ok(Some(article.id))
}

pub(super) async fn draft(node: &Node, arg: &ArticleSourceArg) -> Result<()> {
    let path = Path::new(arg.text());
    let id = store_article(node, path, ArticleStatus::Draft, arg.lenient).await?;
    print_changed(node, id, "Stored as a draft", &arg.format).await
}

/// Stores a Markdown file as an article with a status. Returns its row id.
///
/// # Errors
/// If the file or its pictures can't be read, its slug is taken, or the database fails.
pub(crate) async fn store_article(
    node: &Node,
    path: &Path,
    status: ArticleStatus,
    is_lenient: bool,
) -> Result<i64> {
    let (id, warnings) = store_quietly(node, path, status, is_lenient).await?;
    for warning in &warnings {
        output::warn(warning);
    }
    Ok(id)
}

/// Stores a Markdown file as [`store_article`] does. Returns its row id, and warnings to its author.
///
/// # Errors
/// As [`store_article`].
pub(super) async fn store_quietly(
    node: &Node,
    path: &Path,
    status: ArticleStatus,
    is_lenient: bool,
) -> Result<(i64, Vec<String>)> {
    let mut source = read_source(path)?;
    let leniency = Leniency {
        is_lenient,
        known: None,
    };
    let pictures = pictures::read(node, &mut source, leniency).await?;
    let warnings = std::mem::take(&mut source.warnings);
    let stored = pictures.store(node).await?;
    let added = add_row(node, path, source, status, &stored).await;
    let id = stored.settle(added).await?;
    Ok((id, warnings))
}

/// Stores the row of an article whose pictures are stored.
async fn add_row(
    node: &Node,
    path: &Path,
    source: Source,
    status: ArticleStatus,
    pictures: &StoredPictures<'_>,
) -> Result<i64> {
    let mut tx = node.store.begin().await?;
    let fields = fields_of(
        &mut tx,
        path,
        source.article,
        None,
        &node.config.site.language,
    )
    .await?;
    let id = match tx.add_article(&fields, status).await {
        Err(StoreError::Duplicate(_)) => bail!(
            "an article with the slug {0} already exists: run `pamphlet post edit {0} {1}` to change it, \
             or set another slug in the front matter",
            fields.slug,
            path.display()
        ),
        other => other?,
    };
    pictures.release(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

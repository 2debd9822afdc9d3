//! `pamphlet post publish` and `draft`.

use super::{is_slug_of_no_file, summary::print_changed};
use crate::{
    cli::common::{Format, output},
    node::Node,
    publishing::{Announcement, Leniency, Source, articles},
    store::ArticleStatus,
};
use anyhow::Result;
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
    if node
        .store
        .read()
        .await?
        .article_by_slug(slug)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let article = articles::publish(node, slug, Announcement::Tell).await?;
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
    let leniency = Leniency::new(is_lenient);
    let source = Source::read(path)?;
    let stored = articles::create(node, source, status, leniency, Announcement::Tell).await?;
    for warning in &stored.warnings {
        output::warn(warning);
    }
    Ok(stored.article.id)
}

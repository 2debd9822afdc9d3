//! `pamphlet post rename`.

use crate::{
    cli::{common::Format, posts::summary::print_changed},
    content::Slug,
    node::Node,
    publishing::{Announcement, rename},
};
use anyhow::Result;
use clap::Args;

/// The article to rename.
#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// The article's slug.
    #[arg(value_name = "OLD")]
    slug: String,
    /// Its new slug.
    #[arg(value_name = "NEW")]
    new: Slug,
    /// Send no update to other servers: they show the former address, which redirects.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    format: Format,
}

impl Rename {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let announcement = if self.quiet {
            Announcement::Silent
        } else {
            Announcement::Tell
        };
        let article = rename::rename_article(node, &self.slug, &self.new, announcement).await?;
        print_changed(node, article.id, "Renamed", &self.format).await
    }
}

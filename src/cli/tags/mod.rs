//! `pamphlet tag`: lists tags, and renames and merges them in all articles.

mod change;
mod list;

use crate::{cli::common::Options, node::Node};
use anyhow::Result;
use change::{Merge, Rename};
use clap::Subcommand;
use list::List;

/// List the tags of the articles, rename and merge them.
#[derive(Debug, Subcommand)]
pub(crate) enum Tag {
    /// List the tags with the number of their articles.
    List(List),
    /// Rename a tag in all articles. Its page leads to the new one for ever.
    Rename(Rename),
    /// Merge tags into one in all articles. Their pages lead to that one for ever.
    Merge(Merge),
}

impl Tag {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Tag::List(list) => list.run(node).await,
            Tag::Rename(rename) => rename.run(node).await,
            Tag::Merge(merge) => merge.run(node).await,
        };
        options.with_node(run).await
    }
}

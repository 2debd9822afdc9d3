//! `pamphlet author`: the publication's authors, with or without an actor of their own.

mod add;
mod edit;
mod profile;
mod remove;
mod show;
mod text;

use crate::{cli::common::Options, node::Node};
use anyhow::Result;
use clap::Subcommand;

/// Manage the publication's authors.
#[derive(Debug, Subcommand)]
pub(crate) enum Author {
    /// Add an author, to whom articles refer by `author:` in their front matter.
    Add(add::Add),
    /// Change an author's profile, with options or in $EDITOR. The followers of a federated author are told.
    Edit(edit::Edit),
    /// List the authors.
    List(show::List),
    /// Show an author.
    Show(show::Show),
    /// Remove an author. Their articles stay, with the name as their byline.
    Remove(remove::Remove),
}

impl Author {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Author::Add(add) => add.run(node).await,
            Author::Edit(edit) => edit.run(node).await,
            Author::List(list) => list.run(node).await,
            Author::Show(show) => show.run(node).await,
            Author::Remove(remove) => remove.run(node).await,
        };
        options.with_node(run).await
    }
}

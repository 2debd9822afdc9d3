//! `pamphlet author`: the publication's authors, with or without an actor of their own.

use crate::{
    cli::common::{
        Format, Options,
        output::{self, Listing},
    },
    content::Username,
    node::Node,
    store::{Author as Row, StoreError},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// Manage the publication's authors.
#[derive(Debug, Subcommand)]
pub(crate) enum Author {
    /// Add an author, to whom articles refer by `author:` in their front matter.
    Add(Add),
    /// List the authors.
    List {
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    username: Username,
    /// The name that readers see.
    #[arg(long)]
    name: String,
    /// A short biography in Markdown.
    #[arg(long, default_value = "")]
    bio: String,
    /// Give the author an actor, which publishes their articles. The site boosts them.
    #[arg(long)]
    federated: bool,
}

impl Author {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Author::Add(add) => add.run(node).await,
            Author::List { format } => list(node, &format).await,
        };
        options.with_node(run).await
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        let (username, name) = (self.username.as_str(), &self.name);
        let mut tx = node.store.begin().await?;
        if tx.local_actor(username).await?.is_some() {
            bail!("a local actor @{username} already exists: choose another user name");
        }
        match tx
            .add_author(username, name, &self.bio, self.federated)
            .await
        {
            Err(StoreError::Duplicate(_)) => bail!("an author {username} already exists"),
            other => other?,
        };
        tx.commit().await?;
        output::line(&format!(
            "Added {name} (@{username}@{})",
            node.config.domain
        ))
    }
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let list = Listing {
        items: &node.store.read().await?.authors().await?,
        headings: &["USER NAME", "NAME", "FEDERATED"],
        empty: "There are no authors: articles show the byline of their front matter.",
    };
    let to_json = |author: &Row| {
        json!({
            "username": author.username,
            "name": author.name,
            "bio": author.bio,
            "federated": author.federated,
        })
    };
    list.print(format, to_json, |author| {
        let federated = if author.federated { "yes" } else { "no" };
        vec![
            author.username.clone(),
            author.name.clone(),
            federated.to_owned(),
        ]
    })
}

//! `pamphlet author`: the people who write, with or without an actor of their own.

use super::{
    Options,
    output::{self, Format},
};
use crate::{content::Username, store::StoreError};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;

/// Name the people who write.
#[derive(Debug, Subcommand)]
pub enum Author {
    /// Add an author, whom articles name by `author:` in their front matter.
    Add {
        username: Username,
        /// The name that readers see.
        #[arg(long)]
        name: String,
        /// A sentence or two about them, in Markdown.
        #[arg(long, default_value = "")]
        bio: String,
        /// Give them an actor: their articles are theirs, and the site boosts them.
        #[arg(long)]
        federated: bool,
    },
    /// List the authors.
    List {
        #[command(flatten)]
        format: Format,
    },
}

impl Author {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        match self {
            Author::Add {
                username,
                name,
                bio,
                federated,
            } => {
                let mut tx = node.store.begin().await?;
                if tx.local_actor(username.as_str()).await?.is_some() {
                    bail!("@{username} is an actor of this node already: choose another user name");
                }
                match tx
                    .add_author(username.as_str(), &name, &bio, federated)
                    .await
                {
                    Err(StoreError::Duplicate(_)) => bail!("there is an author {username} already"),
                    other => other?,
                };
                tx.commit().await?;
                output::line(&format!(
                    "Added {name} (@{username}@{})",
                    node.config.domain
                ))
            }
            Author::List { format } => {
                let authors = node.store.read().await?.authors().await?;
                if format.json {
                    let list: Vec<_> = authors
                        .iter()
                        .map(|a| json!({"username": a.username, "name": a.name, "bio": a.bio, "federated": a.federated}))
                        .collect();
                    return output::json(&list);
                }
                let row = |a: &crate::store::Author| {
                    let federated = if a.federated { "yes" } else { "no" };
                    vec![a.username.clone(), a.name.clone(), federated.to_owned()]
                };
                output::table(
                    &["USER NAME", "NAME", "FEDERATED"],
                    &authors.iter().map(row).collect::<Vec<_>>(),
                    "There are no authors: articles show the byline of their front matter.",
                )
            }
        }
    }
}

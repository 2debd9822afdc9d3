//! `pamphlet actor`: who the publication is to other servers.

use super::{
    Options,
    output::{self, Format},
};
use crate::federation::documents;
use anyhow::{Context, Result};
use clap::Subcommand;

/// See the publication's actor as other servers do.
#[derive(Debug, Subcommand)]
pub enum Actor {
    /// Show an actor of this node.
    Show {
        /// Its user name [default: the publication's].
        username: Option<String>,
        #[command(flatten)]
        format: Format,
    },
}

impl Actor {
    pub async fn run(self, options: &Options) -> Result<()> {
        let Actor::Show { username, format } = self;
        let node = options.node().await?;
        let local = match &username {
            Some(name) => node
                .locals
                .by_name(&node.store, name)
                .await?
                .with_context(|| format!("there is no actor {name} on this node"))?,
            None => node.site().await?,
        };
        let document: serde_json::Value = serde_json::from_str(&documents::actor(&node, &local))?;
        if format.json {
            return output::json(&document);
        }
        let followers = node
            .store
            .read()
            .await?
            .count_followers(local.row.id)
            .await?;
        output::line(&format!(
            "{}\n  Name       {}\n  Actor      {}\n  Page       {}\n  Inbox      {}\n  Followers  {followers}",
            node.handle(&local.row),
            document["name"].as_str().unwrap_or_default(),
            local.uri,
            document["url"].as_str().unwrap_or_default(),
            document["inbox"].as_str().unwrap_or_default(),
        ))
    }
}

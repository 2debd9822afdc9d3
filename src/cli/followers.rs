//! `pamphlet followers`.

use super::{
    Options,
    output::{self, Format, Page},
};
use crate::{federation::node::Inner, store::Follower};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;

/// See who follows.
#[derive(Debug, Subcommand)]
pub enum Followers {
    /// List followers, the newest first.
    List(List),
}

#[derive(Debug, Args)]
pub struct List {
    /// Of this actor of the node [default: the publication].
    #[arg(long, value_name = "USERNAME")]
    of: Option<String>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl Followers {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let Followers::List(list) = self;
        let local = match &list.of {
            Some(name) => node
                .locals
                .by_name(&node.store, name)
                .await?
                .with_context(|| format!("there is no actor {name} on this node"))?,
            None => node.site().await?,
        };
        let mut conn = node.store.read().await?;
        let rows = conn
            .followers(local.row.id, list.page.before(), list.page.limit)
            .await?;
        if list.format.json {
            return output::json(&rows.iter().map(to_json).collect::<Vec<_>>());
        }
        output::line(&format!(
            "{} followers of {}",
            conn.count_followers(local.row.id).await?,
            node.handle(&local.row)
        ))?;
        let row = |f: &Follower| {
            vec![
                f.id.to_string(),
                output::time(f.created_at),
                Inner::remote_handle(&f.username, &f.handle_host),
                output::one_line(&f.name, 40),
                f.state.clone(),
            ]
        };
        output::table(
            &["ID", "SINCE", "HANDLE", "NAME", "STATE"],
            &rows.iter().map(row).collect::<Vec<_>>(),
            "Nobody yet.",
        )
    }
}

fn to_json(follower: &Follower) -> serde_json::Value {
    json!({
        "id": follower.id,
        "actor": follower.uri,
        "handle": Inner::remote_handle(&follower.username, &follower.handle_host),
        "name": follower.name,
        "state": follower.state,
        "since": output::timestamp(follower.created_at),
    })
}

//! `pamphlet allow`: hosts and actors whose comments are never held back.

use super::{
    Options,
    blocks::Target,
    output::{self, Format},
};
use crate::{
    node::Node,
    store::{Allow as Row, Decision},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// Never hold back comments of hosts and actors.
#[derive(Debug, Subcommand)]
pub enum Allow {
    /// Put a host with its subdomains, or one actor, on the list.
    Add(Add),
    /// Take it off the list.
    Remove(Target),
    /// List the hosts and actors.
    List {
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    target: Target,
    /// Why, for your own memory.
    #[arg(long)]
    reason: Option<String>,
}

impl Allow {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Allow::Add(add) => add.run(&node).await,
            Allow::Remove(target) => remove(&target, &node).await,
            Allow::List { format } => list(&node, &format).await,
        };
        node.store.close().await;
        done
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        let mut tx = node.store.begin().await?;
        let (kind, value) = self.target.resolve(&mut tx).await?;
        let reason = self.reason.as_deref();
        if !tx.add_allow(kind, &value, reason).await? {
            return output::line(&format!("{value} was allowed already."));
        }
        tx.log(&Decision {
            who: &output::who(),
            action: "allow",
            about: &format!("{} {value}", kind.as_str()),
            why: reason,
            ..Decision::default()
        })
        .await?;
        tx.commit().await?;
        output::line(&format!("Allowed: {value}"))
    }
}

async fn remove(target: &Target, node: &Node) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let (kind, value) = target.resolve(&mut tx).await?;
    if !tx.remove_allow(kind, &value).await? {
        bail!("{value} is not on the list: `pamphlet allow list` shows what is");
    }
    tx.log(&Decision {
        who: &output::who(),
        action: "allow no longer",
        about: &format!("{} {value}", kind.as_str()),
        ..Decision::default()
    })
    .await?;
    tx.commit().await?;
    output::line(&format!("No longer allowed: {value}"))
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let rows = node.store.read().await?.allows().await?;
    if format.json {
        let one = |row: &Row| {
            json!({
                "kind": row.kind, "value": row.value, "reason": row.reason,
                "since": output::timestamp(row.created_at),
            })
        };
        return output::json(&rows.iter().map(one).collect::<Vec<_>>());
    }
    let row = |row: &Row| {
        vec![
            output::time(row.created_at),
            row.kind.clone(),
            row.value.clone(),
            row.reason.clone().unwrap_or_default(),
        ]
    };
    output::table(
        &["SINCE", "KIND", "WHO", "REASON"],
        &rows.iter().map(row).collect::<Vec<_>>(),
        "Nobody is on the list.",
    )
}

//! `pamphlet block`: hosts and actors that the publication wants nothing to do with.

use super::{
    Options,
    output::{self, Format},
};
use crate::{
    content::{Handle, Host},
    store::{BlockKind, Conn},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// Shut out hosts and actors.
#[derive(Debug, Subcommand)]
pub enum Block {
    /// Block a host with its subdomains, or one actor.
    Add {
        #[command(flatten)]
        target: Target,
        /// Why, for your own memory.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Take a block back.
    Remove(Target),
    /// List the blocks.
    List {
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub struct Target {
    /// A host (example.org), a handle (@user@example.org) or an actor's address (https://...).
    #[arg(value_name = "HOST|HANDLE|URL")]
    target: String,
}

impl Block {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Block::Add { target, reason } => {
                let mut tx = node.store.begin().await?;
                let (kind, value) = target.resolve(&mut tx).await?;
                let added = tx.add_block(kind, &value, reason.as_deref()).await?;
                tx.commit().await?;
                output::line(&match added {
                    true => format!("Blocked: {value}"),
                    false => format!("{value} was blocked already."),
                })
            }
            Block::Remove(target) => {
                let mut tx = node.store.begin().await?;
                let (kind, value) = target.resolve(&mut tx).await?;
                if !tx.remove_block(kind, &value).await? {
                    bail!("{value} is not blocked: `pamphlet block list` shows what is");
                }
                tx.commit().await?;
                output::line(&format!("No longer blocked: {value}"))
            }
            Block::List { format } => list(&mut node.store.read().await?, &format).await,
        };
        node.store.close().await;
        done
    }
}

impl Target {
    async fn resolve(&self, conn: &mut Conn) -> Result<(BlockKind, String)> {
        let text = self.target.trim();
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = url::Url::parse(text)?;
            return Ok((BlockKind::Actor, url.to_string()));
        }
        if text.contains('@') {
            let handle: Handle = text.parse()?;
            return match conn
                .actor_by_handle(handle.user(), &handle.host().to_string())
                .await?
            {
                Some(uri) => Ok((BlockKind::Actor, uri)),
                None => bail!(
                    "{handle} never came here: block the actor by its address (https://...), or the host"
                ),
            };
        }
        Ok((BlockKind::Host, Host::parse(text)?.to_string()))
    }
}

async fn list(conn: &mut Conn, format: &Format) -> Result<()> {
    let blocks = conn.blocks().await?;
    if format.json {
        let list: Vec<_> = blocks
            .iter()
            .map(|b| json!({"kind": b.kind, "value": b.value, "reason": b.reason, "since": output::timestamp(b.created_at)}))
            .collect();
        return output::json(&list);
    }
    let row = |b: &crate::store::Block| {
        vec![
            output::time(b.created_at),
            b.kind.clone(),
            b.value.clone(),
            b.reason.clone().unwrap_or_default(),
        ]
    };
    output::table(
        &["SINCE", "KIND", "WHO", "REASON"],
        &blocks.iter().map(row).collect::<Vec<_>>(),
        "Nobody is blocked.",
    )
}

//! `pamphlet deliveries retry`, `drop` and `resend`.

use super::{Format, Which};
use crate::{
    cli::output,
    federation::{Node, outbox},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct Retry {
    /// Only this server [default: all that fail].
    host: Option<String>,
    /// Also send again what was refused.
    #[arg(long)]
    refused: bool,
    #[command(flatten)]
    format: Format,
}

impl Retry {
    pub async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(super::host).transpose()?;
        let mut tx = node.store.begin().await?;
        let destinations = tx.retry_destinations(host.as_deref()).await?;
        let deliveries = match self.refused {
            true => tx.retry_refused(host.as_deref()).await?,
            false => 0,
        };
        tx.commit().await?;
        node.store.wake();
        if self.format.json {
            return output::json(&json!({"destinations": destinations, "refused": deliveries}));
        }
        let refused = match self.refused {
            true => format!(", and {deliveries} refused deliveries"),
            false => String::new(),
        };
        output::line(&format!(
            "{destinations} failing destinations are tried again at once{refused}."
        ))
    }
}

#[derive(Debug, Args)]
pub struct Drop {
    #[command(flatten)]
    which: Which,
    /// What was refused, instead of what waits.
    #[arg(long)]
    refused: bool,
    /// Only say how many it would be.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl Drop {
    pub async fn run(self, node: &Node) -> Result<()> {
        let host = self.which.host()?;
        let state = match self.refused {
            true => "refused",
            false => "waiting",
        };
        let mut tx = node.store.begin().await?;
        let deliveries = tx.drop_deliveries(host.as_deref(), state).await?;
        if !self.dry_run {
            tx.commit().await?;
        }
        if self.format.json {
            return output::json(&json!({"dropped": deliveries, "dry_run": self.dry_run}));
        }
        output::line(&match self.dry_run {
            true => format!("{deliveries} {state} deliveries would be dropped."),
            false => format!("{deliveries} {state} deliveries are dropped."),
        })
    }
}

#[derive(Debug, Args)]
pub struct Resend {
    /// The article's slug.
    article: String,
    /// Only to this server, also if it counts as dead.
    #[arg(long)]
    host: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl Resend {
    pub async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(super::host).transpose()?;
        let article = node
            .store
            .read()
            .await?
            .article_by_slug(&self.article)
            .await?
            .with_context(|| {
                format!(
                    "there is no article {:?}: `pamphlet post list` shows what there is",
                    self.article
                )
            })?;
        let enqueued = outbox::resend(node, &article, host.as_deref()).await?;
        if enqueued.is_empty() {
            bail!(
                "{:?} was never sent: publish it with `pamphlet post publish`",
                self.article
            );
        }
        if self.format.json {
            return output::json(&enqueued);
        }
        let parts: Vec<String> = enqueued
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        output::line(&format!("Enqueued again: {}.", parts.join(", ")))
    }
}

//! `pamphlet deliveries retry`, `drop` and `resend`.

use super::{Format, Which, status};
use crate::{cli::output, federation::outbox, node::Node, store::RetriedRefusals};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct Retry {
    /// Only this server [default: all that fail].
    host: Option<String>,
    /// Also send refused activities again, in their original order.
    #[arg(long)]
    refused: bool,
    /// Only send activities again that were refused since then: an age ("2 days") or a date (2026-01-31, "2026-01-31
    /// 18:30", UTC).
    #[arg(long, value_name = "TIME", requires = "refused")]
    since: Option<String>,
    /// Show the progress until nothing is due any more.
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    format: Format,
}

impl Retry {
    pub async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(super::host).transpose()?;
        let since = self.since.as_deref().map(super::since).transpose()?;
        let mut tx = node.store.begin().await?;
        let destinations = tx.retry_destinations(host.as_deref()).await?;
        let refused = match self.refused {
            true => {
                let activities = node.urls().activity("");
                let since = since.unwrap_or(i64::MIN);
                Some(
                    tx.retry_refused(host.as_deref(), since, &activities)
                        .await?,
                )
            }
            false => None,
        };
        tx.commit().await?;
        node.store.wake();
        self.report(destinations, refused)?;
        match self.watch {
            true => status::watch(node, self.format.json).await,
            false => Ok(()),
        }
    }

    fn report(&self, destinations: u64, refused: Option<RetriedRefusals>) -> Result<()> {
        if self.format.json {
            let shown = json!({
                "destinations": destinations,
                "refused": refused.map_or(0, |refused| refused.deliveries),
                "withdrawn": refused.map_or(0, |refused| refused.withdrawn),
            });
            return match self.watch {
                // Prints a single line, like the progress lines that follow.
                true => output::line(&shown.to_string()),
                false => output::json(&shown),
            };
        }
        let also = refused.map_or(String::new(), |refused| {
            format!(", and {} refused deliveries", refused.deliveries)
        });
        output::line(&format!(
            "{destinations} failing destinations are tried again at once{also}."
        ))?;
        match refused {
            Some(refused) if refused.withdrawn > 0 => output::line(&format!(
                "{} refused deliveries are given up: their posts were withdrawn since.",
                refused.withdrawn
            )),
            _ => Ok(()),
        }
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

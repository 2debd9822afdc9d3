//! `pamphlet deliveries retry`, `drop` and `resend`.

use super::{ServerSelector, parse_host, parse_time, status};
use crate::{
    cli::common::{Format, Yes, lookup, output},
    federation::outbox,
    node::Node,
    store::RetriedRefusals,
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// Only retry this server [default: all failing servers].
    host: Option<String>,
    /// Also resend refused activities, in their original order.
    #[arg(long)]
    refused: bool,
    /// Only resend activities refused since this time: an age ("2 days") or a UTC date (2026-01-31, "2026-01-31
    /// 18:30").
    #[arg(long, value_name = "TIME", requires = "refused")]
    since: Option<String>,
    /// Show the progress until no delivery is due.
    #[arg(long, conflicts_with = "dry_run")]
    watch: bool,
    /// Only print how much would be sent again.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl Retry {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(parse_host).transpose()?;
        let since = self.since.as_deref().map(parse_time).transpose()?;
        let mut tx = node.store.begin().await?;
        let destinations = tx.retry_destinations(host.as_deref()).await?;
        let refused = if self.refused {
            let activities = node.urls().activity("");
            let since = since.unwrap_or(i64::MIN);
            Some(
                tx.retry_refused(host.as_deref(), since, &activities)
                    .await?,
            )
        } else {
            None
        };
        if !self.dry_run {
            tx.commit().await?;
            node.store.wake();
        }
        self.report(destinations, refused)?;
        if self.watch {
            status::watch(node, self.format.json).await?;
        }
        Ok(())
    }

    fn report(&self, destinations: u64, refused: Option<RetriedRefusals>) -> Result<()> {
        if self.format.json {
            let shown = json!({
                "destinations": destinations,
                "refused": refused.map_or(0, |refused| refused.deliveries),
                "withdrawn": refused.map_or(0, |refused| refused.withdrawn),
                "dry_run": self.dry_run,
            });
            return match self.watch {
                // Prints a single line, like the progress lines that follow.
                true => output::line(&shown.to_string()),
                false => output::json(&shown),
            };
        }
        let also = refused.map_or(String::new(), |refused| {
            format!(" and {} refused deliveries", refused.deliveries)
        });
        let failing = output::counted(destinations as usize, "failing destination");
        if self.dry_run {
            return output::line(&format!("Would retry {failing}{also}."));
        }
        output::line(&format!("Retrying {failing}{also} now."))?;
        match refused {
            Some(refused) if refused.withdrawn > 0 => output::line(&format!(
                "Dropped {} refused deliveries of withdrawn posts.",
                refused.withdrawn
            )),
            _ => Ok(()),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Drop {
    #[command(flatten)]
    selector: ServerSelector,
    /// Drop refused deliveries instead of pending ones.
    #[arg(long)]
    refused: bool,
    /// Only print how many would be dropped.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

impl Drop {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let host = self.selector.host()?;
        let state = if self.refused { "refused" } else { "waiting" };
        if !self.dry_run {
            let to = host.as_deref().unwrap_or("all servers");
            self.yes.confirm(&format!(
                "Drop the {state} deliveries to {to}? They can't be restored."
            ))?;
        }
        let mut tx = node.store.begin().await?;
        let deliveries = tx.delete_deliveries(host.as_deref(), state).await?;
        if !self.dry_run {
            tx.commit().await?;
        }
        if self.format.json {
            return output::json(&json!({"dropped": deliveries, "dry_run": self.dry_run}));
        }
        let verb = if self.dry_run {
            "Would drop"
        } else {
            "Dropped"
        };
        output::line(&format!("{verb} {deliveries} {state} deliveries."))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Resend {
    /// The article's slug.
    article: String,
    /// Only resend to this server, even if it is dead.
    #[arg(long)]
    host: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl Resend {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(parse_host).transpose()?;
        let article = lookup::article(&mut node.store.read().await?, &self.article).await?;
        let enqueued = outbox::resend(node, &article, host.as_deref()).await?;
        if enqueued.is_empty() {
            bail!(
                "{:?} was never sent: run `pamphlet post publish` to publish it",
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
        output::line(&format!("Resending {}.", parts.join(", ")))
    }
}

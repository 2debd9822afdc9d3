//! `pamphlet deliveries status`: prints statistics once, or continuously with `--watch`.

use super::{hold, parse_host};
use crate::{
    cli::common::{Format, output, refusals::RecentRefusals},
    node::Node,
    store::{self, DeliveryOverview, DestinationStatus},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

/// The period over which the rate is measured, in milliseconds. It is extended to the beginning of a minute.
const RATE_PERIOD: i64 = 60_000;
/// The time between two updates of `--watch`.
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Only show this server, even if it has no problems.
    #[arg(long)]
    host: Option<String>,
    /// The maximum number of servers to list.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
    /// Show the progress until no delivery is due.
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    format: Format,
}

impl Status {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        if self.watch {
            return watch(node, self.format.json).await;
        }
        let host = self.host.as_deref().map(parse_host).transpose()?;
        let mut conn = node.store.read().await?;
        let overview = conn.delivery_overview().await?;
        let troubled = conn
            .troubled_destinations(host.as_deref(), self.limit)
            .await?;
        let refused = RecentRefusals::read(&mut conn, host.as_deref()).await?;
        let held = conn.delivery_hold().await?;
        let since = (store::now() - RATE_PERIOD).div_euclid(60_000) * 60_000;
        let lately = conn.throughput(since).await?;
        let seconds = (store::now() - since) as f64 / 1000.0;
        let per_second = (lately.delivered as f64 / seconds * 10.0).round() / 10.0;
        if self.format.json {
            let mut shown = to_json(&overview);
            shown["held"] = held
                .as_ref()
                .map_or(Value::Null, |held| hold::to_json(Some(held)));
            shown["per_second"] = json!(per_second);
            shown["failed_lately"] = json!(lately.failed);
            shown["refused_last_day"] = refused.to_json(self.limit);
            shown["hosts"] = troubled.iter().map(host_json).collect();
            return output::json(&shown);
        }
        output::line(&summary(&overview))?;
        if let Some(held) = &held {
            output::line(&hold::sentence(held))?;
        }
        output::line(&format!(
            "In the last minute: {per_second} delivered per second, {} failed attempts. Workers: {}.",
            lately.failed, overview.workers
        ))?;
        if let Some(oldest) = overview.oldest {
            output::line(&format!(
                "The oldest pending delivery has waited since {}.",
                output::time(oldest)
            ))?;
        }
        if let Some(sentence) = refused.summary() {
            output::line(&sentence)?;
            output::line("")?;
            refused.print(self.limit)?;
            output::line("")?;
        }
        output::table(
            &[
                "HOST",
                "STATE",
                "WAITING",
                "FAILURES",
                "NEXT ATTEMPT",
                "LAST ERROR",
            ],
            &troubled.iter().map(host_row).collect::<Vec<_>>(),
            match host {
                Some(_) => "Nothing has been sent to this server.",
                None if refused.deliveries > 0 => "No server is unreachable.",
                None => "All servers accept deliveries.",
            },
        )
    }
}

/// Prints a line per second until no delivery is due. On a terminal, each line replaces the previous one.
///
/// # Errors
/// If stdout can't be written, or the database fails.
pub(super) async fn watch(node: &Node, json: bool) -> Result<()> {
    let on_terminal = std::io::stdout().is_terminal();
    let mut before: Option<(Instant, i64)> = None;
    loop {
        let mut conn = node.store.read().await?;
        let overview = conn.delivery_overview().await?;
        let due = conn.next_attempt().await?;
        drop(conn);
        let now = Instant::now();
        let per_second = before.map_or(0.0, |(then, delivered)| {
            (overview.delivered - delivered) as f64 / now.duration_since(then).as_secs_f64()
        });
        before = Some((now, overview.delivered));
        let is_done = due.is_none_or(|due| due > store::now() + 1000) && overview.in_flight == 0;
        if json {
            let mut shown = to_json(&overview);
            shown["per_second"] = json!(per_second.round());
            output::line(&shown.to_string())?;
        } else {
            let line = format!("{}; {per_second:.0} per second", summary(&overview));
            if on_terminal {
                print!("\r\x1b[K{line}");
                std::io::stdout().flush()?;
            } else {
                output::line(&line)?
            }
        }
        if is_done {
            if on_terminal && !json {
                output::line("")?;
            }
            return Ok(());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

fn summary(overview: &DeliveryOverview) -> String {
    format!(
        "{} delivered, {} waiting, {} in flight, {} refused; {} destinations, {} dead",
        overview.delivered,
        overview.waiting,
        overview.in_flight,
        overview.refused,
        overview.destinations,
        overview.dead
    )
}

fn to_json(overview: &DeliveryOverview) -> Value {
    json!({
        "delivered": overview.delivered, "waiting": overview.waiting, "in_flight": overview.in_flight,
        "refused": overview.refused, "destinations": overview.destinations, "dead": overview.dead,
        "workers": overview.workers, "oldest": overview.oldest.map(output::timestamp),
    })
}

fn host_json(destination: &DestinationStatus) -> Value {
    json!({
        "inbox": destination.inbox, "host": destination.host, "state": destination.state,
        "waiting": destination.waiting, "delivered": destination.delivered, "failures": destination.failures,
        "failing_since": destination.failing_since.map(output::timestamp),
        "next_attempt": destination.next_attempt_at.map(output::timestamp), "last_error": destination.last_error,
    })
}

fn host_row(destination: &DestinationStatus) -> Vec<String> {
    vec![
        destination.host.clone(),
        destination.state.to_string(),
        destination.waiting.to_string(),
        destination.failures.to_string(),
        destination
            .next_attempt_at
            .map(output::time)
            .unwrap_or_default(),
        output::one_line(destination.last_error.as_deref().unwrap_or(""), 60),
    ]
}

//! `pamphlet deliveries status`: numbers once, or again and again with `--watch`.

use super::{Format, refusals::LatelyRefused};
use crate::{
    cli::output,
    node::Node,
    store::{self, DestinationStatus, Overview},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

/// How far back the rate looks, in milliseconds, to the beginning of a minute.
const RATE: i64 = 60_000;
/// Between two looks of `--watch`.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub struct Status {
    /// Only this server, also if nothing is wrong with it.
    #[arg(long)]
    host: Option<String>,
    /// How many servers to list.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
    /// Show the progress until nothing is due any more.
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    format: Format,
}

impl Status {
    pub async fn run(self, node: &Node) -> Result<()> {
        if self.watch {
            return watch(node, self.format.json).await;
        }
        let host = self.host.as_deref().map(super::host).transpose()?;
        let mut conn = node.store.read().await?;
        let overview = conn.delivery_overview().await?;
        let troubled = conn
            .troubled_destinations(host.as_deref(), self.limit)
            .await?;
        let refused = LatelyRefused::read(&mut conn, host.as_deref()).await?;
        let since = (store::now() - RATE).div_euclid(60_000) * 60_000;
        let lately = conn.throughput(since).await?;
        let seconds = (store::now() - since) as f64 / 1000.0;
        let per_second = (lately.delivered as f64 / seconds * 10.0).round() / 10.0;
        if self.format.json {
            let mut shown = as_json(&overview);
            shown["per_second"] = json!(per_second);
            shown["failed_lately"] = json!(lately.failed);
            shown["refused_last_day"] = refused.as_json(self.limit);
            shown["hosts"] = troubled.iter().map(host_as_json).collect();
            return output::json(&shown);
        }
        output::line(&in_words(&overview))?;
        output::line(&format!(
            "In the last minute: {per_second} delivered a second, {} attempts failed. Workers: {}.",
            lately.failed, overview.workers
        ))?;
        if let Some(oldest) = overview.oldest {
            output::line(&format!(
                "The oldest has waited since {}.",
                output::time(oldest)
            ))?;
        }
        if let Some(sentence) = refused.in_words() {
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
                "NEXT TRY",
                "LAST ERROR",
            ],
            &troubled.iter().map(host_as_row).collect::<Vec<_>>(),
            match host {
                Some(_) => "Nothing was ever sent to this server.",
                None if refused.deliveries > 0 => "No server is out of reach.",
                None => "Every server takes what is sent.",
            },
        )
    }
}

/// A line a second until nothing is due; on a terminal each over the one before.
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
            let mut shown = as_json(&overview);
            shown["per_second"] = json!(per_second.round());
            output::line(&shown.to_string())?;
        } else {
            let line = format!("{}; {per_second:.0} a second", in_words(&overview));
            match on_terminal {
                true => {
                    print!("\r\x1b[K{line}");
                    std::io::stdout().flush()?;
                }
                false => output::line(&line)?,
            }
        }
        if is_done {
            if on_terminal && !json {
                output::line("")?;
            }
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn in_words(overview: &Overview) -> String {
    format!(
        "{} delivered, {} waiting, {} under way, {} refused; {} destinations, {} dead",
        overview.delivered,
        overview.waiting,
        overview.in_flight,
        overview.refused,
        overview.destinations,
        overview.dead
    )
}

fn as_json(overview: &Overview) -> Value {
    json!({
        "delivered": overview.delivered, "waiting": overview.waiting, "in_flight": overview.in_flight,
        "refused": overview.refused, "destinations": overview.destinations, "dead": overview.dead,
        "workers": overview.workers, "oldest": overview.oldest.map(output::timestamp),
    })
}

fn host_as_json(destination: &DestinationStatus) -> Value {
    json!({
        "inbox": destination.inbox, "host": destination.host, "state": destination.state,
        "waiting": destination.waiting, "delivered": destination.delivered, "failures": destination.failures,
        "failing_since": destination.failing_since.map(output::timestamp),
        "next_attempt": destination.next_attempt_at.map(output::timestamp), "last_error": destination.last_error,
    })
}

fn host_as_row(destination: &DestinationStatus) -> Vec<String> {
    vec![
        destination.host.clone(),
        destination.state.clone(),
        destination.waiting.to_string(),
        destination.failures.to_string(),
        destination
            .next_attempt_at
            .map(output::time)
            .unwrap_or_default(),
        output::one_line(destination.last_error.as_deref().unwrap_or(""), 60),
    ]
}

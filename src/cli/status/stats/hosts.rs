//! `pamphlet stats hosts`: the servers with the most readers.

use super::{View, cell, plot, print_csv};
use crate::{
    cli::common::output,
    node::Node,
    store::{Conn, HostStatistics},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

/// The width of a bar.
const BAR: usize = 20;
/// The width of a terminal from which bars are drawn.
const WIDE: usize = 90;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet stats hosts
  pamphlet stats hosts --since '30 days' --limit 100
  pamphlet stats hosts --csv > hosts.csv

With --since, only followers, replies, likes and boosts from then on count. DELIVERED has all deliveries that the
server ever accepted.")]
pub(super) struct Hosts {
    /// The maximum number of servers.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    #[command(flatten)]
    view: View,
}

impl Hosts {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let since = match self.view.since {
            Some(_) => self.view.since(0)?,
            None => 0,
        };
        let hosts = read(&mut node.store.read().await?, since, self.limit).await?;
        if self.view.json {
            return output::json(&hosts.iter().map(to_json).collect::<Value>());
        }
        if self.view.csv {
            return csv(&hosts);
        }
        print(&hosts)
    }
}

pub(super) async fn read(conn: &mut Conn, since: i64, limit: i64) -> Result<Vec<HostStatistics>> {
    Ok(conn.host_statistics(since, limit).await?)
}

/// Prints servers as a table, with bars on a wide terminal.
pub(super) fn print(hosts: &[HostStatistics]) -> Result<()> {
    let has_bars = plot::width().is_some_and(|width| width >= WIDE);
    let most = hosts.iter().map(|host| host.followers).max().unwrap_or(0);
    let rows: Vec<_> = hosts
        .iter()
        .map(|host| {
            let mut row = vec![
                output::one_line(&host.host, 30),
                host.followers.to_string(),
                host.replies.to_string(),
                host.likes.to_string(),
                host.boosts.to_string(),
                host.delivered.to_string(),
            ];
            if has_bars {
                row.push(plot::bar(host.followers, most, BAR));
            }
            row
        })
        .collect();
    let headings = [
        "SERVER",
        "FOLLOWERS",
        "REPLIES",
        "LIKES",
        "BOOSTS",
        "DELIVERED",
        "",
    ];
    let shown = if has_bars { 7 } else { 6 };
    output::table(
        &headings[..shown],
        &rows,
        "Nobody from another server was here in this time.",
    )
}

fn csv(hosts: &[HostStatistics]) -> Result<()> {
    let rows = hosts.iter().map(|host| {
        vec![
            host.host.clone(),
            cell(Some(host.followers)),
            cell(Some(host.replies)),
            cell(Some(host.likes)),
            cell(Some(host.boosts)),
            cell(Some(host.delivered)),
        ]
    });
    print_csv(
        &[
            "host",
            "followers",
            "replies",
            "likes",
            "boosts",
            "delivered",
        ],
        rows,
    )
}

pub(super) fn to_json(host: &HostStatistics) -> Value {
    json!({
        "host": host.host, "followers": host.followers, "replies": host.replies, "likes": host.likes,
        "boosts": host.boosts, "delivered": host.delivered,
    })
}

//! `pamphlet stats` without a subject: a little of each.

use super::{View, articles, followers, hosts, plot, reach};
use crate::{
    cli::common::{UsageError, output},
    config::retention::DAY,
    node::Node,
    store,
};
use anyhow::Result;
use serde_json::{Value, json};

/// The period that is shown by default.
const PERIOD: i64 = 90 * DAY;
/// The number of articles and servers.
const ROWS: i64 = 5;
/// The width of the plot where stdout is no terminal.
const WIDTH: usize = 72;

pub(super) async fn run(node: &Node, view: &View) -> Result<()> {
    if view.csv {
        return Err(UsageError::new(
            "name what the CSV is about: `pamphlet stats followers --csv`, or `articles`, `article SLUG`, `hosts`",
        )
        .into());
    }
    let since = view.since(PERIOD)?;
    let from = if view.since.is_some() { since } else { 0 };
    let mut conn = node.store.read().await?;
    let found = articles::read(node, &mut conn, from, ROWS).await?;
    let servers = hosts::read(&mut conn, from, ROWS).await?;
    if view.json {
        return output::json(&json!({
            "since": output::timestamp(since),
            "until": output::timestamp(store::now()),
            "followers": followers::json_since(node, &mut conn, since).await?,
            "articles": found.iter().map(reach::to_json).collect::<Value>(),
            "hosts": servers.iter().map(hosts::to_json).collect::<Value>(),
        }));
    }
    let days = followers::days_since(node, &mut conn, None, since).await?;
    followers::print_plot(&days, plot::width().unwrap_or(WIDTH))?;
    output::line("")?;
    articles::print(&found)?;
    output::line("")?;
    hosts::print(&servers)
}

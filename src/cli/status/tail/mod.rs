//! `pamphlet tail`: what comes in and goes out, as it happens.

mod words;

use super::stats::parse_since;
use crate::{
    cli::common::{Options, output},
    config::parse_domain,
    node::Node,
    store::{self, Event, EventDirection, KnownObject},
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use words::Words;

/// The time between two looks at the table.
const INTERVAL: Duration = Duration::from_millis(400);
/// The number of events that are read at once.
const PAGE: i64 = 500;
/// The number of earlier events that are shown first.
const EARLIER: i64 = 10;
/// The time after which no transaction adds a row before others that were seen, in milliseconds.
const SETTLED: i64 = 10_000;

/// Show what comes in and goes out, as it happens, until Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet tail
  pamphlet tail --since 1h
  pamphlet tail --in --host example.org
  pamphlet tail --since '2 days' --no-follow --json

Events are kept for three days, and at most 100,000 of them. When more happens at once than can be written, a line
says how much was left out.")]
pub(crate) struct Tail {
    /// Begin with the events since a time: an age such as '1h' or '2 days', or a date [default: the last 10 events].
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only show what comes in.
    #[arg(long = "in", conflicts_with = "outgoing")]
    incoming: bool,
    /// Only show what goes out.
    #[arg(long = "out")]
    outgoing: bool,
    /// Only show what comes from this server and goes to it.
    #[arg(long)]
    host: Option<String>,
    /// End after the events that are there.
    #[arg(long)]
    no_follow: bool,
    /// Print each event as a line of JSON, for scripts.
    #[arg(long)]
    json: bool,
}

/// The position in the table. Rows of transactions that were slower than others may come below it for some seconds.
struct Position {
    since: i64,
    /// All events up to this id were shown.
    settled: i64,
    /// The events after it that were shown, with their times.
    shown: BTreeMap<i64, i64>,
}

impl Tail {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| self.follow(node).await;
        options.with_node(run).await
    }

    async fn follow(&self, node: &Node) -> Result<()> {
        let host = self.host.clone().map(parse_domain).transpose()?;
        let mut conn = node.store.read().await?;
        let (since, after) = match &self.since {
            Some(text) => (parse_since(text)?, 0),
            None => (0, (conn.last_event_id().await? - EARLIER).max(0)),
        };
        let is_worked_on = !conn.running_workers(&node.store).await?.is_empty();
        drop(conn);
        if !is_worked_on && !self.no_follow {
            output::warn("no node is running: start it with `pamphlet serve`");
        }
        let mut position = Position {
            since,
            settled: after,
            shown: BTreeMap::new(),
        };
        loop {
            // A database that is busy or restarted is asked again.
            match self.show_new(node, host.as_deref(), &mut position).await {
                Err(error) if self.no_follow || !is_busy(&error) => return Err(error),
                _ if self.no_follow => return Ok(()),
                _ => tokio::time::sleep(INTERVAL).await,
            }
        }
    }

    async fn show_new(
        &self,
        node: &Node,
        host: Option<&str>,
        position: &mut Position,
    ) -> Result<()> {
        let mut after = position.settled;
        loop {
            let mut conn = node.store.read().await?;
            let page = conn.events(position.since, after, PAGE).await?;
            let Some(last) = page.last().map(|event| event.id) else {
                break;
            };
            let is_full = page.len() as i64 == PAGE;
            let new: Vec<Event> = page
                .into_iter()
                .filter(|event| !position.shown.contains_key(&event.id))
                .collect();
            let uris: Vec<String> = new
                .iter()
                .filter_map(|event| event.object_uri.clone())
                .collect();
            let ids = node.urls().article("");
            let known = if uris.is_empty() {
                Vec::new()
            } else {
                conn.known_objects(&ids, &uris).await?
            };
            drop(conn);
            let known: HashMap<&str, &KnownObject> = known
                .iter()
                .map(|object| (object.uri.as_str(), object))
                .collect();
            for event in &new {
                self.show(node, host, event, &known)?;
                position.shown.insert(event.id, event.at);
            }
            after = last;
            if !is_full {
                break;
            }
        }
        position.settle();
        Ok(())
    }

    fn show(
        &self,
        node: &Node,
        host: Option<&str>,
        event: &Event,
        known: &HashMap<&str, &KnownObject>,
    ) -> Result<()> {
        let is_in = event.direction == EventDirection::In;
        if is_in && self.outgoing || !is_in && self.incoming {
            return Ok(());
        }
        let object = event.object_uri.as_deref();
        let words = Words {
            node,
            event,
            object: object.and_then(|uri| known.get(uri)).copied(),
        };
        let hosts = event.hosts.split(' ').filter(|name| {
            let is_asked = |asked: &str| name.eq_ignore_ascii_case(asked);
            host.is_none_or(is_asked)
        });
        for name in hosts {
            self.print(&words, name)?;
        }
        Ok(())
    }

    fn print(&self, words: &Words<'_>, host: &str) -> Result<()> {
        let event = words.event;
        let text = output::one_line(&words.text(host), 400);
        if !self.json {
            let (time, direction) = (clock(event.at), event.direction.as_str());
            return output::line(&format!("{time}  {direction:<3}  {text}"));
        }
        let object = words.object;
        let line = json!({
            "id": event.id,
            "at": output::timestamp(event.at),
            "direction": event.direction,
            "type": event.kind,
            "outcome": event.outcome,
            "reason": event.reason,
            "host": Some(host).filter(|host| !host.is_empty()),
            "actor": event.actor_uri,
            "handle": words.handle(),
            "object": event.object_uri,
            "article": object.map(|object| &object.slug),
            "comment": object.and_then(|object| object.comment_id),
            "comment_state": object.and_then(|object| object.comment_state.as_deref()),
            "text": text,
        });
        output::line(&crate::content::text::json_without_controls(
            &line.to_string(),
        ))
    }
}

impl Position {
    /// Moves past the events that are so old that nothing can come before them any more.
    fn settle(&mut self) {
        let before = store::now() - SETTLED;
        let settled = self.shown.iter().take_while(|(_, at)| **at < before);
        if let Some((id, _)) = settled.last() {
            let id = *id;
            self.shown = self.shown.split_off(&(id + 1));
            self.settled = id;
        }
    }
}

fn is_busy(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(store::StoreError::Busy(_)))
}

/// Returns the time of day in the site's zone; with the date, unless it is today's.
fn clock(at: i64) -> String {
    let zone = output::zone();
    let time = store::moment(at).with_timezone(&zone);
    let today = store::moment(store::now())
        .with_timezone(&zone)
        .date_naive();
    if time.date_naive() == today {
        time.format("%H:%M:%S %Z").to_string()
    } else {
        time.format("%Y-%m-%d %H:%M:%S %Z").to_string()
    }
}

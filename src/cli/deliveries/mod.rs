//! `pamphlet deliveries`: how what we send gets through, and what to do where it does not.

mod lists;
pub(super) mod refusals;
mod repairs;
mod status;

use super::{Options, output::Format};
use crate::store;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};

/// See how deliveries go, and mend them.
#[derive(Debug, Subcommand)]
pub enum Deliveries {
    /// Numbers, and the servers that don't take what is sent.
    Status(status::Status),
    /// List what waits and what was refused, the newest first.
    List(lists::List),
    /// List what was refused for good, the newest first.
    Refused(lists::Refused),
    /// Try failing and dead servers again at once; with `--refused`, also send refused activities again.
    Retry(repairs::Retry),
    /// Give up what waits for a server, or what was refused.
    Drop(repairs::Drop),
    /// Send an article once more, for servers that lost it.
    Resend(repairs::Resend),
}

impl Deliveries {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        match self {
            Deliveries::Status(command) => command.run(&node).await,
            Deliveries::List(command) => command.run(&node).await,
            Deliveries::Refused(command) => command.run(&node).await,
            Deliveries::Retry(command) => command.run(&node).await,
            Deliveries::Drop(command) => command.run(&node).await,
            Deliveries::Resend(command) => command.run(&node).await,
        }
    }
}

/// Which servers a command is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The server's host, as in example.org.
    host: Option<String>,
    /// All servers.
    #[arg(long)]
    all: bool,
}

impl Which {
    fn host(&self) -> Result<Option<String>> {
        self.host.as_deref().map(host).transpose()
    }
}

/// Parses a date or an age into the database's time format.
fn since(text: &str) -> Result<i64> {
    if let Ok(ago) = humantime::parse_duration(text.trim_end_matches("ago").trim()) {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        return Ok(store::now().saturating_sub(ago));
    }
    match crate::content::article::date(text.trim()) {
        Ok(date) => Ok(date.timestamp_millis()),
        Err(_) => bail!(
            "{text:?} is not a time: write how long ago, as in \"2 days\", or a date (UTC), as in 2026-01-31 or \
             \"2026-01-31 18:30\""
        ),
    }
}

/// A host as the database knows it: in lower case, with its port if that is not the usual one.
fn host(text: &str) -> Result<String> {
    match crate::config::parse_domain(text.to_owned()) {
        Ok(host) => Ok(host),
        Err(_) => bail!("{text:?} is not a host: write it as in example.org"),
    }
}

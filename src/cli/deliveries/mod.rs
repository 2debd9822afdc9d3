//! `pamphlet deliveries`: shows the state of deliveries, and repairs failing ones.

mod hold;
mod list;
mod repair;
mod status;

use crate::{cli::common::Options, config::parse_domain, content, node::Node, store};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};

/// Show the state of deliveries, and repair failing ones.
#[derive(Debug, Subcommand)]
pub(crate) enum Deliveries {
    /// Show statistics, and the servers that do not accept deliveries.
    #[command(after_help = "Examples:
  pamphlet deliveries status
  pamphlet deliveries status --host example.org
  pamphlet deliveries status --watch")]
    Status(status::Status),
    /// List pending and refused deliveries, newest first.
    #[command(after_help = "Examples:
  pamphlet deliveries list --host example.org
  pamphlet deliveries list --state refused --json")]
    List(list::List),
    /// List permanently refused deliveries, newest first.
    #[command(after_help = "Examples:
  pamphlet deliveries refused")]
    Refused(list::Refused),
    /// Retry failing and dead servers now. With `--refused`, also resend refused activities.
    #[command(after_help = "Examples:
  pamphlet deliveries retry
  pamphlet deliveries retry example.org --refused --since \"2 days\"")]
    Retry(repair::Retry),
    /// Drop pending or refused deliveries.
    #[command(after_help = "Examples:
  pamphlet deliveries drop example.org --dry-run
  pamphlet deliveries drop --all --refused --yes")]
    Drop(repair::Drop),
    /// Resend an article to servers that lost it.
    #[command(after_help = "Examples:
  pamphlet deliveries resend on-reading
  pamphlet deliveries resend on-reading --host example.org")]
    Resend(repair::Resend),
    /// Hold all deliveries: the node goes on receiving and publishing, and sends nothing.
    #[command(after_help = "Examples:
  pamphlet deliveries pause")]
    Pause(hold::Pause),
    /// Send deliveries again, after `pause` or a restored backup.
    #[command(after_help = "Examples:
  pamphlet deliveries resume
  pamphlet deliveries resume --drop-waiting")]
    Resume(hold::Resume),
}

impl Deliveries {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Deliveries::Status(command) => command.run(node).await,
            Deliveries::List(command) => command.run(node).await,
            Deliveries::Refused(command) => command.run(node).await,
            Deliveries::Retry(command) => command.run(node).await,
            Deliveries::Drop(command) => command.run(node).await,
            Deliveries::Resend(command) => command.run(node).await,
            Deliveries::Pause(command) => command.run(node).await,
            Deliveries::Resume(command) => command.run(node).await,
        };
        options.with_node(run).await
    }
}

/// The servers that a command is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct ServerSelector {
    /// The server's host, such as example.org.
    host: Option<String>,
    /// All servers.
    #[arg(long)]
    all: bool,
}

impl ServerSelector {
    fn host(&self) -> Result<Option<String>> {
        self.host.as_deref().map(parse_host).transpose()
    }
}

/// Parses a date, or an age such as `2 days`. Returns milliseconds since 1970.
fn parse_time(text: &str) -> Result<i64> {
    if let Ok(ago) = humantime::parse_duration(text.trim_end_matches("ago").trim()) {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        return Ok(store::now().saturating_sub(ago));
    }
    match content::article::parse_date(text.trim()) {
        Ok(date) => Ok(date.timestamp_millis()),
        Err(_) => bail!(
            "{text:?} is not a time: expected an age such as \"2 days\", or a UTC date such as 2026-01-31 or \
             \"2026-01-31 18:30\""
        ),
    }
}

/// Parses a host. Returns it as the database has it: in lower case, with its port unless that is the default.
fn parse_host(text: &str) -> Result<String> {
    match parse_domain(text.to_owned()) {
        Ok(host) => Ok(host),
        Err(_) => bail!("{text:?} is not a host: expected one like example.org"),
    }
}

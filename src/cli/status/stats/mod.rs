//! `pamphlet stats`: followers over time, the reach of articles, and the servers of readers.

mod article;
mod articles;
pub(super) mod followers;
mod hosts;
mod plot;
pub(super) mod reach;
mod summary;

use crate::{
    cli::common::{Options, output, when},
    node::Node,
    store,
};
use anyhow::Result;
use clap::{Args, Subcommand};

/// Show followers over time, the reach of articles, and the servers of readers.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pamphlet stats
  pamphlet stats followers --since '6 months'
  pamphlet stats articles --csv > reach.csv
  pamphlet stats article leon-trotsky
  pamphlet stats hosts --since 2026-01-01 --json"
)]
pub(crate) struct Stats {
    #[command(subcommand)]
    subject: Option<Subject>,
    #[command(flatten)]
    view: View,
}

/// The subject of the numbers.
#[derive(Debug, Subcommand)]
enum Subject {
    /// Show the followers day by day.
    Followers(followers::Followers),
    /// Show the reach of each article.
    Articles(articles::Articles),
    /// Show the reach of one article, and what readers did with it.
    Article(article::Article),
    /// Show the servers with the most readers.
    Hosts(hosts::Hosts),
}

/// The period and the format.
#[derive(Debug, Clone, Args)]
pub(super) struct View {
    /// Only count from this time on: an age such as '30 days', or a date such as 2026-01-31.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    /// Print CSV, for spreadsheets.
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
}

impl Stats {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self.subject {
            None => summary::run(node, &self.view).await,
            Some(Subject::Followers(command)) => command.run(node).await,
            Some(Subject::Articles(command)) => command.run(node).await,
            Some(Subject::Article(command)) => command.run(node).await,
            Some(Subject::Hosts(command)) => command.run(node).await,
        };
        options.with_node(run).await
    }
}

impl View {
    /// Returns the time from which is counted, or the default: an age in milliseconds.
    ///
    /// # Errors
    /// If `--since` is no time.
    fn since(&self, default: i64) -> Result<i64> {
        match &self.since {
            Some(text) => parse_since(text),
            None => Ok((store::now() - default).max(0)),
        }
    }
}

/// Parses an age such as `30 days` or `1h`, or a time as [`when::past_argument`] reads it.
///
/// # Errors
/// A usage error if the text is neither.
pub(super) fn parse_since(text: &str) -> Result<i64> {
    let text = text.trim();
    if let Ok(age) = humantime::parse_duration(text.trim_end_matches("ago").trim()) {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        return Ok(store::now().saturating_sub(age).max(0));
    }
    Ok(when::past_argument(text)?.max(0))
}

/// Prints rows as CSV (RFC 4180).
///
/// # Errors
/// If stdout can't be written.
fn print_csv(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe_cell(cell)))?;
    }
    let text = String::from_utf8(writer.into_inner()?)?;
    output::line(text.trim_end_matches('\n'))
}

/// Returns a cell that spreadsheets do not run as a formula.
fn safe_cell(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Returns a number as a cell of CSV; nothing if it is unknown.
fn cell(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

//! Printing: tables for people, JSON for scripts.

use crate::store;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// The switch of every command that lists or shows.
#[derive(Debug, Args)]
pub struct Format {
    /// Print JSON, for scripts.
    #[arg(long)]
    pub json: bool,
}

/// Where a list goes on.
#[derive(Debug, Args)]
pub struct Page {
    /// How many to list.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    pub limit: i64,
    /// List what is older than this id.
    #[arg(long, value_name = "ID")]
    pub before: Option<i64>,
}

impl Page {
    pub fn before(&self) -> i64 {
        self.before.unwrap_or(i64::MAX)
    }
}

/// Prints a line. A reader who has seen enough (`| head`) is no failure.
pub fn line(text: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    line(&crate::content::text::json_without_controls(&text))
}

/// Prints a remark on a result that may not be what the user meant, apart from the output for scripts.
pub fn warn(text: &str) {
    // A closed stderr is no failure.
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}

/// Prints rows under headings, each column as wide as it needs; `empty` if there are none.
pub fn table(headings: &[&str], rows: &[Vec<String>], empty: &str) -> Result<()> {
    if rows.is_empty() {
        return line(empty);
    }
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells.chain([headings[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let draw = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    line(&draw(&mut headings.iter().copied()))?;
    for row in rows {
        line(&draw(&mut row.iter().map(String::as_str)))?;
    }
    Ok(())
}

/// A stored time for people.
pub fn time(milliseconds: i64) -> String {
    store::moment(milliseconds)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

/// A stored time for scripts.
pub fn timestamp(milliseconds: i64) -> String {
    store::moment(milliseconds).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Remote text in one line of at most `max` characters, without what could steer a terminal.
pub fn one_line(text: &str, max: usize) -> String {
    let clean = crate::content::clean_name(text, max + 1);
    match clean.chars().count() > max {
        true => clean
            .chars()
            .take(max.saturating_sub(1))
            .chain(['…'])
            .collect(),
        false => clean,
    }
}

/// The admin's name on the system, for the log.
pub fn who() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "admin".to_owned())
}

//! Prints tables for people and JSON for scripts.

use super::{Format, progress};
use crate::{base::time, content};
use anyhow::Result;
use chrono_tz::Tz;
use serde::Serialize;
use std::{
    io::{ErrorKind, Write},
    sync::OnceLock,
};

/// The time zone of the publication, in which times are printed for people.
static ZONE: OnceLock<Tz> = OnceLock::new();

/// Sets the time zone, once the configuration is read.
pub(crate) fn set_zone(zone: Tz) {
    // A process works on one publication. The demo, which runs two, lets both have the same zone.
    let _ = ZONE.set(zone);
}

/// Returns the time zone in which times are printed and read.
pub(crate) fn zone() -> Tz {
    ZONE.get().copied().unwrap_or(Tz::UTC)
}

/// Prints a line. A closed pipe, as with `| head`, is not an error: the process ends.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn line(text: &str) -> Result<()> {
    match progress::suspended(|| writeln!(std::io::stdout(), "{text}")) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// Prints a value as JSON.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    line(&content::text::json_without_controls(&text))
}

/// Prints a warning to stderr, apart from the output for scripts.
pub(crate) fn warn(text: &str) {
    // A closed stderr is no failure.
    let _ = progress::suspended(|| writeln!(std::io::stderr(), "warning: {text}"));
}

/// A list, as people and scripts read it.
pub(crate) struct Listing<'a, T> {
    pub items: &'a [T],
    pub headings: &'a [&'a str],
    /// The message if there are no items.
    pub empty: &'a str,
}

impl<T> Listing<'_, T> {
    /// Prints the items as JSON or as rows of a table.
    ///
    /// # Errors
    /// If stdout can't be written.
    pub(crate) fn print<J: Serialize>(
        &self,
        format: &Format,
        to_json: impl Fn(&T) -> J,
        to_row: impl Fn(&T) -> Vec<String>,
    ) -> Result<()> {
        if format.json {
            return json(&self.items.iter().map(to_json).collect::<Vec<_>>());
        }
        let rows: Vec<_> = self.items.iter().map(to_row).collect();
        table(self.headings, &rows, self.empty)
    }
}

/// Prints rows under headings, each column as wide as necessary, or the message `empty` if there are no rows.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>], empty: &str) -> Result<()> {
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

/// Formats a stored time for people: in the publication's time zone, and with it (`2026-11-26 22:09 CET`).
pub(crate) fn time(milliseconds: i64) -> String {
    let local = time::from_millis(milliseconds).with_timezone(&zone());
    local.format("%Y-%m-%d %H:%M %Z").to_string()
}

/// Formats a stored time for scripts (RFC 3339).
pub(crate) fn timestamp(milliseconds: i64) -> String {
    time::rfc3339_millis(milliseconds)
}

/// Returns remote text in one line of at most `max` characters, without terminal control characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let clean = content::clean_line(text, max + 1);
    if clean.chars().count() <= max {
        return clean;
    }
    let kept = clean.chars().take(max.saturating_sub(1));
    kept.chain(['…']).collect()
}

/// Returns a count with its noun, such as `1 reaction` or `2 reactions`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

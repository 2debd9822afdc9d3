//! Prints tables for people and JSON for scripts.

pub(in crate::cli) mod progress;
pub(in crate::cli) mod screen;
mod table;

use super::Format;
use crate::{base::time, content};
use anyhow::Result;
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
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

/// Prints a text as it is, without a line break at its end.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn text(text: &str) -> Result<()> {
    let print = || {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    };
    match progress::suspended(print) {
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

/// Prints the result of a command: a document for scripts, or a sentence for people.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn result(format: &Format, document: &Value, text: &str) -> Result<()> {
    if format.json {
        json(document)
    } else {
        line(text)
    }
}

/// Prints a warning to stderr, apart from the output for scripts.
pub(crate) fn warn(text: &str) {
    // A closed stderr is no failure.
    let word = screen::paint_error("warning:", screen::WARNING);
    let _ = progress::suspended(|| writeln!(std::io::stderr(), "{word} {text}"));
}

/// Prints a mistake to stderr, one of several.
pub(crate) fn error(text: &str) {
    let word = screen::paint_error("error:", screen::BAD);
    let _ = progress::suspended(|| writeln!(std::io::stderr(), "{word} {text}"));
}

/// Prints a hint to stderr, apart from the output for scripts.
pub(crate) fn note(text: &str) {
    let _ = progress::suspended(|| writeln!(std::io::stderr(), "{text}"));
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

/// Prints rows under headings, or the message `empty` if there are no rows. On a terminal, long cells are cut.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>], empty: &str) -> Result<()> {
    if rows.is_empty() {
        return line(empty);
    }
    let lines = table::draw(headings, rows, screen::width());
    lines.iter().try_for_each(|text| line(text))
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

/// Returns remote text in one line of at most `max` columns, without terminal control characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    screen::cut(&content::clean_line(text, max + 1), max)
}

/// Returns a count with its noun, such as `1 reaction` or `2 reactions`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

//! Prints what an import did.

use crate::{
    adoption::Adoption,
    cli::common::{Format, output},
    importing::{Counts, Messages, Report},
};
use anyhow::Result;
use serde_json::{Value, json};

/// The number of messages of each kind that are shown.
const SHOWN: usize = 20;

/// Prints the report: as JSON for scripts, or as a table with the messages.
///
/// # Errors
/// If the output is closed.
pub(super) fn report(report: &Report, is_dry_run: bool, format: &Format) -> Result<()> {
    if format.json {
        return json(Some(report), None, is_dry_run);
    }
    messages(&report.warnings, "warning", output::warn);
    messages(&report.conflicts, "conflict", output::warn);
    messages(&report.broken, "broken item", output::error);
    let rows: Vec<Vec<String>> = report
        .items
        .iter()
        .map(|(kind, counts)| row(kind, *counts))
        .collect();
    let headings = ["", "new", "changed", "unchanged"];
    output::table(&headings, &rows, "The source has nothing to import.")?;
    let done = match is_dry_run {
        true => "This was a dry run: nothing was stored.".to_owned(),
        false => format!(
            "{} taken in, {} changed to addresses here.",
            output::counted(report.files as usize, "file"),
            output::counted(report.links as usize, "link")
        ),
    };
    output::line(&done)
}

/// Prints what an import did as JSON, and what was taken over with it.
///
/// # Errors
/// If the output is closed.
pub(super) fn json(
    report: Option<&Report>,
    adoption: Option<&Adoption>,
    is_dry_run: bool,
) -> Result<()> {
    let mut document = match report {
        Some(report) => serde_json::to_value(report)?,
        None => json!({}),
    };
    if let Value::Object(map) = &mut document {
        map.insert("dry_run".to_owned(), json!(is_dry_run));
        if let Some(adoption) = adoption {
            map.insert("adoption".to_owned(), serde_json::to_value(adoption)?);
        }
    }
    output::json(&document)
}

fn row(kind: &str, counts: Counts) -> Vec<String> {
    let numbers = [counts.added, counts.changed, counts.unchanged];
    let numbers = numbers.iter().map(ToString::to_string);
    [kind.to_owned()].into_iter().chain(numbers).collect()
}

fn messages(messages: &Messages, noun: &str, print: fn(&str)) {
    for message in messages.first.iter().take(SHOWN) {
        print(&format!("{}: {}", message.position, message.message));
    }
    let more = (messages.count as usize).saturating_sub(SHOWN);
    if more > 0 {
        print(&format!(
            "{} more: --json lists them",
            output::counted(more, noun)
        ));
    }
}

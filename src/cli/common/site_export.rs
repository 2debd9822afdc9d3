//! Writes the publication for another machine, with progress on the screen.

use super::{exit::until_interrupted, output, progress::Progress};
use crate::{
    exporting::{
        Overwrite,
        site::{self, ExportReport, SiteOptions},
    },
    node::{Node, media},
};
use anyhow::Result;
use std::path::Path;

/// Writes the publication to an archive or a folder, and warns about media files that are missing.
///
/// # Errors
/// If the target exists and must not be replaced, can't be written, the database can't be read, or the program is
/// interrupted.
pub(crate) async fn write(
    node: &Node,
    target: &Path,
    overwrite: Overwrite,
    options: SiteOptions,
) -> Result<ExportReport> {
    let storage = media::storage(&node.config)?;
    let progress = Progress::new(0, "Writing");
    let on_part = |done, known| progress.set(done, known);
    let export = site::export(&node.store, &storage, target, overwrite, options, on_part);
    let report = until_interrupted("nothing was written", async { Ok(export.await?) }).await;
    drop(progress);
    let report = report?;
    for name in &report.missing {
        output::warn(&format!(
            "the media file {name} is missing or has another size"
        ));
    }
    Ok(report)
}

/// Returns a sentence that says how much was written.
pub(crate) fn summary(report: &ExportReport, target: &Path) -> String {
    let count = |table: &str| report.tables.get(table).copied().unwrap_or(0) as usize;
    let counted = [
        ("articles", "article"),
        ("pages", "page"),
        ("comments", "comment"),
    ];
    let counted = counted.map(|(table, noun)| output::counted(count(table), noun));
    let media = output::counted(report.media as usize, "media file");
    format!(
        "Wrote {} and {media} to {}.",
        counted.join(", "),
        target.display()
    )
}

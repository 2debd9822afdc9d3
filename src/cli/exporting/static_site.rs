//! `pamphlet export static`.

use crate::{
    cli::common::{Format, Options, exit::until_interrupted, output, progress::Progress},
    exporting::static_site::{self, Report, StaticOptions},
    node::Node,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// The number of links that are listed for people.
const MOST_LISTED: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct Static {
    /// The folder to write into. Files of an earlier export are replaced if they changed, and removed if they are gone.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Fetch pictures of people on other servers of which there is no copy yet.
    #[arg(long)]
    fetch_pictures: bool,
    /// Write into a folder that has other files. Those with other names stay.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    format: Format,
}

impl Static {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        options
            .with_node(async |node| self.export(node).await)
            .await
    }

    async fn export(&self, node: &Node) -> Result<()> {
        let settings = StaticOptions {
            fetches_pictures: self.fetch_pictures,
            uses_any_folder: self.force,
        };
        let report = {
            let progress = Progress::new(0, "Writing");
            let on_file = |done, known| progress.set(done, known);
            let export = static_site::export(node, &self.folder, settings, on_file);
            let left = format!(
                "{} has whole pages, but not all: the same command completes it",
                self.folder.display()
            );
            until_interrupted(&left, async { Ok(export.await?) }).await?
        };
        self.print(&report)
    }

    fn print(&self, report: &Report) -> Result<()> {
        let folder = self.folder.display().to_string();
        if self.format.json {
            let dead: Vec<_> = report
                .dead_links
                .iter()
                .map(|(link, page)| json!({"link": link, "page": page}))
                .collect();
            return output::json(&json!({
                "folder": folder,
                "pages": report.pages,
                "files": report.files,
                "written": report.written,
                "removed": report.removed,
                "redirects": report.redirects,
                "dead_links": dead,
            }));
        }
        for (link, page) in report.dead_links.iter().take(MOST_LISTED) {
            output::warn(&format!("{page} links to {link}, where nothing is"));
        }
        if let Some(more) = report.dead_links.len().checked_sub(MOST_LISTED)
            && more > 0
        {
            output::warn(&format!("{more} more links lead to nothing: see --json"));
        }
        output::line(&format!(
            "{folder} has {} in {}, of which {} changed and {} were removed.",
            output::counted(report.pages as usize, "page"),
            output::counted(report.files as usize, "file"),
            report.written,
            report.removed
        ))
    }
}

//! `pamphlet import site`.

use crate::{
    cli::common::{Format, Options, exit::interruption, output, progress::Progress},
    exporting::site::{self, ImportReport},
    node::media,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet import site site.tar.gz
  pamphlet import site folder --database-url postgres://pamphlet@localhost/pamphlet")]
pub(crate) struct Site {
    /// The archive or folder that `pamphlet export site` wrote.
    #[arg(value_name = "FILE.tar.gz|FOLDER")]
    source: PathBuf,
    #[command(flatten)]
    format: Format,
}

impl Site {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        let storage = media::storage(&config)?;
        let report = {
            let progress = Progress::new(0, "Storing");
            let on_row = |done, known| progress.set(done, known);
            site::import(&config, &storage, &self.source, on_row, interruption()).await?
        };
        self.print(&report)
    }

    fn print(&self, report: &ImportReport) -> Result<()> {
        let new_keys = report.actors_with_new_keys;
        if self.format.json {
            return output::json(&json!({
                "tables": report.tables,
                "media": report.media,
                "missing": report.missing,
                "actors_with_new_keys": new_keys,
            }));
        }
        for name in &report.missing {
            output::warn(&format!(
                "the export lacks the media file {name}, or has only a part of it"
            ));
        }
        let count = |table: &str| report.tables.get(table).copied().unwrap_or(0) as usize;
        let counted = [
            ("articles", "article"),
            ("pages", "page"),
            ("comments", "comment"),
            ("followers", "follower"),
        ];
        let counted = counted.map(|(table, noun)| output::counted(count(table), noun));
        let media = output::counted(report.media as usize, "media file");
        output::line(&format!("Imported {} and {media}.", counted.join(", ")))?;
        if new_keys > 0 {
            output::line(&format!(
                "The export has no keys, so {} got new ones. Most servers fetch them with the first delivery; Misskey keeps the \
                 old ones.",
                output::counted(new_keys as usize, "actor")
            ))?;
        }
        output::line("Nothing was delivered. `pamphlet serve` starts the node.")
    }
}

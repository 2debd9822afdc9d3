//! `pamphlet export site`.

use super::Force;
use crate::{
    cli::common::{Format, Options, output, progress::Progress},
    exporting::site::{self, ExportReport, SiteOptions},
    node::{Node, media},
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Site {
    /// The archive to write, if its name ends in `.tar.gz`, or else a new folder.
    #[arg(value_name = "FILE.tar.gz|FOLDER")]
    target: PathBuf,
    /// Write the private keys of the actors too. Anybody who has them can speak for the publication.
    #[arg(long)]
    with_keys: bool,
    /// Write the email addresses of guests, and the log of moderation, too.
    #[arg(long)]
    with_private: bool,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    format: Format,
}

impl Site {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        options
            .with_node(async |node| self.export(node).await)
            .await
    }

    async fn export(&self, node: &Node) -> Result<()> {
        let settings = SiteOptions {
            with_keys: self.with_keys,
            with_private: self.with_private,
        };
        let storage = media::storage(&node.config)?;
        let report = {
            let progress = Progress::new(0, "Writing");
            let on_part = |done, known| progress.set(done, known);
            let overwrite = self.force.overwrite();
            site::export(
                &node.store,
                &storage,
                &self.target,
                overwrite,
                settings,
                on_part,
            )
            .await?
        };
        self.print(&report)
    }

    fn print(&self, report: &ExportReport) -> Result<()> {
        let target = self.target.display().to_string();
        for name in &report.missing {
            output::warn(&format!("the media file {name} is missing"));
        }
        let count = |table: &str| report.tables.get(table).copied().unwrap_or(0) as usize;
        let counted = [
            ("articles", "article"),
            ("pages", "page"),
            ("comments", "comment"),
        ];
        let counted = counted.map(|(table, noun)| output::counted(count(table), noun));
        let document = json!({
            "target": target,
            "tables": report.tables,
            "media": report.media,
            "missing": report.missing,
            "with_keys": self.with_keys,
            "with_private": self.with_private,
        });
        let media = output::counted(report.media as usize, "media file");
        let text = format!("Wrote {} and {media} to {target}.", counted.join(", "));
        output::result(&self.format, &document, &text)
    }
}

//! `pamphlet export site`.

use super::Force;
use crate::{
    cli::common::{Format, Options, output, site_export},
    exporting::site::SiteOptions,
    node::Node,
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
    /// Write the email addresses of guests, notes and reasons of moderators, texts of reports, and the log of moderation,
    /// too.
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
        let overwrite = self.force.overwrite();
        let report = site_export::write(node, &self.target, overwrite, settings).await?;
        let document = json!({
            "target": self.target.display().to_string(),
            "tables": report.tables,
            "media": report.media,
            "missing": report.missing,
            "waiting_deliveries": report.waiting_deliveries,
            "with_keys": self.with_keys,
            "with_private": self.with_private,
        });
        let waiting = match report.waiting_deliveries {
            0 => None,
            1 => Some("1 delivery waits".to_owned()),
            waiting => Some(format!("{waiting} deliveries wait")),
        };
        if let Some(waiting) = waiting {
            output::warn(&format!(
                "{waiting} here. The export has no waiting deliveries: let this node send them before you move \
                 (`pamphlet deliveries status`)"
            ));
        }
        let text = site_export::summary(&report, &self.target);
        output::result(&self.format, &document, &text)
    }
}

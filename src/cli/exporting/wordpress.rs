//! `pamphlet export wordpress`.

use super::Force;
use crate::{
    cli::common::{Format, Options, exit::until_interrupted, output, progress::Progress},
    exporting::wordpress::{self, WordpressOptions},
    node::Node,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Wordpress {
    /// The file to write.
    #[arg(value_name = "FILE.xml")]
    file: PathBuf,
    /// Write the email addresses of guests too.
    #[arg(long)]
    with_private: bool,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    format: Format,
}

impl Wordpress {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        options
            .with_node(async |node| self.export(node).await)
            .await
    }

    async fn export(&self, node: &Node) -> Result<()> {
        let settings = WordpressOptions {
            overwrite: self.force.overwrite(),
            with_private: self.with_private,
        };
        let report = {
            let progress = Progress::spinner("Writing");
            let on_item = |done| progress.set_message(&format!("Writing item {done}"));
            let export = wordpress::export(node, &self.file, settings, on_item);
            until_interrupted("nothing was written", async { Ok(export.await?) }).await?
        };
        let file = self.file.display().to_string();
        let counts = [
            (report.articles, "article"),
            (report.pages, "page"),
            (report.notes, "note"),
            (report.comments, "comment"),
            (report.attachments, "attachment"),
        ];
        let counted = counts.map(|(count, noun)| output::counted(count as usize, noun));
        let document = json!({
            "file": file,
            "articles": report.articles,
            "pages": report.pages,
            "notes": report.notes,
            "comments": report.comments,
            "attachments": report.attachments,
        });
        let text = format!("Wrote {} to {file}.", counted.join(", "));
        output::result(&self.format, &document, &text)
    }
}

//! `pamphlet export followers`.

use super::Force;
use crate::{
    cli::common::{Format, Options, exit::until_interrupted, output},
    exporting,
    node::Node,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Followers {
    /// The file to write.
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    format: Format,
}

impl Followers {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| {
            let overwrite = self.force.overwrite();
            let export = exporting::followers::export(node, &self.file, overwrite);
            let count =
                until_interrupted("nothing was written", async { Ok(export.await?) }).await?;
            let file = self.file.display().to_string();
            let followers = output::counted(count as usize, "follower");
            output::result(
                &self.format,
                &json!({"file": file, "followers": count}),
                &format!("Wrote {followers} to {file}."),
            )
        };
        options.with_node(run).await
    }
}

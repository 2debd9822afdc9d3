//! `pamphlet backup restore`.

use super::{passphrase::PassphraseArg, progress::Bars, verify::described};
use crate::{
    backup::{self, Restored},
    cli::common::{
        Format, Options,
        exit::interruption,
        output::{self, counted},
    },
    node::media,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArg,
    #[command(flatten)]
    format: Format,
}

impl Restore {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        let passphrase = self.passphrase.passphrase_of(&self.file).await?;
        let storage = media::storage(&config)?;
        let bars = Bars::new("Restoring");
        let show = |step| bars.show(step);
        let restored = backup::restore(
            &config,
            &storage,
            &self.file,
            &passphrase,
            &show,
            interruption(),
        );
        let restored = restored.await?;
        drop(bars);
        self.report(&restored)
    }

    fn report(&self, restored: &Restored) -> Result<()> {
        let header = &restored.header;
        if self.format.json {
            return output::json(&json!({
                "identity": header.identity,
                "created": header.created_at,
                "rows": header.rows(),
                "files": restored.files,
                "file_bytes": restored.file_bytes,
                "missing": restored.missing,
                "waiting_deliveries": restored.deliveries,
                "held_messages": restored.messages,
                "replaced_texts": restored.replaced,
            }));
        }
        output::line(&format!(
            "Restored {} and {}.",
            counted(header.rows() as usize, "row"),
            counted(restored.files as usize, "media file")
        ))?;
        output::line(&described(header))?;
        if restored.replaced > 0 {
            output::warn(&format!(
                "{} had NUL characters, which PostgreSQL can't store: they were replaced",
                counted(restored.replaced as usize, "text")
            ));
        }
        output::line(&format!(
            "\nAll deliveries are held; {} waited when the backup was made, and may have been sent afterwards.",
            restored.deliveries
        ))?;
        if restored.messages > 0 {
            output::line(&format!(
                "{} waited too: `pamphlet mail list --failed` lists them, `pamphlet mail retry` sends them.",
                counted(restored.messages as usize, "mail or webhook call")
            ))?;
        }
        output::line(
            "Start the node with `pamphlet serve`, look at it with `pamphlet doctor`, then run `pamphlet deliveries resume`.",
        )
    }
}

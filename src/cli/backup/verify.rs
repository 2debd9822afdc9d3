//! `pamphlet backup verify` and `config`.

use super::{create::megabytes, passphrase::PassphraseArg, progress::Bars};
use crate::{
    backup::{self, Header},
    cli::common::{
        Format,
        output::{self, counted},
    },
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArg,
    #[command(flatten)]
    format: Format,
}

impl Verify {
    pub(super) async fn run(self) -> Result<()> {
        let passphrase = self.passphrase.passphrase_of(&self.file).await?;
        let bars = Bars::new("Checking");
        let show = |step| bars.show(step);
        let verified = backup::verify(&self.file, &passphrase, &show).await?;
        drop(bars);
        let header = &verified.header;
        if self.format.json {
            return output::json(&json!({
                "file": self.file,
                "identity": header.identity,
                "created": header.created_at,
                "program": header.program,
                "schema": header.schema,
                "database": header.database,
                "rows": header.rows(),
                "tables": header.tables.iter().map(|table| (table.name.clone(), table.rows.into()))
                    .collect::<serde_json::Map<_, _>>(),
                "media": header.media,
                "files": verified.files,
                "file_bytes": verified.file_bytes,
                "missing": verified.missing,
            }));
        }
        output::line(&format!(
            "{} is complete and undamaged.",
            self.file.display()
        ))?;
        output::line(&described(header))?;
        output::line(&format!(
            "It has {} in {}, and {} ({} MB).",
            counted(header.rows() as usize, "row"),
            counted(header.tables.len(), "table"),
            counted(verified.files as usize, "media file"),
            megabytes(verified.file_bytes)
        ))?;
        match verified.missing.len() {
            0 => Ok(()),
            missing => output::line(&format!(
                "{} could not be read completely when it was made.",
                counted(missing, "media file")
            )),
        }
    }
}

/// Returns a sentence about the origin of a backup.
pub(super) fn described(header: &Header) -> String {
    format!(
        "It is of {}, made at {} by Pamphlet {} (schema {}).",
        output::one_line(&header.identity, 200),
        header.created_at,
        header.program,
        header.schema
    )
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArg,
    #[command(flatten)]
    format: Format,
}

impl Config {
    pub(super) async fn run(self) -> Result<()> {
        let passphrase = self.passphrase.passphrase_of(&self.file).await?;
        let header = backup::header_of(&self.file, &passphrase)?;
        let Some(configuration) = header.configuration else {
            bail!(
                "the backup {} has no configuration: none was in a file when it was made",
                self.file.display()
            );
        };
        if self.format.json {
            return output::json(&configuration);
        }
        output::text(&configuration.text)
    }
}

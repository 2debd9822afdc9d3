//! `pamphlet backup create`.

use super::{passphrase::PassphraseArg, progress::Bars};
use crate::{
    backup::{self, Configuration, Created, Sources},
    cli::common::{
        Format, Options, UsageError, VERSION,
        exit::until_interrupted,
        options::explain,
        output::{self, counted},
    },
    config::{Config, permissions},
    node::media,
    store::Store,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The number of missing files that are named.
const NAMED: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The new file, or a folder, in which it gets a name with the time [default: the current folder].
    #[arg(value_name = "FILE|FOLDER")]
    file: Option<PathBuf>,
    /// Leave out the pictures, audio and video files.
    #[arg(long)]
    no_media: bool,
    /// Afterwards keep so many backups of this publication in the folder, and remove the oldest of the others. Only files
    /// with names that this command gave count.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    #[command(flatten)]
    passphrase: PassphraseArg,
    #[command(flatten)]
    format: Format,
}

impl Create {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        permissions::restrict(&config, false);
        let target = self.target(&config)?;
        let passphrase = self.passphrase.new_passphrase().await?;
        let opened = Store::open_unmigrated(config.direct_database_url()).await;
        let store = opened.map_err(|error| explain(&config, error))?;
        let work = self.create(&config, &store, &target, &passphrase);
        let created = until_interrupted("nothing was written", work).await;
        store.close().await;
        let created = created?;
        let removed = match self.keep {
            Some(keep) => backup::remove_older(&target, &config.domain, keep as usize)?,
            None => Vec::new(),
        };
        self.report(&target, &created, &removed)
    }

    async fn create(
        &self,
        config: &Config,
        store: &Store,
        target: &Path,
        passphrase: &backup::Passphrase,
    ) -> Result<Created> {
        let storage = media::storage(config)?;
        let sources = Sources {
            storage: (!self.no_media).then_some(&storage),
            configuration: configuration(config)?,
            program: VERSION,
        };
        let bars = Bars::new("Backing up");
        let show = |step| bars.show(step);
        Ok(backup::create(store, sources, target, passphrase, &show).await?)
    }

    /// Returns the path of the new file.
    fn target(&self, config: &Config) -> Result<PathBuf> {
        let folder = match &self.file {
            Some(file) if !file.is_dir() => {
                if self.keep.is_some() {
                    return Err(UsageError::new(format!(
                        "--keep counts the backups in a folder, and {} is no folder: name one, or leave --keep out",
                        file.display()
                    ))
                    .into());
                }
                return Ok(file.clone());
            }
            Some(folder) => folder.clone(),
            None => PathBuf::from("."),
        };
        let now = crate::base::time::from_millis(crate::store::now());
        Ok(folder.join(backup::default_name(&config.domain, now)))
    }

    fn report(&self, target: &Path, created: &Created, removed: &[PathBuf]) -> Result<()> {
        let missing = &created.missing;
        if self.format.json {
            return output::json(&json!({
                "file": target,
                "bytes": created.bytes,
                "created": created.header.created_at,
                "schema": created.header.schema,
                "rows": created.header.rows(),
                "tables": created.header.tables.iter().map(|table| (table.name.clone(), table.rows.into()))
                    .collect::<serde_json::Map<_, _>>(),
                "files": created.files,
                "file_bytes": created.file_bytes,
                "missing": missing,
                "removed": removed,
            }));
        }
        if !missing.is_empty() {
            let names: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
            output::warn(&format!(
                "{} of the database could not be read completely, and are missing in the backup: {}{}",
                counted(missing.len(), "media file"),
                names.join(", "),
                if missing.len() > NAMED { ", ..." } else { "" }
            ));
        }
        output::line(&format!(
            "Wrote {}: {} and {}, {} MB.",
            target.display(),
            counted(created.header.rows() as usize, "row"),
            counted(created.files as usize, "media file"),
            megabytes(created.bytes)
        ))?;
        for path in removed {
            output::line(&format!("Removed {}.", path.display()))?;
        }
        Ok(())
    }
}

/// Returns a size in megabytes with one decimal.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1_000_000.0)
}

/// Reads the configuration file, if there is one.
fn configuration(config: &Config) -> Result<Option<Configuration>> {
    let Some(path) = &config.file else {
        return Ok(None);
    };
    let text = fs::read_to_string(path)
        .with_context(|| format!("the configuration {} can't be read", path.display()))?;
    Ok(Some(Configuration {
        file: path.display().to_string(),
        text,
    }))
}

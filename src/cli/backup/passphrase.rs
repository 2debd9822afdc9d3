//! The passphrase of a backup: from a file, the environment or the terminal, never from an argument, which other users of
//! the machine see.

use crate::{
    backup::Passphrase,
    cli::common::{UsageError, confirm, output, terminal::hidden},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The environment variable that may have the passphrase.
const VARIABLE: &str = "PAMPHLET_BACKUP_PASSPHRASE";
/// The shortest passphrase of a new backup, in characters. Its file may stay on other people's disks for years.
const SHORTEST: usize = 12;

/// The option that names a file with the passphrase.
#[derive(Debug, Args)]
pub(super) struct PassphraseArg {
    /// The file with the passphrase in its first line [default: PAMPHLET_BACKUP_PASSPHRASE, or a question at the terminal].
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseArg {
    /// Returns the passphrase for a new backup. At the terminal, it is asked for twice.
    ///
    /// # Errors
    /// If there is none, or it is too short.
    pub(super) async fn new_passphrase(&self) -> Result<Passphrase> {
        let text = match self.given()? {
            Some(text) => text,
            None => ask_twice().await?,
        };
        if text.chars().count() < SHORTEST {
            return Err(UsageError::new(format!(
                "the passphrase is too short: choose one of at least {SHORTEST} characters, such as five random words"
            ))
            .into());
        }
        Ok(Passphrase::from(text))
    }

    /// Returns the passphrase of an existing backup, which is opened first: nobody is asked about a file that is not there.
    ///
    /// # Errors
    /// If the backup can't be opened, or there is no passphrase.
    pub(super) async fn passphrase_of(&self, backup: &Path) -> Result<Passphrase> {
        fs::File::open(backup)
            .with_context(|| format!("the backup {} can't be read", backup.display()))?;
        let text = match self.given()? {
            Some(text) => text,
            None => ask("Passphrase of the backup: ").await?,
        };
        Ok(Passphrase::from(text))
    }

    /// Returns the passphrase of the file or the environment.
    fn given(&self) -> Result<Option<String>> {
        let Some(path) = &self.passphrase_file else {
            return Ok(std::env::var(VARIABLE).ok().filter(|text| !text.is_empty()));
        };
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("the passphrase file {shown} can't be read"))?;
        let is_open = fs::metadata(path)
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o077 != 0);
        if is_open {
            output::warn(&format!(
                "other users can read the passphrase file {shown}: run `chmod 600 {shown}`"
            ));
        }
        let first = text.lines().next().unwrap_or_default();
        if first.is_empty() {
            bail!("the passphrase file {shown} is empty: write the passphrase in its first line");
        }
        Ok(Some(first.to_owned()))
    }
}

async fn ask_twice() -> Result<String> {
    let first = ask("Passphrase for the backup: ").await?;
    let second = ask("The same passphrase again: ").await?;
    if first != second {
        bail!("the two passphrases differ: run the command again");
    }
    Ok(first)
}

async fn ask(prompt: &str) -> Result<String> {
    if !confirm::can_ask() {
        return Err(UsageError::new(format!(
            "a backup needs a passphrase, and nobody can be asked without a terminal: name a file with --passphrase-file, or \
             set {VARIABLE}"
        ))
        .into());
    }
    match hidden::ask(prompt).await? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => bail!("no passphrase was given: nothing was changed"),
    }
}

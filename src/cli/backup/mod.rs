//! `pamphlet backup`: makes, checks and restores encrypted backups of everything.

mod create;
mod passphrase;
mod progress;
mod restore;
mod verify;

use crate::cli::common::Options;
use anyhow::Result;
use clap::Subcommand;

/// Make, check and restore encrypted backups of everything.
#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    /// Write a backup of the database, the keys, the media and the configuration to an encrypted file, while the node runs.
    #[command(after_help = "Examples:
  pamphlet backup create
  pamphlet backup create /mnt/backups --keep 14 --passphrase-file /etc/pamphlet/backup-passphrase
  pamphlet backup create before-the-move.pamphlet.age --no-media

Without the passphrase, a backup can't be read. docs/backup.md says what is in it and how to read it without Pamphlet.")]
    Create(create::Create),
    /// Check that a backup is complete and undamaged, without a database.
    #[command(after_help = "Examples:
  pamphlet backup verify example.org-20270131T183000Z.pamphlet.age
  pamphlet backup verify example.org-20270131T183000Z.pamphlet.age --passphrase-file passphrase --json")]
    Verify(verify::Verify),
    /// Restore a backup into the empty database of the configuration. Afterwards deliveries are held.
    #[command(after_help = "Examples:
  pamphlet backup restore example.org-20270131T183000Z.pamphlet.age
  pamphlet backup restore example.org-20270131T183000Z.pamphlet.age --database-url postgres://pamphlet@localhost/pamphlet

The backup is checked before anything is changed. After it, `pamphlet serve` receives as usual and sends nothing until
`pamphlet deliveries resume`.")]
    Restore(restore::Restore),
    /// Print the configuration file that a backup has.
    #[command(after_help = "Examples:
  pamphlet backup config example.org-20270131T183000Z.pamphlet.age > pamphlet.toml")]
    Config(verify::Config),
}

impl Backup {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Backup::Create(create) => create.run(options).await,
            Backup::Verify(verify) => verify.run().await,
            Backup::Restore(restore) => restore.run(options).await,
            Backup::Config(config) => config.run().await,
        }
    }
}

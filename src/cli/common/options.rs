//! The options of every command, and the node that a command works on.

use super::output;
use crate::{
    base::private_files,
    config::{Config, Overrides, permissions},
    node::Node,
    store::Store,
};
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;

/// The version that `--version` prints: the package's, with the commit if it is known.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("PAMPHLET_COMMIT"));

/// The heading of these options in the help of each command.
const GLOBAL: &str = "Global options";

/// Options of every command. They override the environment and the configuration file.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The configuration file [default: ./pamphlet.toml if it exists].
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The public URL of this node, such as https://example.org.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The domain of handles, if it differs from the public URL's.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) domain: Option<String>,
    /// The address to listen on.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// The directory for the database and media.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// The database: sqlite://PATH or postgres://...
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Development mode: allow HTTP, ports and loopback addresses for other servers.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) development: bool,
}

impl Options {
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            file: self.config.clone(),
            public_url: self.public_url.clone(),
            domain: self.domain.clone(),
            listen: self.listen.clone(),
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            development: self.development,
            without_file: false,
        }
    }

    /// Loads the configuration.
    ///
    /// # Errors
    /// If it can't be read or is invalid.
    pub(crate) fn load(&self) -> Result<Config> {
        let config = Config::load(&self.overrides())?;
        output::set_zone(config.site.time_zone);
        Ok(config)
    }

    /// Opens the node on an existing database, runs `work` with it, and closes the database.
    ///
    /// # Errors
    /// If the node can't be opened, or the error of `work`.
    pub(crate) async fn with_node(
        &self,
        work: impl AsyncFnOnce(&Node) -> Result<()>,
    ) -> Result<()> {
        let config = self.load()?;
        permissions::restrict(&config, false);
        let node = open_existing(config).await?;
        let done = work(&node).await;
        node.store.close().await;
        done
    }
}

/// Opens the node for a command that works on an existing database. If a command created the database, a run in the
/// wrong directory would seem to succeed.
///
/// # Errors
/// If the database does not exist or can't be opened.
pub(crate) async fn open_existing(config: Config) -> Result<Node> {
    let store = Store::open_for_command(&config.database_url).await?;
    Ok(Node::open(config, store).await?)
}

/// Opens the node, and creates its data directory and database if necessary.
///
/// # Errors
/// If the directory or the database can't be created or opened.
pub(crate) async fn open_or_create(config: Config) -> Result<Node> {
    let store = open_or_create_store(&config).await?;
    Ok(Node::open(config, store).await?)
}

/// Opens the database, and creates it and the data directory if necessary.
///
/// # Errors
/// If the directory or the database can't be created or opened.
pub(crate) async fn open_or_create_store(config: &Config) -> Result<Store> {
    private_files::create_folder(&config.data).with_context(|| {
        let data = config.data.display();
        format!("cannot create the data directory {data}")
    })?;
    permissions::restrict(config, false);
    Ok(Store::open(&config.database_url).await?)
}

//! The options of every command, and the node that a command works on.

use super::output;
use crate::{
    base::private_files,
    config::{Config, Overrides, permissions},
    node::Node,
    store::{Store, StoreError},
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use std::path::PathBuf;

/// The version that `--version` prints: the package's, with the commit if it is known.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("PAMPHLET_COMMIT"));

/// The heading of these options in the help of each command.
const GLOBAL: &str = "Global options";

/// Options of every command. They override the environment and the configuration file.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The configuration file [default: pamphlet.toml in this folder, its parents, ~/.config/pamphlet or /etc/pamphlet].
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Do it by the API of a publication on another machine, with the token of `pamphlet remote login` or PAMPHLET_TOKEN.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL")]
    pub(crate) remote: Option<String>,
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
    /// The PostgreSQL database itself, if --database-url is a pooler in transaction mode.
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL")]
    pub(crate) database_direct_url: Option<String>,
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
            database_direct_url: self.database_direct_url.clone(),
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
    let opened = Store::open_for_command(config.direct_database_url()).await;
    let store = opened.map_err(|error| explain(&config, error))?;
    Ok(Node::open(config, store).await?)
}

/// Adds to the error about a missing database where its configuration is.
pub(crate) fn explain(config: &Config, error: StoreError) -> anyhow::Error {
    match (&config.file, error) {
        (Some(file), StoreError::NoPublication(database)) => anyhow!(
            "no publication here: {} has no database yet, since {database} is missing or empty. Run `pamphlet serve` to \
             create it, or name another configuration with --config",
            file.display()
        ),
        (_, error) => error.into(),
    }
}

/// Refuses to create the database of a configuration that was only found, such as that of the whole system: `serve`
/// was probably started in the wrong folder.
///
/// # Errors
/// If there is no database.
pub(crate) fn refuse_distant_creation(config: &Config) -> Result<()> {
    if let Some(file) = config.file.as_deref().filter(|_| config.is_found_elsewhere)
        && config.lacks_database_file()
    {
        let file = file.display();
        bail!(
            "the configuration {file} was found from this folder, and its database does not exist yet: add `--config {file}` \
             to create it, or run `pamphlet init` to set up a publication here"
        );
    }
    Ok(())
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
    Ok(Store::open(config.database_urls()).await?)
}

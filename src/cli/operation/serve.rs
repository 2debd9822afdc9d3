//! `pamphlet serve` and `pamphlet worker`: run the node, or its background work alone.

use super::{
    logging,
    runner::{run_parts, stop_signal},
};
use crate::{
    cli::common::{
        Options, VERSION,
        options::{explain, open_or_create_store, refuse_distant_creation},
        output,
    },
    config::{Config, LogFormat, Picture, permissions},
    node::{Node, media::Library},
    store::Store,
    web,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use tokio_util::sync::CancellationToken;

/// Run the node.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Only serve the web. `pamphlet worker` then sends deliveries.
    #[arg(long)]
    no_worker: bool,
}

/// Send deliveries without serving the web.
#[derive(Debug, Args)]
pub(crate) struct Worker {}

impl Serve {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        logging::start(&config);
        let format = config.log.format;
        logging::log_failure(format, self.serve(config).await)
    }

    async fn serve(self, mut config: Config) -> Result<()> {
        refuse_distant_creation(&config)?;
        web::check_look(&config.site)?;
        raise_file_limit();
        let listener = match web::bind(config.listen).await {
            Ok(listener) => listener,
            Err(message) => bail!(message),
        };
        let stop = stop_signal();
        let store = open_or_create_store(&config).await?;
        import_site_pictures(&mut config, &store).await?;
        let node = Node::open(config, store).await?;
        start_metrics(&node, &stop).await?;
        print_start(&node).await?;
        run_parts(node, Some(listener), !self.no_worker, stop).await
    }
}

impl Worker {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        logging::start(&config);
        let format = config.log.format;
        logging::log_failure(format, self.work(config).await)
    }

    async fn work(self, mut config: Config) -> Result<()> {
        const RUNNING: &str = "The Pamphlet worker is running and sends deliveries.";
        raise_file_limit();
        let stop = stop_signal();
        permissions::restrict(&config, false);
        // The web server creates the database.
        let opened = Store::open_existing(config.database_urls()).await;
        let store = opened.map_err(|error| explain(&config, error))?;
        import_site_pictures(&mut config, &store).await?;
        let node = Node::open(config, store).await?;
        start_metrics(&node, &stop).await?;
        match node.config.log.format {
            LogFormat::Json => tracing::info!("{RUNNING}"),
            LogFormat::Text => output::line(RUNNING)?,
        }
        run_parts(node, None, true, stop).await
    }
}

/// Serves the metrics, if the configuration names an address for them.
async fn start_metrics(node: &Node, stop: &CancellationToken) -> Result<()> {
    let Some(address) = node.config.metrics.listen else {
        return Ok(());
    };
    let listener = match web::bind(address).await {
        Ok(listener) => listener,
        Err(message) => bail!("metrics.listen: {message}"),
    };
    let numbers = web::metrics::install().context("cannot start the metrics")?;
    let serving = web::metrics::serve(listener, node.clone(), numbers, stop.clone());
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the metrics server failed");
        }
    });
    Ok(())
}

/// Takes the site's pictures in, so that the node serves them, and pictures that an older version stored.
///
/// # Errors
/// If a picture can't be read or stored.
pub async fn import_site_pictures(config: &mut Config, store: &Store) -> Result<()> {
    let library = Library::open(config, store)?;
    library.adopt().await?;
    let base = config.public_url.clone();
    for (name, setting) in config.site.pictures_mut() {
        if let Some(Picture::File(path)) = setting {
            let taken_in = library.take_in(path).await;
            let (address, claims) = taken_in.with_context(|| format!("site.{name}"))?;
            let mut tx = store.begin().await?;
            claims.release(&mut tx).await?;
            tx.commit().await?;
            *setting = Some(Picture::Url(base.join(&address)?));
        }
    }
    Ok(())
}

/// Prints or logs the node's address, and a first command to try.
async fn print_start(node: &Node) -> Result<()> {
    let site = node.site().await?;
    if node.config.log.format == LogFormat::Json {
        tracing::info!(
            version = VERSION,
            address = %node.config.public_url,
            handle = node.handle(&site.row),
            listens = %node.config.listen,
            development = node.config.development,
            "Pamphlet is running"
        );
        return Ok(());
    }
    let program = std::env::args().next().unwrap_or_else(|| "pamphlet".into());
    output::line(&format!("Pamphlet {VERSION} is running.\n"))?;
    if let Some(file) = node
        .config
        .file
        .as_ref()
        .filter(|_| node.config.is_found_elsewhere)
    {
        output::line(&format!("  Configuration  {}\n", file.display()))?;
    }
    if node.config.development {
        output::line(
            "DEVELOPMENT MODE: HTTP, ports and loopback addresses are allowed for other servers. Do not use it for a \
             public node;\nto set one up, run `pamphlet init --domain example.org`.\n",
        )?;
    }
    output::line(&format!(
        "  Address  {}\n  Handle   {}\n  Listens  {}\n\nTo publish the sample article, run this in another terminal:\n\n  \
         {program} post publish examples/leon-trotsky-love-death-and-exile-in-mexico.md\n",
        node.config.public_url,
        node.handle(&site.row),
        node.config.listen,
    ))
}

/// Raises the limit of open files: thousands of connections need more than the usual 1,024.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files can't be raised");
    }
}

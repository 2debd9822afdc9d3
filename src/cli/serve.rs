//! `pamphlet serve` and `pamphlet worker`: run the node, or its work alone, until told to stop.

use super::{Options, open, output};
use crate::{
    background,
    config::{Config, LogFormat, Picture, permissions},
    mail::Post,
    media,
    node::Node,
    store::Store,
    web::{self, App},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::IsTerminal;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing_subscriber::EnvFilter;

/// Run the node.
#[derive(Debug, Args)]
pub struct Serve {
    /// Serve the web alone: `pamphlet worker` delivers.
    #[arg(long)]
    no_worker: bool,
}

/// Deliver, without serving the web.
#[derive(Debug, Args)]
pub struct Worker {}

impl Serve {
    pub async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        start_log(&config);
        let format = config.log.format;
        logged(format, self.serve(config).await)
    }

    async fn serve(self, mut config: Config) -> Result<()> {
        take_in_pictures(&mut config)?;
        raise_file_limit();
        let listener = match web::bind(config.listen).await {
            Ok(listener) => listener,
            Err(message) => bail!(message),
        };
        let stop = stop_signal();
        let node = open(config).await?;
        start_metrics(&node, &stop).await?;
        greet(&node).await?;
        run_parts(node, Some(listener), !self.no_worker, stop).await
    }
}

impl Worker {
    pub async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        start_log(&config);
        let format = config.log.format;
        logged(format, self.work(config).await)
    }

    async fn work(self, mut config: Config) -> Result<()> {
        raise_file_limit();
        take_in_pictures(&mut config)?;
        let stop = stop_signal();
        permissions::restrict(&config, false);
        // The web server creates the database.
        let store = Store::open_existing(&config.database_url).await?;
        let node = Node::open(config, store).await?;
        start_metrics(&node, &stop).await?;
        const RUNS: &str = "Pamphlet's worker is running: it delivers what is published.";
        match node.config.log.format {
            LogFormat::Json => tracing::info!("{RUNS}"),
            LogFormat::Text => output::line(RUNS)?,
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
    let numbers = web::metrics::start().context("the metrics can't be counted")?;
    let serving = web::metrics::serve(listener, node.clone(), numbers, stop.clone());
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the metrics are served no more");
        }
    });
    Ok(())
}

/// Takes the site's pictures into the data folder, from where the node serves them.
pub fn take_in_pictures(config: &mut Config) -> Result<()> {
    let (data, base) = (config.data.clone(), config.public_url.clone());
    for (name, setting) in [
        ("icon", &mut config.site.icon),
        ("image", &mut config.site.image),
    ] {
        if let Some(Picture::File(path)) = setting {
            let served = media::take_in(path, &data).with_context(|| format!("site.{name}"))?;
            *setting = Some(Picture::At(base.join(&served)?));
        }
    }
    Ok(())
}

/// Runs everything that a node is: its work behind the scenes and its web server.
pub async fn run_node(
    node: Node,
    listener: tokio::net::TcpListener,
    stop: CancellationToken,
) -> Result<()> {
    run_parts(node, Some(listener), true, stop).await
}

async fn run_parts(
    node: Node,
    listener: Option<tokio::net::TcpListener>,
    works: bool,
    stop: CancellationToken,
) -> Result<()> {
    permissions::restrict(&node.config, true);
    let post = Post::new(&node.config)?;
    let mut tx = node.store.begin().await?;
    tx.note_all_spellings().await?;
    tx.commit().await?;
    let parts = TaskTracker::new();
    parts.spawn({
        let (node, stop) = (node.clone(), stop.clone());
        async move { node.quota.report(&node.store, stop).await }
    });
    let watcher = {
        let store = node.store.clone();
        tokio::spawn(async move { store.watch().await })
    };
    if works {
        parts.spawn(background::run(node.clone(), stop.clone()));
        parts.spawn(post.run(node.clone(), stop.clone()));
    }
    if let Some(listener) = listener {
        let app = App::new(node.clone()).await?;
        web::serve(listener, app, stop.clone()).await;
        // The web server ends of itself only when it can't go on.
        stop.cancel();
    }
    parts.close();
    stop.cancelled().await;
    parts.wait().await;
    watcher.abort();
    node.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Cancelled when the process is told to stop.
fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    stop
}

async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: finishing what is under way");
    stop.cancel();
}

/// A failure that is already logged.
#[derive(Debug, thiserror::Error)]
#[error("see the log")]
pub struct Logged;

/// Readers of a JSON log expect nothing but JSON there, not even the final error.
fn logged(format: LogFormat, ended: Result<()>) -> Result<()> {
    match (format, ended) {
        (LogFormat::Json, Err(error)) => {
            tracing::error!(error = format!("{error:#}"), "the node can't go on");
            Err(Logged.into())
        }
        (_, ended) => ended,
    }
}

/// Says what to do next.
async fn greet(node: &Node) -> Result<()> {
    let site = node.site().await?;
    if node.config.log.format == LogFormat::Json {
        tracing::info!(
            version = super::VERSION,
            address = %node.config.public_url,
            handle = node.handle(&site.row),
            listens = %node.config.listen,
            development = node.config.development,
            "Pamphlet is running"
        );
        return Ok(());
    }
    let program = std::env::args().next().unwrap_or_else(|| "pamphlet".into());
    output::line(&format!("Pamphlet {} is running.\n", super::VERSION))?;
    if node.config.development {
        output::line(
            "DEVELOPMENT MODE: http, ports and loopback addresses are allowed for peers. Not for a public node;\n\
             for that, begin with `pamphlet init --domain example.org`.\n",
        )?;
    }
    output::line(&format!(
        "  Address  {}\n  Handle   {}\n  Listens  {}\n\nPublish the sample article from another terminal:\n\n  \
         {program} post publish examples/leon-trotsky-love-death-and-exile-in-mexico.md\n",
        node.config.public_url,
        node.handle(&site.row),
        node.config.listen,
    ))
}

fn start_log(config: &Config) {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| config.log.filter.clone());
    let filter = EnvFilter::try_new(&filter)
        .unwrap_or_else(|_| EnvFilter::new("info"))
        // The library logs every fetch with text from outside; our own lines say what is needed.
        .add_directive(quiet("activitypub_federation=warn"))
        // PostgreSQL remarks at every start that the tables are there.
        .add_directive(quiet("sqlx=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // It would say so on stderr, and panic where nobody reads that any more.
        .log_internal_errors(false);
    // A second start in one process (tests) keeps the first log.
    let _ = match config.log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if config.log.format == LogFormat::Json {
        std::panic::set_hook(Box::new(
            |panic| tracing::error!(%panic, "a thread panicked"),
        ));
    }
}

fn quiet(directive: &str) -> tracing_subscriber::filter::Directive {
    directive.parse().expect("a directive of our own is valid")
}

/// Thousands of connections need thousands of files; the usual limit is 1,024.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files can't be raised");
    }
}

//! `pamphlet serve`: runs the node until it is told to stop.

use super::{Options, open, output};
use crate::{
    config::{Config, LogFormat},
    federation::{Node, delivery, outbox},
    store,
    web::{self, App},
};
use anyhow::{Result, bail};
use clap::Args;
use std::{io::IsTerminal, time::Duration};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing_subscriber::EnvFilter;

/// Run the node.
#[derive(Debug, Args)]
pub struct Serve {}

impl Serve {
    pub async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        start_log(&config);
        raise_file_limit();
        let listener = match web::bind(config.listen).await {
            Ok(listener) => listener,
            Err(message) => bail!(message),
        };
        let node = open(config).await?;
        greet(&node).await?;
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        run_node(node, listener, stop).await
    }
}

/// Runs everything that a node is: its loops and its web server.
pub async fn run_node(
    node: Node,
    listener: tokio::net::TcpListener,
    stop: CancellationToken,
) -> Result<()> {
    let app = App::new(node.clone()).await?;
    let loops = TaskTracker::new();
    let watcher = {
        let store = node.store.clone();
        tokio::spawn(async move { store.watch().await })
    };
    loops.spawn(outbox::run(node.clone(), stop.clone()));
    loops.spawn({
        let (node, stop) = (node.clone(), stop.clone());
        async move {
            if let Err(error) = delivery::run(node, stop).await {
                tracing::error!(%error, "deliveries have stopped");
            }
        }
    });
    loops.spawn(tidy(node.clone(), stop.clone()));
    loops.close();
    web::serve(listener, app, stop.clone()).await;
    stop.cancel();
    loops.wait().await;
    watcher.abort();
    node.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Forgets what is no longer needed, once an hour.
async fn tidy(node: Node, stop: CancellationToken) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    while !stop.is_cancelled() {
        let done = async {
            let mut tx = node.store.begin().await?;
            tx.forget_receipts(store::now() - 14 * DAY).await?;
            tx.forget_tombstones(store::now() - 60 * DAY).await?;
            tx.commit().await
        };
        if let Err(error) = done.await {
            tracing::warn!(%error, "tidying the database failed");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
            () = stop.cancelled() => {}
        }
    }
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

/// Says what to do next.
async fn greet(node: &Node) -> Result<()> {
    let site = node.site().await?;
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
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = match config.log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
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

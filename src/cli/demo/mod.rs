//! `pamphlet demo`: the whole story on one machine, each step printed as it really happened.

mod neighbour;
mod steps;

use super::{output, serve::run_node};
use crate::{
    config::{Config, Overrides},
    federation::Node,
    store::Store,
    web,
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use neighbour::Neighbour;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The article that is published.
const ARTICLE: &str =
    include_str!("../../../examples/leon-trotsky-love-death-and-exile-in-mexico.md");

/// Show it all on this machine: two nodes, a follower, an article, a reply.
#[derive(Debug, Args)]
pub struct Demo {
    /// Exit after the story: 0 if every step was checked.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub async fn run(self) -> Result<()> {
        let folder = tempfile::tempdir().context("a folder for the demo can't be made")?;
        let listener = listen().await?;
        let address = listener.local_addr()?;
        let node = open_node(folder.path(), address).await?;
        let stop = CancellationToken::new();
        let running = tokio::spawn(run_node(node.clone(), listener, stop.clone()));
        let neighbour = Neighbour::start(&node.config).await?;
        let told = steps::tell(&node, &neighbour, folder.path()).await;
        if let Ok(article) = &told
            && !self.once
        {
            output::line(&format!(
                "\nBoth nodes go on running. Look at the page: {article}\nCtrl-C ends them and removes all that they stored."
            ))?;
            tokio::signal::ctrl_c().await?;
        }
        stop.cancel();
        running
            .await
            .map_err(|error| anyhow!("the node broke down: {error}"))??;
        match told {
            Ok(_) if self.once => output::line("\nEvery step was checked."),
            Ok(_) => Ok(()),
            Err(error) => bail!("the demo stopped: {error:#}"),
        }
    }
}

/// On the usual port, or on any other if that is taken.
async fn listen() -> Result<TcpListener> {
    let usual: SocketAddr = ([127, 0, 0, 1], 8080).into();
    match web::bind(usual).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind("127.0.0.1:0").await?),
    }
}

async fn open_node(folder: &std::path::Path, address: SocketAddr) -> Result<Node> {
    let overrides = Overrides {
        public_url: Some(format!("http://localhost:{}", address.port())),
        listen: Some(address.to_string()),
        data: Some(folder.to_owned()),
        development: true,
        without_file: true,
        ..Overrides::default()
    };
    // Nothing of the real publication takes part, not even through the environment.
    let config = Config::load_with(&overrides, &|_| None)?;
    let store = Store::open(&config.database_url).await?;
    Ok(Node::open(config, store).await?)
}

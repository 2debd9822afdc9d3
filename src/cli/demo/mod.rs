//! `pamphlet demo`: the whole story on one machine, each step printed as it really happened.

mod neighbour;
mod steps;

use super::{Options, output, serve::run_node};
use crate::{
    config::{Config, Overrides},
    node::Node,
    store::Store,
    web,
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use neighbour::Neighbour;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
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
    pub async fn run(self, options: &Options) -> Result<()> {
        refuse_others(options)?;
        let folder = tempfile::tempdir().context("a folder for the demo can't be made")?;
        let listener = listen(options.listen.as_deref()).await?;
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

/// Settings of another publication would be ignored, so the command says so.
fn refuse_others(options: &Options) -> Result<()> {
    let given = [
        ("--public-url", options.public_url.is_some()),
        ("--domain", options.domain.is_some()),
        ("--data", options.data.is_some()),
        ("--database-url", options.database_url.is_some()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => bail!(
            "the demo makes a publication of its own at localhost, and removes it at the end: leave out {flag}"
        ),
        None => Ok(()),
    }
}

/// Listens on the given address; without one, on the usual port, or on any other if that port is taken.
async fn listen(wanted: Option<&str>) -> Result<TcpListener> {
    if let Some(wanted) = wanted {
        let address: SocketAddr = wanted
            .parse()
            .ok()
            .filter(|address: &SocketAddr| is_localhost(address.ip()))
            .with_context(|| {
                format!("the demo talks to itself at localhost: {wanted} must be an address of it, as in 127.0.0.1:9000")
            })?;
        return web::bind(address).await.map_err(|message| anyhow!(message));
    }
    let usual: SocketAddr = ([127, 0, 0, 1], 8080).into();
    match web::bind(usual).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind("127.0.0.1:0").await?),
    }
}

/// Returns whether a client that resolves `localhost` reaches a program that listens on this address.
fn is_localhost(ip: IpAddr) -> bool {
    ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST
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

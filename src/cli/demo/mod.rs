//! `pamphlet demo`: shows a follow, an article and a reply between two servers on this machine, checking each step.

mod remote_instance;
mod steps;

use crate::{
    cli::{
        common::{Options, output},
        operation::run_node,
    },
    config::{Config, Overrides},
    node::Node,
    store::Store,
    web,
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use remote_instance::RemoteInstance;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The article to publish.
const ARTICLE: &str =
    include_str!("../../../examples/leon-trotsky-love-death-and-exile-in-mexico.md");

/// Show a demo on this machine: two servers, a follower, an article and a reply.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Exit after the last step, with code 0 if all steps succeeded.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        refuse_options(options)?;
        let folder = tempfile::tempdir().context("cannot create a directory for the demo")?;
        let listener = listen(options.listen.as_deref()).await?;
        let address = listener.local_addr()?;
        let node = open_node(folder.path(), address).await?;
        let stop = CancellationToken::new();
        let running = tokio::spawn(run_node(node.clone(), listener, stop.clone()));
        let instance = RemoteInstance::start(&node.config).await?;
        let outcome = steps::run(&node, &instance, folder.path()).await;
        if let Ok(article) = &outcome
            && !self.once
        {
            output::line(&format!(
                "\nBoth servers keep running. The article's page: {article}\nPress Ctrl-C to stop them and remove their data."
            ))?;
            tokio::signal::ctrl_c().await?;
        }
        stop.cancel();
        running
            .await
            .map_err(|error| anyhow!("the node failed: {error}"))??;
        match outcome {
            Ok(_) if self.once => output::line("\nAll steps succeeded."),
            Ok(_) => Ok(()),
            Err(error) => bail!("the demo failed: {error:#}"),
        }
    }
}

/// Refuses the settings of another publication, which the demo would ignore.
fn refuse_options(options: &Options) -> Result<()> {
    let given = [
        ("--public-url", options.public_url.is_some()),
        ("--domain", options.domain.is_some()),
        ("--data", options.data.is_some()),
        ("--database-url", options.database_url.is_some()),
        (
            "--database-direct-url",
            options.database_direct_url.is_some(),
        ),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => {
            bail!("the demo uses a temporary publication of its own at localhost: remove {flag}")
        }
        None => Ok(()),
    }
}

/// Listens on the given address. Without one, listens on the default port, or on a free one if that is taken.
async fn listen(wanted: Option<&str>) -> Result<TcpListener> {
    if let Some(wanted) = wanted {
        let address: SocketAddr = wanted
            .parse()
            .ok()
            .filter(|address: &SocketAddr| is_localhost(address.ip()))
            .with_context(|| {
                format!("the demo runs on localhost: {wanted} must be one of its addresses, such as 127.0.0.1:9000")
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
    // Ignores the real publication's settings, including those in the environment.
    let config = Config::load_with(&overrides, &|_| None)?;
    let store = Store::open(&config.database_url).await?;
    Ok(Node::open(config, store).await?)
}

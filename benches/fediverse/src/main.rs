//! A small fediverse on loopback, which measures an ActivityPub server from the outside. It knows nothing of the server's
//! insides.
//!
//! `fediverse authority FOLDER` makes the certificate authority that the server must trust. `fediverse serve` runs the
//! hosts, a name server that knows them, and a control port that makes their actors act. `benches/run.sh` uses both.

mod activities;
mod certificates;
mod connection;
mod control;
mod dns;
mod hosts;
mod inbox;
mod keys;
mod load;
mod reading;
mod sender;
mod signatures;
mod texts;
mod world;

use clap::{Args, Parser};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};
use tokio::net::TcpListener;
use world::{Size, World};

#[derive(Parser)]
#[command(about = "A small fediverse on loopback, which measures an ActivityPub server")]
enum Command {
    /// Make a certificate authority (ca.pem, ca.key) in a folder, unless there is one
    Authority { folder: PathBuf },
    /// Run the hosts until the process is ended
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// The folder of the certificate authority; the actors' keys are kept there too
    #[arg(long)]
    authority: PathBuf,
    /// Number of hosts: h0.DOMAIN, h1.DOMAIN, ...
    #[arg(long, default_value_t = 1000)]
    hosts: u32,
    /// Number of actors on each host: u0, u1, ...
    #[arg(long, default_value_t = 10)]
    users: u32,
    /// The domain above all hosts
    #[arg(long, default_value = "test")]
    domain: String,
    /// Where the hosts listen, with TLS
    #[arg(long, default_value = "127.0.0.1:443")]
    listen: SocketAddr,
    /// Where the name server listens; none runs without it
    #[arg(long)]
    dns: Option<SocketAddr>,
    /// The address that the name server gives all hosts
    #[arg(long, default_value = "127.0.0.1")]
    address: Ipv4Addr,
    /// Where the control port listens (plain HTTP)
    #[arg(long, default_value = "127.0.0.1:7700")]
    control: SocketAddr,
    /// Verify the signature of every Nth delivery; 0 for none
    #[arg(long, default_value_t = 10)]
    verify_every: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Authority { folder } => certificates::make_authority(&folder),
        Command::Serve(options) => serve(options).await,
    }
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    let size = Size {
        hosts: options.hosts.max(1),
        users: options.users.max(1),
        domain: options.domain.clone(),
        verify_every: options.verify_every,
    };
    let world = Arc::new(World::open(size, &options.authority)?);
    if let Some(listen) = options.dns {
        tokio::spawn(dns::serve(listen, options.domain, options.address));
    }
    let control = TcpListener::bind(options.control).await?;
    let router = control::router(world.clone());
    tokio::try_join!(
        hosts::serve(world, options.listen, &options.authority),
        async { Ok(axum::serve(control, router).await?) },
    )?;
    Ok(())
}

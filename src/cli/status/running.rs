//! Whether the node runs: its worker by the lock in the database, its web server by a request.

use crate::{
    node::Node,
    store::{Conn, RunningWorker, StoreError},
};
use serde::Deserialize;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long the web server may take.
const PATIENCE: Duration = Duration::from_millis(700);
/// The largest response that is read, in bytes.
const LARGEST: u64 = 16 * 1024;

/// The web server at the address of the configuration.
pub(super) enum Web {
    /// It answers; its version, unless it speaks TLS itself.
    Running(Option<String>),
    /// Something answers, but it is not well.
    Unwell,
    Silent,
}

/// What runs.
pub(super) struct Running {
    pub(super) web: Web,
    pub(super) workers: Vec<RunningWorker>,
}

#[derive(Deserialize)]
struct Health {
    version: String,
}

impl Running {
    /// Looks for the worker and the web server.
    pub(super) async fn look(node: &Node, conn: &mut Conn) -> Result<Running, StoreError> {
        let workers = conn.running_workers(&node.store).await?;
        let asked = tokio::time::timeout(PATIENCE, ask(node));
        let web = match asked.await {
            Ok(web) => web,
            Err(_) => Web::Unwell,
        };
        Ok(Running { web, workers })
    }

    /// Returns the version of the running web server, if it is another than this program's.
    pub(super) fn other_version(&self) -> Option<&str> {
        match &self.web {
            Web::Running(Some(version)) if version != env!("CARGO_PKG_VERSION") => Some(version),
            _ => None,
        }
    }
}

async fn ask(node: &Node) -> Web {
    let mut address: SocketAddr = node.config.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => [127, 0, 0, 1].into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return Web::Silent;
    };
    if node.config.tls.is_used() {
        return Web::Running(None);
    }
    let request = format!(
        "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        node.config.authority()
    );
    let mut response = String::new();
    if stream.write_all(request.as_bytes()).await.is_err() {
        return Web::Unwell;
    }
    let _ = stream.take(LARGEST).read_to_string(&mut response).await;
    let body = response.split_once("\r\n\r\n").map(|(_, body)| body);
    let health = body.and_then(|body| {
        let json = &body[body.find('{')?..=body.rfind('}')?];
        serde_json::from_str::<Health>(json).ok()
    });
    match health {
        Some(health) => Web::Running(Some(health.version)),
        None => Web::Unwell,
    }
}

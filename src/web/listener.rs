//! The listening socket and its connections.

use super::{App, router};
use axum::{Extension, Router, extract::ConnectInfo, middleware::AddExtension};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use std::{net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower_layer::Layer;

/// How long requests under way may take after the node was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long a new client may take for its first byte.
const FIRST_BYTE: Duration = Duration::from_secs(10);
/// How long a client may take for its headers, or rest between two requests: longer than a reverse proxy
/// keeps an idle connection (nginx: 60 s), so that none sends a request into a closing one.
const HEADER_TIME: Duration = Duration::from_secs(65);
/// How long to wait when no connection can be accepted (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Opens the listening socket.
///
/// # Errors
/// One sentence, also for a port that another program has.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "another program listens on {address}: stop it, or choose another address with --listen or PAMPHLET_LISTEN"
        ),
        std::io::ErrorKind::PermissionDenied => {
            format!("this user may not listen on {address}: choose a port above 1023 with --listen")
        }
        _ => format!("{address} can't be listened on: {error}"),
    })
}

/// Serves until `stop`, then lets requests finish, for ten seconds at the most.
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) {
    let router = router(app);
    let mut builder = Builder::new(TokioExecutor::new());
    // Without a timer, a client that never ends its headers would hold its connection for ever.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME);
    builder.http2().timer(TokioTimer::new());
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let service = Extension(ConnectInfo(peer)).layer(router.clone());
                let connection = serve_connection(
                    stream,
                    builder.clone(),
                    TowerToHyperService::new(service),
                    connections.watcher(),
                );
                tokio::spawn(connection);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn serve_connection(
    stream: TcpStream,
    builder: Builder<TokioExecutor>,
    service: TowerToHyperService<AddExtension<Router, ConnectInfo<SocketAddr>>>,
    watcher: Watcher,
) {
    if tokio::time::timeout(FIRST_BYTE, stream.readable())
        .await
        .is_err()
    {
        return;
    }
    // Answers are written whole: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(error, "a connection ended early");
    }
}

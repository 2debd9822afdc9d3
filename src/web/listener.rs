//! Listens and serves connections.

use super::{
    app::App,
    connection::{Progress, ProgressBody, ProgressStream, Timeouts},
    request::ClientNetwork,
    server::router,
    tls::{Tls, redirect_router},
};
use crate::quota::{Limit, Permits};
use axum::{
    Extension, Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Version},
    middleware::AddExtension,
};
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_layer::Layer;

/// How long requests may take to finish after the node is stopped.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the other requests on a connection may take to finish after one has stalled.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait after a connection could not be accepted, for example because of too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long to wait for a free connection slot before the limit counts as reached.
const SLOT_PATIENCE: Duration = Duration::from_secs(1);

/// The maximum size of the headers of a request and of its buffer, in bytes.
const MAX_HEADERS: usize = 64 * 1024;
/// The maximum number of concurrent requests on an HTTP/2 connection.
const STREAMS: u32 = 100;
/// The flow-control window of one HTTP/2 request, in bytes.
const STREAM_WINDOW: u32 = 65_535;
/// The flow-control window of an HTTP/2 connection, in bytes.
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// The send buffer of an HTTP/2 response, in bytes.
const SEND_BUFFER: usize = 64 * 1024;
/// The interval of HTTP/2 pings, and the time that a client has to respond to them.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// Opens the listening socket.
///
/// # Errors
/// A message for the user, for example if another program uses the port.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "another program listens on {address}: stop it, or choose another address with --listen or PAMPHLET_LISTEN"
        ),
        std::io::ErrorKind::PermissionDenied => {
            format!("this user may not listen on {address}: choose a port above 1023 with --listen")
        }
        _ => format!("can't listen on {address}: {error}"),
    })
}

/// Serves plain HTTP until `stop` is cancelled. Then requests have ten seconds to finish.
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) {
    serve_over(listener, app, None, stop).await;
}

/// Serves as [`serve`] does, over TLS if there is a certificate.
pub async fn serve_over(
    listener: TcpListener,
    app: App,
    tls: Option<Tls>,
    stop: CancellationToken,
) {
    let router = router(app.clone());
    run(listener, Server::new(app, router, tls, stop)).await;
}

/// Redirects requests over plain HTTP to HTTPS until `stop` is cancelled.
pub async fn redirect_to_https(listener: TcpListener, app: App, stop: CancellationToken) {
    let router = redirect_router(app.clone());
    run(listener, Server::new(app, router, None, stop)).await;
}

async fn run(listener: TcpListener, server: Server) {
    let server = Arc::new(server);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = server.accept(&listener) => accepted,
            () = server.stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer, room)) => {
                // In the order of arrival, so that the newest connection is the one that exceeds the limit.
                let Some(share) = server.hold_client_slot(peer.ip()).await else {
                    continue;
                };
                let server = server.clone();
                connections.spawn(async move {
                    server.serve(stream, peer).await;
                    drop((room, share));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

/// The state that all connections share.
struct Server {
    builder: Builder<TokioExecutor>,
    router: Router,
    app: App,
    tls: Option<Tls>,
    stop: CancellationToken,
}

fn builder(idle: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_buf_size(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL);
    builder
}

impl Server {
    fn new(app: App, router: Router, tls: Option<Tls>, stop: CancellationToken) -> Server {
        Server {
            builder: builder(Timeouts::new(&app.node.quota).idle),
            router,
            app,
            tls,
            stop,
        }
    }

    /// Accepts a connection, once there is a free slot.
    async fn accept(
        &self,
        listener: &TcpListener,
    ) -> std::io::Result<(TcpStream, SocketAddr, Permits)> {
        let quota = &self.app.node.quota;
        let room = loop {
            if let Ok(room) = quota
                .acquire(Limit::Connections, "", 1, SLOT_PATIENCE)
                .await
            {
                break room;
            }
        };
        let (stream, peer) = listener.accept().await?;
        Ok((stream, peer, room))
    }

    /// Counts a connection of a client; `None` if it has too many.
    async fn hold_client_slot(&self, peer: IpAddr) -> Option<Permits> {
        let node = &self.app.node;
        let proxies = &node.config.comments.proxies;
        let Some(client) = ClientNetwork::behind_proxies(peer, &HeaderMap::new(), proxies) else {
            return Some(Permits::default());
        };
        let (limit, client) = (Limit::ConnectionsOfAddress, client.to_string());
        let share = node.quota.acquire(limit, &client, 1, Duration::ZERO).await;
        share.ok()
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let timeouts = Timeouts::new(&self.app.node.quota);
        // A new socket counts as readable until the first read.
        let mut first = [0];
        let first = tokio::select! {
            first = tokio::time::timeout(timeouts.request, stream.peek(&mut first)) => first,
            () = self.stop.cancelled() => return,
        };
        if !matches!(first, Ok(Ok(1))) {
            return;
        }
        // Responses are written whole, so waiting for more data would only delay them.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.serve_requests(stream, peer, timeouts).await,
            Some(tls) => {
                // The whole handshake has the time of the headers of a request.
                let handshake = tokio::time::timeout(timeouts.request, tls.accept(stream));
                let accepted = tokio::select! {
                    accepted = handshake => accepted,
                    () = self.stop.cancelled() => return,
                };
                match accepted {
                    Ok(Ok(Some(stream))) => self.serve_requests(stream, peer, timeouts).await,
                    Ok(Ok(None)) => {}
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
                }
            }
        }
    }

    /// Serves the requests on a connection.
    async fn serve_requests<S>(&self, stream: S, peer: SocketAddr, timeouts: Timeouts)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let progress = Progress::new(timeouts);
        let routes = ConnectionService {
            service: TowerToHyperService::new(
                Extension(ConnectInfo(peer)).layer(self.router.clone()),
            ),
            progress: progress.clone(),
        };
        let stream = TokioIo::new(ProgressStream::new(stream, progress.clone()));
        let mut connection = pin!(self.builder.serve_connection(stream, routes));
        let mut is_stopping = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection ended early");
                    }
                    return;
                }
                () = progress.stalled() => break,
                () = self.stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
        tracing::debug!(%peer, "a connection made no progress");
        if progress.has_others() {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(DRAIN_TIMEOUT, connection).await;
        }
    }
}

/// The routes for one connection. They note its requests.
struct ConnectionService {
    service: TowerToHyperService<AddExtension<Router, ConnectInfo<SocketAddr>>>,
    progress: Arc<Progress>,
}

impl Service<hyper::Request<Incoming>> for ConnectionService {
    type Response = hyper::Response<ProgressBody>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let open = self.progress.request(request.version() == Version::HTTP_2);
        let response = self.service.call(request);
        Box::pin(async move {
            let response = response.await?;
            Ok(response.map(|body: Body| ProgressBody::new(body, open)))
        })
    }
}

//! The listening socket and its connections.

use super::{
    app::App,
    connection::{Progress, ProgressBody, ProgressStream, Times},
    request::ClientNetwork,
    server::router,
};
use crate::quota::{Held, Limit};
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
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_layer::Layer;

/// How long requests under way may take after the node was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long the other requests of a connection may take that is closed because of one.
const LEAVE: Duration = Duration::from_secs(5);
/// How long to wait when no connection can be accepted (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long to wait for room for one more connection before that is noted.
const ROOM_PAUSE: Duration = Duration::from_secs(1);

/// Largest headers of a request, in bytes, and most that is buffered of it.
const MAX_HEADERS: usize = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 100;
/// Bytes of bodies that an HTTP/2 client may send ahead of us, for one request and for all.
const STREAM_WINDOW: u32 = 65_535;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Bytes of a response that wait for an HTTP/2 client.
const SEND_BUFFER: usize = 64 * 1024;
/// The pause before an HTTP/2 client is asked whether it is still there, and the time that it has to answer.
const PING: Duration = Duration::from_secs(20);

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
    let server = Arc::new(Server {
        builder: builder(Times::new(&app.node.quota).idle),
        router: router(app.clone()),
        app,
        stop,
    });
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = server.accept(&listener) => accepted,
            () = server.stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer, room)) => {
                // In the order in which they came: the newest is the one too many.
                let Some(share) = server.share_of(peer.ip()).await else {
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
    if tokio::time::timeout(GRACE, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

/// The parts that all connections share.
struct Server {
    builder: Builder<TokioExecutor>,
    router: Router,
    app: App,
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
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

impl Server {
    /// Accepts a connection, once there is room for one more.
    async fn accept(
        &self,
        listener: &TcpListener,
    ) -> std::io::Result<(TcpStream, SocketAddr, Held)> {
        let quota = &self.app.node.quota;
        let room = loop {
            if let Ok(room) = quota.hold(Limit::Connections, "", 1, ROOM_PAUSE).await {
                break room;
            }
        };
        let (stream, peer) = listener.accept().await?;
        Ok((stream, peer, room))
    }

    /// Takes one of a client's connections; `None` if it has too many.
    async fn share_of(&self, peer: IpAddr) -> Option<Held> {
        let node = &self.app.node;
        let proxies = &node.config.comments.proxies;
        let Some(client) = ClientNetwork::behind_proxies(peer, &HeaderMap::new(), proxies) else {
            return Some(Held::default());
        };
        let (limit, client) = (Limit::ConnectionsOfAddress, client.to_string());
        let share = node.quota.hold(limit, &client, 1, Duration::ZERO).await;
        share.ok()
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let times = Times::new(&self.app.node.quota);
        // A new socket counts as readable until it was tried.
        let mut first = [0];
        let first = tokio::select! {
            first = tokio::time::timeout(times.request, stream.peek(&mut first)) => first,
            () = self.stop.cancelled() => return,
        };
        if !matches!(first, Ok(Ok(1))) {
            return;
        }
        // Answers are written whole: waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let progress = Progress::new(times);
        let routes = Routes {
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
            let _ = tokio::time::timeout(LEAVE, connection).await;
        }
    }
}

/// The routes for one connection, whose requests are noted.
struct Routes {
    service: TowerToHyperService<AddExtension<Router, ConnectInfo<SocketAddr>>>,
    progress: Arc<Progress>,
}

impl Service<hyper::Request<Incoming>> for Routes {
    type Response = hyper::Response<ProgressBody>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let open = self.progress.request(request.version() == Version::HTTP_2);
        let answer = self.service.call(request);
        Box::pin(async move {
            let response = answer.await?;
            Ok(response.map(|body: Body| ProgressBody::new(body, open)))
        })
    }
}

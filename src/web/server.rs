//! The routes, what is around all of them, and the listening socket.

use super::{
    activities, actors, answer, app::App, articles, assets, feed, health, inbox, pages,
    problem::WebError, well_known,
};
use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    middleware,
    response::Response,
    routing::{get, post},
};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// How long requests under way may take after the node was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// All routes of a node.
pub fn router(app: App) -> Router {
    let readers = Router::new()
        .route("/", get(pages::home))
        .route("/feed.atom", get(feed::atom))
        .route("/tags/{tag}", get(pages::tag))
        .route("/authors/{username}", get(pages::author))
        .route("/authorize_interaction", get(pages::interaction))
        .route("/{year}/{month}/{slug}", get(articles::by_permalink))
        .route("/articles/{uid}", get(articles::by_id))
        .route("/users/{username}", get(actors::get));
    let servers = Router::new()
        .route("/.well-known/webfinger", get(well_known::webfinger))
        .route("/.well-known/nodeinfo", get(well_known::nodeinfo_links))
        .route("/.well-known/host-meta", get(well_known::host_meta))
        .route("/nodeinfo/2.1", get(well_known::nodeinfo))
        .route("/actor", get(actors::instance))
        .route("/actor/outbox", get(actors::instance_outbox))
        .route("/users/{username}/outbox", get(actors::outbox))
        .route("/users/{username}/followers", get(actors::followers))
        .route("/users/{username}/{collection}", get(actors::empty))
        .route("/articles/{uid}/{collection}", get(articles::collection))
        .route("/activities/{uid}", get(activities::get));
    let inboxes = Router::new()
        .route("/inbox", post(inbox::post))
        .route("/actor/inbox", post(inbox::post))
        .route("/users/{username}/inbox", post(inbox::post));
    let files = Router::new()
        .route("/static/{name}", get(assets::file))
        .route("/media/{name}", get(assets::media))
        .route(assets::SOURCE_PATH, get(assets::source))
        .route("/healthz", get(health::healthz));
    readers
        .merge(servers)
        .merge(files)
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(1024).and(is_text)))
        .merge(inboxes)
        .fallback(not_found)
        .layer(middleware::map_response(add_headers))
        .layer(CatchPanicLayer::new())
        .with_state(app)
}

/// The source archive is sent as it is; everything else is text.
fn is_text(
    _: axum::http::StatusCode,
    _: axum::http::Version,
    headers: &HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers
        .get(axum::http::header::CONTENT_TYPE)
        .is_none_or(|kind| kind != "application/x-tar")
}

async fn add_headers(mut response: Response) -> Response {
    for (name, value) in answer::ALWAYS {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    WebError::NotFound.answer(&app, &headers)
}

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
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let server =
        axum::serve(listener, router(app)).with_graceful_shutdown(stop.clone().cancelled_owned());
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server.into_future() => ended,
        () = deadline => Ok(()),
    }
}

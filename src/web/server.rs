//! The routes, and what is around all of them.

use super::{
    access, activities, actors, addresses, answer, app::App, articles, assets, features, feed,
    finished, guests, health, inbox, interaction, moderate, notes, pages, pictures,
    printable::printable, problem::WebError, quotes, showcase, unsubscribe, well_known,
};
use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    middleware,
    response::Response,
    routing::{get, post},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// All routes of a node.
pub fn router(app: App) -> Router {
    let readers = Router::new()
        .route("/", get(pages::home))
        .route("/feed.atom", get(feed::atom))
        .route("/tags/{tag}", get(pages::tag))
        .route("/authors/{username}", get(pages::author))
        .route("/authorize_interaction", get(interaction::arrive))
        .route("/interact", get(interaction::ask).post(interaction::lead))
        .route("/{year}/{month}/{slug}", get(articles::by_permalink))
        .route(
            "/{year}/{month}/{slug}/reactions",
            get(pages::reactions_of_article),
        )
        .route(
            "/{year}/{month}/{slug}/comments/{number}/reactions",
            get(pages::reactions_of_comment),
        )
        .route("/{year}/{month}/{slug}/reply/{number}", get(guests::ask))
        .route("/articles/{uid}", get(articles::by_id))
        .route(
            "/articles/{uid}/comments",
            get(guests::back).post(guests::post),
        )
        .route(
            "/moderate/{token}",
            get(moderate::show).post(moderate::decide),
        )
        .route("/comments/waiting", get(guests::waiting))
        .route("/comments/mailed", get(guests::mailed))
        .route(
            "/comments/confirm",
            get(guests::ask_to_confirm).post(guests::confirm),
        )
        .route("/notes/{uid}", get(notes::get))
        .route(
            "/unsubscribe/{token}",
            get(unsubscribe::ask).post(unsubscribe::go),
        )
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
        .route(
            "/users/{username}/followers_synchronization",
            get(actors::followers_synchronization),
        )
        .route("/users/{username}/following", get(showcase::following))
        .route("/users/{username}/featured", get(showcase::featured))
        .route("/users/{username}/tags", get(showcase::tags))
        .route("/articles/{uid}/{collection}", get(articles::collection))
        .route("/notes/{uid}/replies", get(notes::replies))
        .route("/activities/{uid}", get(activities::get))
        .route("/quotes/{uid}", get(quotes::get))
        .route("/features/{uid}", get(features::get))
        .route("/authorizations/{uid}", get(features::approval));
    let inboxes = Router::new()
        .route("/inbox", post(inbox::post))
        .route("/actor/inbox", post(inbox::post))
        .route("/users/{username}/inbox", post(inbox::post));
    let files = Router::new()
        .route("/static/{name}", get(assets::file))
        .route("/media/{name}", get(assets::media))
        .route("/pictures/avatars/{actor}", get(pictures::avatars))
        .route("/pictures/names/{actor}/{number}", get(pictures::names))
        .route(
            "/pictures/comments/{comment}/{number}",
            get(pictures::comments),
        )
        .route("/pictures/emoji/{comment}/{number}", get(pictures::emojis))
        .route("/pictures/reactions/{reaction}", get(pictures::reactions))
        .route(assets::SOURCE_PATH, get(assets::source))
        .route("/healthz", get(health::healthz));
    let routes = readers
        .merge(servers)
        .merge(files)
        .layer(middleware::map_response(printable))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(1024).and(is_text)))
        .merge(inboxes.layer(middleware::map_response(printable)))
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(app.clone(), access::guard))
        .layer(middleware::map_response(add_headers))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), finished::layer))
        .with_state(app.clone());
    // This layer wraps the router, which dispatches on the address.
    Router::new()
        .fallback_service(routes)
        .layer(middleware::from_fn_with_state(app, addresses::layer))
}

/// Whether a response is text. Pictures and the source archive are sent as they are.
fn is_text(
    _: axum::http::StatusCode,
    _: axum::http::Version,
    headers: &HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers
        .get(axum::http::header::CONTENT_TYPE)
        .is_none_or(|kind| kind != "application/x-tar" && !is_raster(kind.as_bytes()))
}

fn is_raster(kind: &[u8]) -> bool {
    kind.starts_with(b"image/") && !kind.starts_with(b"image/svg")
}

async fn add_headers(mut response: Response) -> Response {
    for (name, value) in answer::ALWAYS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    printable(WebError::NotFound.answer(&app, &headers)).await
}

//! The routes, and the layers around them.

use super::{
    activitypub::{
        activities, actor, actor_collections, article as article_object, authorizations, inbox,
        note as note_object, well_known,
    },
    api,
    app::{App, SOURCE_PATH},
    files::{media, pictures, source, static_files, theme},
    guests::{self, unsubscribe},
    health, machines, micropub,
    middleware::{
        authorize_fetch, canonicalize_path, closed, printable, problem_pages,
        problem_pages_for_browsers,
    },
    moderation, page_cache,
    pages::{
        adopted, article, drafts, home, lists, note, permalink,
        publication::{archive, authors, notes, static_page, subscribe, tags},
        reactions, remote_interaction, search, tag,
    },
    response::{self, Exact, Format, Shared, WebError, preferred_format, problem_page, with_query},
    views::Problem,
};
use axum::{
    Router,
    extract::{OriginalUri, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_RANGES, CACHE_CONTROL, STRICT_TRANSPORT_SECURITY},
    },
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// For a year, browsers use HTTPS only (RFC 6797).
const ONLY_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Returns all routes of a node.
pub(super) fn router(app: App) -> Router {
    let readers = Router::new()
        .route("/", get(home::show))
        .route("/archive", get(archive::show))
        .route("/archive/{year}", get(archive::year))
        .route("/tags", get(tags::index))
        .route("/tags/{tag}", get(tag::show))
        .route("/search", get(search::show))
        .route("/authors", get(authors::index))
        .route("/notes", get(notes::index))
        .route("/subscribe", get(subscribe::show))
        .route("/privacy", get(static_page::show_privacy))
        .route("/{slug}", get(static_page::show))
        .route("/authors/{username}", get(lists::author))
        .route(
            "/authorize_interaction",
            get(remote_interaction::show_commands),
        )
        .route(
            "/interact",
            get(remote_interaction::show_form).post(remote_interaction::redirect),
        )
        .route("/{year}/{month}/{slug}", get(article::show))
        .route(
            "/{year}/{month}/{slug}/reactions",
            get(reactions::of_article),
        )
        .route(
            "/{year}/{month}/{slug}/comments/{number}/reactions",
            get(reactions::of_comment),
        )
        .route(
            "/{year}/{month}/{slug}/reply/{number}",
            get(guests::show_form),
        )
        .route("/drafts/{token}", get(drafts::show))
        .route("/articles/{uid}", get(article_object::show))
        .route(
            "/articles/{uid}/comments",
            get(guests::redirect_to_form).post(guests::submit),
        )
        .route(
            "/moderate/{token}",
            get(moderation::show).post(moderation::decide),
        )
        .route(
            "/{year}/{month}/{slug}/comments/{number}/report",
            get(guests::show_report).post(guests::submit_report),
        )
        .route("/comments/mine", get(guests::show_own))
        .route(
            "/comments/mine/{token}",
            get(guests::show_edit).post(guests::submit_edit),
        )
        .route("/comments/reported", get(guests::show_reported))
        .route("/comments/waiting", get(guests::show_waiting))
        .route("/comments/mailed", get(guests::show_mailed))
        .route(
            "/comments/confirm",
            get(guests::show_confirmation).post(guests::confirm),
        )
        .route("/notes/{uid}", get(note::show))
        .route(
            "/unsubscribe/{token}",
            get(unsubscribe::show_form).post(unsubscribe::unsubscribe),
        )
        .route("/users/{username}", get(actor::show));
    let servers = Router::new()
        .route("/.well-known/webfinger", get(well_known::webfinger))
        .route("/.well-known/nodeinfo", get(well_known::nodeinfo_links))
        .route("/.well-known/host-meta", get(well_known::host_meta))
        .route("/nodeinfo/2.0", get(well_known::nodeinfo_2_0))
        .route("/nodeinfo/2.1", get(well_known::nodeinfo))
        .route("/actor", get(actor::instance))
        .route("/actor/outbox", get(actor_collections::instance_outbox))
        .route("/users/{username}/outbox", get(actor_collections::outbox))
        .route(
            "/users/{username}/followers",
            get(actor_collections::followers),
        )
        .route(
            "/users/{username}/followers_synchronization",
            get(actor_collections::followers_synchronization),
        )
        .route(
            "/users/{username}/following",
            get(actor_collections::following),
        )
        .route(
            "/users/{username}/featured",
            get(actor_collections::featured),
        )
        .route("/users/{username}/tags", get(actor_collections::tags))
        .route(
            "/articles/{uid}/{collection}",
            get(article_object::collection),
        )
        .route("/notes/{uid}/replies", get(note_object::replies))
        .route("/activities/{uid}", get(activities::show))
        .route("/quotes/{uid}", get(authorizations::quote))
        .route("/features/{uid}", get(authorizations::feature))
        .route("/authorizations/{uid}", get(authorizations::interaction));
    let inboxes = Router::new()
        .route("/inbox", post(inbox::receive))
        .route("/actor/inbox", post(inbox::receive))
        .route("/users/{username}/inbox", post(inbox::receive));
    let files = Router::new()
        .route("/static/{name}", get(static_files::serve))
        .route("/static/theme/{name}", get(theme::serve))
        .route("/media/{name}", get(media::serve))
        .route("/pictures/avatars/{actor}", get(pictures::avatars))
        .route("/pictures/names/{actor}/{number}", get(pictures::names))
        .route(
            "/pictures/comments/{comment}/{number}",
            get(pictures::attachments),
        )
        .route("/pictures/emoji/{comment}/{number}", get(pictures::emojis))
        .route("/pictures/reactions/{reaction}", get(pictures::reactions))
        .route(SOURCE_PATH, get(source::archive))
        .route("/healthz", get(health::healthz));
    let machines = machines::routes();
    let page_cache = app.page_cache.clone();
    let routes = readers
        .merge(files)
        .merge(machines)
        .layer(middleware::from_fn_with_state(app.clone(), problem_pages))
        .merge(servers.layer(middleware::from_fn_with_state(
            app.clone(),
            problem_pages_for_browsers,
        )))
        .layer(middleware::map_response(printable))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(1024).and(is_text)))
        .merge(inboxes.layer(middleware::map_response(printable)))
        .merge(api::router(&app))
        .merge(micropub::routes())
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(
            page_cache.clone(),
            page_cache::documents,
        ))
        .layer(middleware::from_fn_with_state(app.clone(), authorize_fetch))
        .layer(middleware::from_fn_with_state(app.clone(), closed))
        .layer(middleware::map_response_with_state(
            app.clone(),
            add_default_headers,
        ))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(
            page_cache,
            page_cache::layer,
        ))
        .with_state(app.clone());
    // This layer wraps the router, because the router dispatches on the path that it changes.
    Router::new()
        .fallback_service(routes)
        .layer(middleware::from_fn_with_state(app, canonicalize_path))
}

/// Returns whether a response is text. Pictures and the source archive are not compressed.
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

async fn add_default_headers(State(app): State<App>, mut response: Response) -> Response {
    let is_shared = response.extensions().get::<Shared>().is_some();
    let is_exact = response.extensions().get::<Exact>().is_some();
    let headers = response.headers_mut();
    for (name, value) in response::DEFAULT_HEADERS {
        headers.entry(name).or_insert(value);
    }
    if app.node.config.public_url.scheme() == "https" {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
    }
    // Parts of a file are asked for by a strong entity tag. All else is sent in several encodings.
    if !headers.contains_key(ACCEPT_RANGES) && !is_exact {
        response::weaken_etag(headers);
    }
    let asks_each_time = headers
        .get(CACHE_CONTROL)
        .is_some_and(|it| it == "no-cache");
    if let Some(time) = app.node.config.cache.shared
        && is_shared
        && asks_each_time
    {
        response::let_shared_caches_store(headers, time.duration().as_secs());
    }
    response
}

/// Redirects from a former address of an article, which it may have had on another site.
async fn not_found(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Ok(mut conn) = app.node.store.read().await {
        if let Ok(Some(path)) = permalink::moved_from(&mut conn, uri.path()).await {
            return response::moved(&app.node.urls().at(&with_query(&path, uri.query())));
        }
        if let Ok(Some(response)) = adopted::redirect(&app, &mut conn, &uri).await {
            return response;
        }
    }
    app.refresh_frame().await;
    let response = match preferred_format(&headers) {
        Format::Html => problem_page(
            &app.templates,
            &app.site,
            StatusCode::NOT_FOUND,
            Problem::NotFound,
        ),
        Format::Activity => WebError::NotFound.into_response(),
    };
    printable(response).await
}

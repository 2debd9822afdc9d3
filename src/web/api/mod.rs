//! The API for programs of the admin's: JSON under `/api/v1/`, by tokens with scopes. docs/api.md explains it.

pub(super) mod answer;
pub(super) mod articles;
pub(super) mod body;
pub(super) mod caller;
mod comments;
pub(super) mod media;
mod moderation;
pub(super) mod notes;
pub(super) mod once;
mod openapi;
mod pages;
pub(super) mod problem;
mod search;
mod site;

use super::app::App;
use crate::node::api_tokens::Scope;
use axum::{
    Router,
    extract::{DefaultBodyLimit, OriginalUri},
    handler::Handler,
    http::{
        HeaderName, HeaderValue, Method,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LINK,
            LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
        },
    },
    middleware,
    response::Response,
    routing::{MethodFilter, MethodRouter, any, get, on},
};
use problem::{ApiError, Code};
use std::time::Duration;
use tower_http::cors::{Any, CorsLayer};

/// How long a browser remembers which requests other sites may make.
const CORS_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// A route that needs a token.
struct Route {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the test of the description reads it")
    )]
    method: Method,
    path: &'static str,
    /// `None`: any token.
    scope: Option<Scope>,
    handler: MethodRouter<App>,
}

fn route<H, T>(
    method: Method,
    path: &'static str,
    scope: impl Into<Option<Scope>>,
    handler: H,
) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    // Each method below has a filter.
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
    Route {
        method,
        path,
        scope: scope.into(),
        handler: on(filter, handler),
    }
}

/// Returns all routes that need a token. A test compares them with the description.
fn routes() -> Vec<Route> {
    use Scope::{
        ArticlesRead, ArticlesWrite, CommentsRead, CommentsWrite, MediaRead, MediaWrite,
        ModerationRead, ModerationWrite, NotesRead, NotesWrite,
    };
    use articles::actions;
    use moderation::reports;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    const ARTICLES: &str = "/api/v1/articles";
    const ARTICLE: &str = "/api/v1/articles/{article}";
    const PAGES: &str = "/api/v1/pages";
    const PAGE: &str = "/api/v1/pages/{slug}";
    const NOTES: &str = "/api/v1/notes";
    const NOTE: &str = "/api/v1/notes/{note}";
    const COMMENT: &str = "/api/v1/comments/{id}";
    const BLOCKS: &str = "/api/v1/blocks";
    const FILTERS: &str = "/api/v1/filters";
    const MEDIA: &str = "/api/v1/media";
    const FILE: &str = "/api/v1/media/{name}";
    vec![
        route(GET, "/api/v1/site", None, site::show),
        route(GET, ARTICLES, ArticlesRead, articles::index),
        route(POST, ARTICLES, ArticlesWrite, articles::create),
        route(GET, ARTICLE, ArticlesRead, articles::show),
        route(PUT, ARTICLE, ArticlesWrite, actions::replace),
        route(PATCH, ARTICLE, ArticlesWrite, actions::patch),
        route(DELETE, ARTICLE, ArticlesWrite, actions::delete),
        route(
            POST,
            "/api/v1/articles/{article}/publish",
            ArticlesWrite,
            actions::publish,
        ),
        route(
            POST,
            "/api/v1/articles/{article}/unpublish",
            ArticlesWrite,
            actions::unpublish,
        ),
        route(
            POST,
            "/api/v1/articles/{article}/schedule",
            ArticlesWrite,
            actions::schedule,
        ),
        route(GET, "/api/v1/search", ArticlesRead, search::search),
        route(GET, PAGES, ArticlesRead, pages::index),
        route(POST, PAGES, ArticlesWrite, pages::create),
        route(GET, PAGE, ArticlesRead, pages::show),
        route(PUT, PAGE, ArticlesWrite, pages::replace),
        route(DELETE, PAGE, ArticlesWrite, pages::delete),
        route(GET, NOTES, NotesRead, notes::index),
        route(POST, NOTES, NotesWrite, notes::create),
        route(GET, NOTE, NotesRead, notes::show),
        route(DELETE, NOTE, NotesWrite, notes::delete),
        route(GET, "/api/v1/comments", CommentsRead, comments::index),
        route(GET, COMMENT, CommentsRead, comments::show),
        route(DELETE, COMMENT, CommentsWrite, comments::delete),
        route(
            POST,
            "/api/v1/comments/{id}/decision",
            CommentsWrite,
            comments::decision,
        ),
        route(
            POST,
            "/api/v1/comments/{id}/reply",
            CommentsWrite,
            comments::reply,
        ),
        route(GET, BLOCKS, ModerationRead, moderation::blocks),
        route(PUT, BLOCKS, ModerationWrite, moderation::set_block),
        route(DELETE, BLOCKS, ModerationWrite, moderation::remove_block),
        route(GET, FILTERS, ModerationRead, moderation::filters),
        route(PUT, FILTERS, ModerationWrite, moderation::set_filter),
        route(DELETE, FILTERS, ModerationWrite, moderation::remove_filter),
        route(GET, "/api/v1/notices", ModerationRead, reports::notices),
        route(GET, "/api/v1/log", ModerationRead, reports::log),
        route(GET, MEDIA, MediaRead, media::index),
        route(POST, MEDIA, MediaWrite, media::upload),
        route(GET, FILE, MediaRead, media::show),
        route(PATCH, FILE, MediaWrite, media::patch),
        route(DELETE, FILE, MediaWrite, media::delete),
    ]
}

/// Returns the routes of the API.
pub(super) fn router(app: &App) -> Router<App> {
    let mut router = Router::new();
    for route in routes() {
        let state = (app.clone(), route.scope);
        let layer = middleware::from_fn_with_state(state, caller::authorize);
        router = router.route(route.path, route.handler.route_layer(layer));
    }
    let router = router
        .route("/api/v1/openapi.json", get(openapi::show))
        .route(problem::PATH, get(show_problems))
        .route("/api/{*rest}", any(unknown));
    open_to_programs(router)
}

/// Adds the layers of all routes for programs: bodies have limits of their own, no cache stores a response, and scripts of
/// all sites may call them.
pub(super) fn open_to_programs(router: Router<App>) -> Router<App> {
    router
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::map_response(forbid_storing))
        .layer(cors())
}

/// Lets scripts of all sites use the API: they need a token for it, and browsers send none by themselves. Cookies are
/// neither sent nor read.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            IF_NONE_MATCH,
            once::KEY,
        ])
        .expose_headers([ETAG, LINK, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE])
        .max_age(CORS_AGE)
}

/// Keeps responses out of every cache: most of them are for the holder of a token only.
async fn forbid_storing(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
    response
}

/// `GET /api/v1/problems`: the codes of problems, with their meanings.
async fn show_problems() -> answer::ApiResult {
    answer::json(axum::http::StatusCode::OK, &problem::all())
}

async fn unknown(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!(
            "there is nothing at {}: /api/v1/openapi.json lists what there is",
            uri.path()
        ),
    )
}

async fn other_method() -> ApiError {
    ApiError::new(
        Code::MethodNotAllowed,
        "this address does not have the method: /api/v1/openapi.json lists those that it has",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Every route with its scopes, by method and path.
    type Listed = BTreeMap<String, Vec<String>>;

    #[test]
    fn the_description_has_every_route_with_its_scope_and_no_others() {
        let described = serde_json::to_value(openapi::document()).unwrap();
        let mut listed = Listed::new();
        for (path, item) in described["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let scopes = &operation["security"][0]["token"];
                let scopes = serde_json::from_value(scopes.clone()).unwrap();
                listed.insert(format!("{} {path}", method.to_uppercase()), scopes);
            }
        }
        let scopes = |route: &Route| route.scope.iter().map(ToString::to_string).collect();
        let real: Listed = routes()
            .iter()
            .map(|route| (format!("{} {}", route.method, route.path), scopes(route)))
            .collect();
        assert_eq!(listed, real);
    }
}

//! Handles non-canonical spellings of addresses. A GET is redirected; any other request is served in place, since
//! senders do not follow redirects with signed requests.

use super::app::App;
use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode, Uri,
        header::{CACHE_CONTROL, LOCATION},
        uri::PathAndQuery,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Runs before all routes. The original address is in `OriginalUri`.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let right = app.node.urls().canonical_path(path);
    if right == path {
        return next.run(request).await;
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return moved(&app, &right, request.uri().query());
    }
    if let Some(uri) = with_path(request.uri(), &right) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// Returns a permanent redirect to a local path, with the query. It is cached for a minute only, because an article
/// can move back.
pub fn moved(app: &App, path: &str, query: Option<&str>) -> Response {
    let target = app.node.urls().at(&target(path, query));
    let Ok(location) = HeaderValue::from_str(&target) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("max-age=60")),
    ];
    (StatusCode::PERMANENT_REDIRECT, headers).into_response()
}

fn target(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let target: PathAndQuery = target(path, uri.query()).parse().ok()?;
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).ok()
}

//! Addresses in another spelling: a GET is sent on to the right one, all else is answered where it came, since
//! senders do not follow redirects with what they signed.

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

/// Stands before all routes: the address as it came is in `OriginalUri`.
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

/// A redirect to a path of ours that holds for ever; the query goes along. It is kept for a minute only: what moved
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

//! Handles non-canonical spellings of addresses. A GET is redirected. Any other request is served as if it had used the
//! canonical path, because senders do not follow redirects of signed requests.

use crate::web::{
    app::App,
    response::{moved_permanently, with_query},
};
use axum::{
    extract::{Request, State},
    http::{Method, Uri, uri::PathAndQuery},
    middleware::Next,
    response::Response,
};

/// Runs before the router dispatches on the path. `OriginalUri` keeps the requested address.
pub(crate) async fn canonicalize_path(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let canonical = app.node.urls().canonical_path(path);
    if canonical == path {
        return next.run(request).await;
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let target = with_query(&canonical, request.uri().query());
        return moved_permanently(app.node.urls(), &target);
    }
    if let Some(uri) = with_path(request.uri(), &canonical) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let target: PathAndQuery = with_query(path, uri.query()).parse().ok()?;
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).ok()
}

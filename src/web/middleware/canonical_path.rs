//! Handles non-canonical spellings of addresses. A GET is redirected. Any other request is served as if it had used the
//! canonical path, because senders do not follow redirects of signed requests. Addresses that other software gave away
//! come first.

use super::adopted_address::{self, Adopted};
use crate::web::{
    app::App,
    response::{moved_permanently, with_query},
};
use axum::{
    extract::{Request, State},
    http::{Method, Uri, uri::PathAndQuery},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Runs before the router dispatches on the path. `OriginalUri` keeps the requested address.
pub(crate) async fn canonicalize_path(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    match adopted_address::find(&app, method, uri, headers).await {
        Ok(Adopted::No) => {}
        Ok(Adopted::Response(response)) => return response,
        Ok(Adopted::Path(path)) => {
            if let Some(uri) = with_path_and_query(request.uri(), &path) {
                *request.uri_mut() = uri;
            }
            return next.run(request).await;
        }
        Err(error) => return error.into_response(),
    }
    let path = request.uri().path();
    let canonical = app.node.urls().canonical_path(path);
    if canonical == path {
        return next.run(request).await;
    }
    // A closed publication leads nowhere: each spelling is gone.
    let is_open = app.closing().is_none();
    if is_open && matches!(*request.method(), Method::GET | Method::HEAD) {
        let target = with_query(&canonical, request.uri().query());
        return moved_permanently(app.node.urls(), &target);
    }
    let target = with_query(&canonical, request.uri().query());
    if let Some(uri) = with_path_and_query(request.uri(), &target) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

fn with_path_and_query(uri: &Uri, target: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let target: PathAndQuery = target.parse().ok()?;
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).ok()
}

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

/// Returns a redirect (303) to an address of ours or of a reader's server. Its parts may come from a request or from
/// another program, so that all bytes that no URL has are escaped: a header with a line break can't be sent.
pub fn see_other(address: &str) -> Response {
    let mut location = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte.is_ascii_graphic() {
            true => location.push(char::from(byte)),
            false => location.push_str(&format!("%{byte:02X}")),
        }
    }
    match HeaderValue::from_str(&location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_has_no_byte_that_a_url_can_not_have() {
        for (address, location) in [
            ("/a?b=c#d", "/a?b=c#d"),
            ("/%0A", "/%0A"),
            ("/a\r\nX-Injected: y", "/a%0D%0AX-Injected:%20y"),
            ("/\0\u{7f}", "/%00%7F"),
            ("/2026/01/ü", "/2026/01/%C3%BC"),
        ] {
            let response = see_other(address);
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(response.headers()[LOCATION], location);
        }
    }
}

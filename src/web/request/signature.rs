//! The parts of a request that an HTTP signature covers.

use crate::crypto::signatures::RequestParts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header::HOST};

/// Adds the `Host` header, which HTTP/2 requests replace with the authority.
pub(crate) fn add_host(headers: &mut HeaderMap, uri: &Uri) {
    if !headers.contains_key(HOST)
        && let Some(authority) = uri.authority()
        && let Ok(value) = HeaderValue::from_str(authority.as_str())
    {
        headers.insert(HOST, value);
    }
}

/// Returns the path of a request with its query, as signatures cover it.
pub(crate) fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

/// Returns the parts of a request that its signature covers.
pub(crate) fn signed_parts<'a>(
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> RequestParts<'a> {
    RequestParts {
        method,
        path_and_query: path_and_query(uri),
        headers,
        body,
    }
}

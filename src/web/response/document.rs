//! Documents with an entity tag, and the headers that caches and other sites read.

use crate::{crypto::signatures::BodyDigest, protocol::ACTIVITY_JSON};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
        },
    },
    response::Response,
};

/// Headers of every response that does not set them itself.
pub(crate) const DEFAULT_HEADERS: [(HeaderName, HeaderValue); 2] = [
    (
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    ),
];

/// Returns an ActivityPub document, or 304 if the client has it.
pub(crate) fn activity(headers: &HeaderMap, document: String) -> Response {
    cached(
        headers,
        StatusCode::OK,
        ACTIVITY_JSON,
        "max-age=60",
        document,
    )
}

/// Returns a tombstone with status 410.
pub(crate) fn gone(headers: &HeaderMap, tombstone: String) -> Response {
    cached(
        headers,
        StatusCode::GONE,
        ACTIVITY_JSON,
        "max-age=60",
        tombstone,
    )
}

/// Returns a document with an entity tag derived from its content, or 304 if the client has it.
pub(crate) fn cached(
    headers: &HeaderMap,
    status: StatusCode,
    content_type: &'static str,
    cache_control: &'static str,
    body: String,
) -> Response {
    let etag = strong_etag(body.as_bytes());
    tagged(headers, status, content_type, cache_control, body, &etag)
}

pub(super) fn strong_etag(body: &[u8]) -> String {
    format!("\"{}\"", &BodyDigest::of(body).digest_value()[8..30])
}

/// Returns a document with this entity tag, or 304 if the client has it.
pub(super) fn tagged(
    headers: &HeaderMap,
    status: StatusCode,
    content_type: &'static str,
    cache_control: &'static str,
    body: String,
    etag: &str,
) -> Response {
    let is_unmodified = status == StatusCode::OK && matches_etag(headers, etag.as_bytes());
    let (status, body) = if is_unmodified {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (status, Body::from(body))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let head = response.headers_mut();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    head.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    head.insert(VARY, HeaderValue::from_static("Accept"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        head.insert(ETAG, etag);
    }
    response
}

/// Returns whether `If-None-Match` lists this entity tag, in a weak comparison (RFC 9110, section 13.1.2).
pub(crate) fn matches_etag(headers: &HeaderMap, etag: &[u8]) -> bool {
    let etag = etag.strip_prefix(b"W/").unwrap_or(etag);
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known.as_bytes() == etag || known == "*")
}

/// Marks a response that is the same for every client, so that the page cache may store it.
pub(crate) fn shared(mut response: Response) -> Response {
    response.extensions_mut().insert(Shared);
    response
}

/// The mark of a response that does not depend on who requests it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared;

/// Lets scripts of all origins read a response. WebFinger requires it (RFC 7033, section 5).
pub(crate) fn allow_all_origins(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Tells caches that the response depends on `Accept`.
pub(crate) fn vary_by_accept(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("Accept"));
    response
}

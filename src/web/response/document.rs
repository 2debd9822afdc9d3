//! Documents with an entity tag, and the headers that caches and other sites read.

use crate::{crypto::signatures::BodyDigest, protocol::ACTIVITY_JSON};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
            IF_NONE_MATCH, VARY,
        },
    },
    response::Response,
};
use std::time::{Duration, SystemTime};

/// Headers of every response that does not set them itself.
pub(crate) const DEFAULT_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    ),
    // Pages use none of these, and what they link to gets none from them.
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
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

/// Returns the entity tag of a body.
pub(crate) fn strong_etag(body: &[u8]) -> String {
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

/// Returns whether the client has the response: `If-None-Match` lists its entity tag or, in a request without that
/// header, it was not changed after `If-Modified-Since` (RFC 9110, section 13.2.2).
pub(crate) fn is_unmodified(
    headers: &HeaderMap,
    etag: Option<&[u8]>,
    modified: Option<SystemTime>,
) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return etag.is_some_and(|etag| matches_etag(headers, etag));
    }
    let since = headers
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    let since = since.and_then(|text| httpdate::parse_http_date(text).ok());
    let is_known =
        |modified: SystemTime| since.is_some_and(|since| whole_second(modified) <= since);
    modified.is_some_and(is_known)
}

/// Returns a time as headers have it, without the part of its second.
fn whole_second(time: SystemTime) -> SystemTime {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// Returns the header of a time, if it has a year of four digits.
pub(crate) fn http_date(time: SystemTime) -> Option<HeaderValue> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let has_four_digits = since.as_secs() < 253_402_300_800;
    has_four_digits.then(|| HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok())?
}

/// Marks a response that is the same for every client, so that the page cache may store it.
pub(crate) fn shared(mut response: Response) -> Response {
    response.extensions_mut().insert(Shared);
    response
}

/// The mark of a response that does not depend on who requests it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared;

/// The mark of a document of a post that was never announced, with the post's uid. Servers that fetch it get its updates.
#[derive(Debug, Clone)]
pub(crate) struct Unannounced(pub(crate) String);

/// The mark of a response that is sent as it is, in no other encoding, so that its entity tag is strong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact;

/// Makes an entity tag weak, because it stands for several encodings of the response.
pub(crate) fn weaken_etag(headers: &mut HeaderMap) {
    let weak = headers.get(ETAG).and_then(|etag| {
        let etag = etag.to_str().ok().filter(|etag| !etag.starts_with("W/"))?;
        HeaderValue::from_str(&format!("W/{etag}")).ok()
    });
    if let Some(weak) = weak {
        headers.insert(ETAG, weak);
    }
}

/// Lets a shared cache, such as a content delivery network, serve a page for some seconds, and as long again while it
/// asks for a newer one (RFC 5861). Browsers ask each time.
pub(crate) fn let_shared_caches_store(headers: &mut HeaderMap, seconds: u64) {
    let text = format!("public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(CACHE_CONTROL, value);
    }
}

/// Lets scripts of all origins read a response. WebFinger requires it (RFC 7033, section 5).
pub(crate) fn allow_all_origins(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Forbids shared caches to store a response, because some of them ignore `Vary`: at the address of a page they must
/// only ever have the page, and at that of a document the document.
pub(crate) fn private(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Tells caches that the response depends on `Accept`.
///
/// A redirect that depends on it is for nobody else: see [`private`].
pub(crate) fn vary_by_accept(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("Accept"));
    if response.status().is_redirection() {
        return private(response);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entity_tag_decides_before_the_date() {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000_500);
        let date = "Mon, 12 Jan 1970 13:46:40 GMT";
        let earlier = "Mon, 12 Jan 1970 13:46:39 GMT";
        assert_eq!(http_date(modified).unwrap(), date);
        for (names, expected) in [
            (&[][..], false),
            (&[("if-none-match", "\"a\"")], true),
            (&[("if-none-match", "W/\"x\", W/\"a\"")], true),
            (&[("if-none-match", "*")], true),
            (&[("if-none-match", "\"b\"")], false),
            (&[("if-modified-since", date)], true),
            (&[("if-modified-since", earlier)], false),
            (&[("if-modified-since", "soon")], false),
            (
                &[("if-none-match", "\"b\""), ("if-modified-since", date)],
                false,
            ),
            (
                &[("if-none-match", "\"a\""), ("if-modified-since", earlier)],
                true,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in names {
                headers.insert(*name, value.parse().unwrap());
            }
            let is_unmodified = is_unmodified(&headers, Some(b"W/\"a\""), Some(modified));
            assert_eq!(is_unmodified, expected, "{names:?}");
        }
    }
}

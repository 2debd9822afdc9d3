//! Redirects.

use crate::node::urls::Urls;
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, LOCATION},
    },
    response::{IntoResponse, Response},
};

/// Returns a permanent redirect (308) to a local path and query. Caches store it for a minute, because an article can
/// move back.
pub(crate) fn moved_permanently(urls: &Urls, path_and_query: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(&urls.at(path_and_query)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("max-age=60")),
    ];
    (StatusCode::PERMANENT_REDIRECT, headers).into_response()
}

/// Returns a redirect (301) from an address that other software served before to a URL here.
pub(crate) fn moved(url: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("max-age=60")),
    ];
    (StatusCode::MOVED_PERMANENTLY, headers).into_response()
}

/// Appends a query to a path.
pub(crate) fn with_query(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

/// Returns a redirect (303) to an address of this site or of a reader's server. Bytes that are not allowed in a URL are
/// percent-encoded, because parts of the address can come from a request or from another program, and a header cannot
/// contain a line break.
pub(crate) fn see_other(address: &str) -> Response {
    let mut location = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_graphic() {
            location.push(char::from(byte));
        } else {
            location.push_str(&format!("%{byte:02X}"));
        }
    }
    match HeaderValue::from_str(&location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
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

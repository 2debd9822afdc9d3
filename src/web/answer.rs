//! Answers: which of two forms is asked for, and documents with their ETag.

use super::{pages::views::CONTENT_SECURITY_POLICY, problem::WebError};
use crate::{crypto::signatures::BodyDigest, protocol::ACTIVITY_JSON, store};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY as CSP,
            CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, VARY,
        },
    },
    response::Response,
};

/// The form of a resource that a request prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Html,
    Activity,
}

/// Reads `Accept`, with weights (RFC 9110 12.5.1). Without a preference it is HTML.
pub fn preferred(headers: &HeaderMap) -> Form {
    let mut html = 0.0f32;
    let mut activity = 0.0f32;
    for value in headers.get_all(ACCEPT) {
        let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
        for entry in text.split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .find_map(|weight| weight.parse::<f32>().ok())
                .unwrap_or(1.0);
            match name.as_str() {
                ACTIVITY_JSON | "application/ld+json" => activity = activity.max(weight),
                "text/html" | "application/xhtml+xml" => html = html.max(weight),
                // For a program that asks for any JSON there is one kind here.
                "application/json" => activity = activity.max(weight * 0.9),
                _ => {}
            }
        }
    }
    match activity > 0.0 && activity >= html {
        true => Form::Activity,
        false => Form::Html,
    }
}

/// An ActivityPub document, or 304 if the asker has it.
pub fn activity(headers: &HeaderMap, document: String) -> Response {
    cached(
        headers,
        StatusCode::OK,
        ACTIVITY_JSON,
        "max-age=60",
        document,
    )
}

/// A tombstone, with 410.
pub fn gone(headers: &HeaderMap, tombstone: String) -> Response {
    cached(
        headers,
        StatusCode::GONE,
        ACTIVITY_JSON,
        "max-age=60",
        tombstone,
    )
}

/// A page for people; `alternate` is the address of its ActivityPub document.
pub fn page(
    headers: &HeaderMap,
    rendered: Result<String, askama::Error>,
    alternate: Option<&str>,
) -> Result<Response, WebError> {
    let html = rendered.map_err(|error| WebError::Internal(error.into()))?;
    let tag = strong_tag(html.as_bytes());
    Ok(tagged_page(headers, html, tag, alternate))
}

/// A page with a form whose token says when it was made. A page that differs in this token alone counts as the same,
/// so that readers who have it need not get it again; within an hour, since tokens expire.
pub fn page_with_token(
    headers: &HeaderMap,
    rendered: Result<String, askama::Error>,
    alternate: Option<&str>,
    token: &str,
) -> Result<Response, WebError> {
    let html = rendered.map_err(|error| WebError::Internal(error.into()))?;
    let hour = store::now() / HOUR;
    let without = format!("{hour} {}", html.replace(token, ""));
    let tag = format!("W/{}", strong_tag(without.as_bytes()));
    Ok(tagged_page(headers, html, tag, alternate))
}

const HOUR: i64 = 60 * 60 * 1000;

fn tagged_page(
    headers: &HeaderMap,
    html: String,
    tag: String,
    alternate: Option<&str>,
) -> Response {
    let kind = "text/html; charset=utf-8";
    let mut response = tagged(headers, StatusCode::OK, kind, "no-cache", html, tag);
    dress_page(response.headers_mut());
    if let Some(url) = alternate
        && let Ok(value) = HeaderValue::from_str(&format!(
            "<{url}>; rel=\"alternate\"; type=\"{ACTIVITY_JSON}\""
        ))
    {
        response.headers_mut().insert(LINK, value);
    }
    response
}

/// The headers of every page: nothing from elsewhere runs, even if it got in.
pub fn dress_page(headers: &mut HeaderMap) {
    headers.insert(CSP, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
}

/// Any document with an ETag of its content.
pub fn cached(
    headers: &HeaderMap,
    status: StatusCode,
    content_type: &'static str,
    cache: &'static str,
    body: String,
) -> Response {
    let tag = strong_tag(body.as_bytes());
    tagged(headers, status, content_type, cache, body, tag)
}

fn strong_tag(body: &[u8]) -> String {
    format!("\"{}\"", &BodyDigest::of(body).digest_value()[8..30])
}

fn tagged(
    headers: &HeaderMap,
    status: StatusCode,
    content_type: &'static str,
    cache: &'static str,
    body: String,
    tag: String,
) -> Response {
    let is_known = is_known(headers, tag.as_bytes());
    let mut response = match is_known && status == StatusCode::OK {
        true => Response::new(Body::empty()),
        false => Response::new(Body::from(body)),
    };
    *response.status_mut() = match is_known && status == StatusCode::OK {
        true => StatusCode::NOT_MODIFIED,
        false => status,
    };
    let head = response.headers_mut();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    head.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    head.insert(VARY, HeaderValue::from_static("Accept"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        head.insert(ETAG, tag);
    }
    response
}

/// Whether the asker has what this entity tag stands for (RFC 9110 13.1.2).
pub fn is_known(headers: &HeaderMap, tag: &[u8]) -> bool {
    let tag = tag.strip_prefix(b"W/").unwrap_or(tag);
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known.as_bytes() == tag || known == "*")
}

/// Marks an answer as the same for everyone who asks for it in this form, so that the page cache keeps it.
pub fn for_everyone(mut response: Response) -> Response {
    response.extensions_mut().insert(ForEveryone);
    response
}

/// The mark of an answer that does not depend on who asks.
#[derive(Debug, Clone, Copy)]
pub struct ForEveryone;

/// Lets scripts of other sites read it: WebFinger asks for that (RFC 7033 5).
pub fn for_all_origins(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Headers on everything that we answer, unless it has its own.
pub const ALWAYS: [(HeaderName, HeaderValue); 2] = [
    (
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn form(accept: &str) -> Form {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        preferred(&headers)
    }

    #[test]
    fn servers_get_documents_and_browsers_pages() {
        for accept in [
            "application/activity+json",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/activity+json, application/ld+json",
            "application/ld+json;profile=\"https://www.w3.org/ns/activitystreams\", application/activity+json;q=0.9, text/html;q=0.1",
            "text/html;q=0.5, application/activity+json;q=0.8",
            "application/json",
        ] {
            assert_eq!(form(accept), Form::Activity, "{accept}");
        }
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "*/*",
            "",
            "text/html, application/activity+json;q=0.5",
        ] {
            assert_eq!(form(accept), Form::Html, "{accept}");
        }
        assert_eq!(preferred(&HeaderMap::new()), Form::Html);
    }
}

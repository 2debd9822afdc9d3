//! HTML pages and their headers.

use super::{
    WebError,
    document::{strong_etag, tagged},
};
use crate::{
    protocol::ACTIVITY_JSON,
    store,
    web::{templates::TemplateError, views::CONTENT_SECURITY_POLICY},
};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY as CSP, CONTENT_TYPE, LINK, REFERRER_POLICY,
            VARY,
        },
    },
    response::Response,
};

const HTML: &str = "text/html; charset=utf-8";
/// Milliseconds.
const HOUR: i64 = 60 * 60 * 1000;

/// A rendered template.
pub(super) type Rendered = Result<String, TemplateError>;

/// Returns a public page. `alternate` is the address of its ActivityPub document.
///
/// # Errors
/// If the template could not be rendered.
pub(crate) fn page(
    headers: &HeaderMap,
    rendered: Rendered,
    alternate: Option<&str>,
) -> Result<Response, WebError> {
    let html = rendered?;
    let etag = strong_etag(html.as_bytes());
    Ok(tagged_page(headers, html, &etag, alternate))
}

/// Returns a public page with a form, whose `token` contains the time. Pages that differ only in the token have the
/// same weak entity tag, so that browsers need not load them again. The tag changes every hour, because tokens expire.
///
/// # Errors
/// If the template could not be rendered.
pub(crate) fn page_with_token(
    headers: &HeaderMap,
    rendered: Rendered,
    alternate: Option<&str>,
    token: &str,
) -> Result<Response, WebError> {
    let html = rendered?;
    let hour = store::now() / HOUR;
    let without_token = format!("{hour} {}", html.replace(token, ""));
    let etag = format!("W/{}", strong_etag(without_token.as_bytes()));
    Ok(tagged_page(headers, html, &etag, alternate))
}

fn tagged_page(headers: &HeaderMap, html: String, etag: &str, alternate: Option<&str>) -> Response {
    let mut response = tagged(headers, StatusCode::OK, HTML, "no-cache", html, etag);
    let head = response.headers_mut();
    head.insert(CSP, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    if let Some(url) = alternate
        && let Ok(value) = HeaderValue::from_str(&format!(
            "<{url}>; rel=\"alternate\"; type=\"{ACTIVITY_JSON}\""
        ))
    {
        head.insert(LINK, value);
    }
    response
}

/// Adds the content security policy of pages to a document that browsers display.
pub(crate) fn with_page_policy(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    response.headers_mut().insert(CSP, policy);
    response
}

/// Returns a page for one reader, which no cache stores.
///
/// # Errors
/// If the template could not be rendered.
pub(crate) fn personal_page(status: StatusCode, rendered: Rendered) -> Result<Response, WebError> {
    let headers = [(CACHE_CONTROL, "no-store"), (VARY, "Accept")];
    Ok(html(status, rendered?, headers))
}

/// Returns the page behind a signed link: no cache stores it, no search engine lists it, and browsers do not send its
/// address to other sites.
///
/// # Errors
/// If the template could not be rendered.
pub(crate) fn private_page(status: StatusCode, rendered: Rendered) -> Result<Response, WebError> {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    Ok(html(status, rendered?, headers))
}

/// Returns a page with these headers and the content security policy.
pub(super) fn html<const N: usize>(
    status: StatusCode,
    html: String,
    headers: [(HeaderName, &'static str); N],
) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let always = [(CONTENT_TYPE, HTML), (CSP, CONTENT_SECURITY_POLICY)];
    for (name, value) in always.into_iter().chain(headers) {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

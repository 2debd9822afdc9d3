//! Signed links out of mails, and the pages behind them: for one person alone.

use super::{app::App, pages::views::CONTENT_SECURITY_POLICY, problem::WebError};
use crate::{node::tokens::Purpose, store};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY as CSP, CONTENT_TYPE, REFERRER_POLICY},
    },
    response::Response,
};

/// The row that a link of ours names.
///
/// # Errors
/// Whether it has expired, or was never ours.
pub fn read(app: &App, purpose: Purpose, token: &str) -> Result<i64, WebError> {
    let tokens = &app.node.tokens;
    if let Some(text) = tokens.read(purpose, token, store::now()) {
        return text.parse().map_err(|_| WebError::BadLink);
    }
    // It was good at the beginning of time.
    Err(match tokens.read(purpose, token, i64::MIN) {
        Some(_) => WebError::LinkExpired,
        None => WebError::BadLink,
    })
}

/// Whether a form was sent from the page that it stands on. Of a page without a referrer browsers say that
/// its origin is `null` (Fetch, "append a request `Origin` header").
pub fn is_own_form(app: &App, headers: &HeaderMap) -> bool {
    let own = app.node.config.public_url.origin().ascii_serialization();
    let says = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    says("origin").is_none_or(|origin| origin == own || origin == "null")
        && says("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
}

/// A page that nobody keeps or finds, and that does not tell others its address.
pub fn private_page(
    status: StatusCode,
    rendered: Result<String, askama::Error>,
) -> Result<Response, WebError> {
    let html = rendered.map_err(|error| WebError::Internal(error.into()))?;
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CSP, CONTENT_SECURITY_POLICY),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

//! Protection of forms against cross-site requests, by the headers that browsers add. A request without these headers is
//! accepted, because only a browser has a victim's cookies.

use crate::web::app::App;
use axum::http::HeaderMap;

/// Returns whether a form was sent from a page of this site.
pub(crate) fn is_same_origin(app: &App, headers: &HeaderMap) -> bool {
    is_from_site(headers) && origin(headers).is_none_or(|origin| origin == own_origin(app))
}

/// Returns whether a form was sent from a page of this site that has the referrer policy `no-referrer`: browsers send
/// the origin `null` for it (Fetch, "append a request `Origin` header").
pub(crate) fn is_from_private_page(app: &App, headers: &HeaderMap) -> bool {
    is_same_origin(app, headers) || (is_from_site(headers) && origin(headers) == Some("null"))
}

fn is_from_site(headers: &HeaderMap) -> bool {
    text_of(headers, "sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    text_of(headers, "origin")
}

/// Returns the value of a header; an empty text if it is not ASCII.
fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or(""))
}

fn own_origin(app: &App) -> String {
    app.node.config.public_url.origin().ascii_serialization()
}

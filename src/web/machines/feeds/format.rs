//! The formats of feeds.

use super::{atom, json, model::Feed, rss};
use crate::web::response::{WebError, cached, shared, with_page_policy};
use axum::{
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};

/// A format of feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

/// Browsers display this type with its style sheet. They show the source of `application/atom+xml` or save it.
const XML: &str = "application/xml; charset=utf-8";

impl Format {
    /// Returns the format that the ending of a path names.
    pub(super) fn of(uri: &Uri) -> Result<Format, WebError> {
        match uri.path().rsplit_once('.').map(|(_, ending)| ending) {
            Some("atom") => Ok(Format::Atom),
            Some("rss") => Ok(Format::Rss),
            Some("json") => Ok(Format::Json),
            _ => Err(WebError::NotFound),
        }
    }

    pub(super) fn ending(self) -> &'static str {
        match self {
            Format::Atom => "atom",
            Format::Rss => "rss",
            Format::Json => "json",
        }
    }

    /// Returns the media type by which links announce a feed.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Format::Atom => "application/atom+xml",
            Format::Rss => "application/rss+xml",
            Format::Json => "application/feed+json",
        }
    }

    /// Returns a feed in this format.
    pub(super) fn respond(self, headers: &HeaderMap, feed: &Feed) -> Response {
        let (media_type, text) = match self {
            Format::Atom => (XML, with_style(&atom::write(feed))),
            Format::Rss => (XML, with_style(&rss::write(feed))),
            Format::Json => (
                "application/feed+json; charset=utf-8",
                json::write(feed).to_string(),
            ),
        };
        let status = StatusCode::OK;
        shared(with_page_policy(cached(
            headers,
            status,
            media_type,
            "max-age=300",
            text,
        )))
    }
}

/// Names the style sheet for browsers after the XML declaration.
fn with_style(xml: &str) -> String {
    let start = xml.find("?>").map_or(0, |end| end + 2);
    let (declaration, document) = xml.split_at(start);
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{declaration}\n<?xml-stylesheet type=\"text/css\" href=\"/static/feed.css?v={version}\"?>\n{}",
        document.trim_start()
    )
}

//! The key of a request in the page cache: the address, and the encoding that is preferred.

use super::Kind;
use crate::{
    content::{PageSource, Slug},
    crypto::signatures::is_signed,
    web::response::{Encoding, Format, preferred_format},
};
use axum::{
    extract::Request,
    http::{
        Method,
        header::{AUTHORIZATION, CACHE_CONTROL},
    },
};

/// The longest key, in bytes.
const MAX_KEY: usize = 512;

/// Returns the key of a request; `None` if its response depends on the client or is rarely requested.
pub(super) fn of(request: &Request) -> Option<(Kind, String)> {
    let (headers, uri) = (request.headers(), request.uri());
    let is_personal = is_signed(headers) || headers.contains_key(AUTHORIZATION);
    // A forced reload bypasses the cache (RFC 9111, section 5.2.1.4).
    let is_forced = headers
        .get(CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes() == b"no-cache");
    if request.method() != Method::GET || is_personal || is_forced {
        return None;
    }
    let kind = kind_of(uri.path(), preferred_format(headers))?;
    let encoding = Encoding::preferred(headers).as_str();
    let key = format!("{kind:?} {encoding} {}", uri.path_and_query()?);
    (key.len() <= MAX_KEY).then_some((kind, key))
}

fn kind_of(path: &str, format: Format) -> Option<Kind> {
    match (path, format) {
        ("/.well-known/webfinger", _) => Some(Kind::Document),
        ("/actor", Format::Activity) => Some(Kind::Document),
        ("/", Format::Html) => Some(Kind::Page),
        (path, _) if is_for_machines(path) => Some(Kind::Page),
        (path, Format::Activity) if is_actor(path) => Some(Kind::Document),
        (path, Format::Html) if is_article(path) || is_about_publication(path) => Some(Kind::Page),
        _ => None,
    }
}

/// Returns whether a path is that of a feed or of another document that many programs request again and again.
fn is_for_machines(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let is_feed = matches!(
        name.rsplit_once('.'),
        Some(("feed" | "comments", "atom" | "rss" | "json"))
    );
    is_feed
        || path.starts_with("/sitemap")
        || matches!(path, "/robots.txt" | "/manifest.webmanifest" | "/oembed")
}

/// Returns whether a path is that of an actor, and not of one of its collections.
fn is_actor(path: &str) -> bool {
    path.strip_prefix("/users/")
        .is_some_and(|name| !name.contains('/'))
}

/// Returns whether a path is that of an index, of one of its entries, or of a static page.
fn is_about_publication(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("archive" | "authors" | "tags"), _, None) => true,
        (Some("notes" | "subscribe" | "privacy"), None, None) => true,
        (Some(slug), None, None) => slug.parse::<Slug>().is_ok() && !PageSource::is_reserved(slug),
        _ => false,
    }
}

/// Returns whether a path is that of an article's page: `/{year}/{month}/{slug}`.
fn is_article(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let mut number = |length: usize| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    number(4) && number(2) && parts.next().is_some() && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_many_clients_request_at_once_have_a_key() {
        for (path, format, kind) in [
            ("/", Format::Html, Some(Kind::Page)),
            ("/2026/01/a-slug", Format::Html, Some(Kind::Page)),
            ("/users/blog", Format::Activity, Some(Kind::Document)),
            ("/users/blog", Format::Html, None),
            ("/users/blog/outbox", Format::Activity, None),
            ("/2026/01/a-slug", Format::Activity, None),
            ("/2026/01/a-slug/reply", Format::Html, None),
            ("/2026/1/a-slug", Format::Html, None),
            ("/articles/1", Format::Html, None),
            ("/feed.json", Format::Activity, Some(Kind::Page)),
            (
                "/2026/01/a-slug/comments.rss",
                Format::Html,
                Some(Kind::Page),
            ),
            ("/tags/feed.atom", Format::Html, Some(Kind::Page)),
            ("/tags/history", Format::Html, Some(Kind::Page)),
            ("/archive/2026", Format::Html, Some(Kind::Page)),
            ("/authors/ana", Format::Html, Some(Kind::Page)),
            ("/authors/ana", Format::Activity, None),
            ("/about", Format::Html, Some(Kind::Page)),
            ("/privacy", Format::Html, Some(Kind::Page)),
            ("/healthz", Format::Html, None),
            ("/source.tar", Format::Html, None),
            ("/notes/1", Format::Html, None),
        ] {
            assert_eq!(kind_of(path, format), kind, "{path} {format:?}");
        }
    }
}

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
    let headers = request.headers();
    if is_signed(headers) || headers.contains_key(AUTHORIZATION) || !may_be_kept(request) {
        return None;
    }
    let kind = kind_of(request.uri().path(), preferred_format(headers))?;
    let key = key(request, &format!("{kind:?}"))?;
    Some((kind, key))
}

/// Returns the key of a signed request for a document, as long as nobody has checked the signature; `None` for all others.
pub(super) fn of_signed(request: &Request) -> Option<String> {
    let headers = request.headers();
    if !is_signed(headers) || !may_be_kept(request) {
        return None;
    }
    let kind = kind_of(request.uri().path(), preferred_format(headers))?;
    (kind == Kind::Document).then(|| key(request, "unchecked"))?
}

fn may_be_kept(request: &Request) -> bool {
    // A forced reload bypasses the cache (RFC 9111, section 5.2.1.4).
    let control = request.headers().get(CACHE_CONTROL);
    let is_forced = control.is_some_and(|value| value.as_bytes() == b"no-cache");
    request.method() == Method::GET && !is_forced
}

fn key(request: &Request, kind: &str) -> Option<String> {
    let encoding = Encoding::preferred(request.headers()).as_str();
    let key = format!("{kind} {encoding} {}", request.uri().path_and_query()?);
    (key.len() <= MAX_KEY).then_some(key)
}

fn kind_of(path: &str, format: Format) -> Option<Kind> {
    match (path, format) {
        ("/.well-known/webfinger", _) => Some(Kind::Document),
        ("/actor", Format::Activity) => Some(Kind::Document),
        ("/", Format::Html) => Some(Kind::Page),
        (path, _) if is_for_machines(path) => Some(Kind::Page),
        (path, Format::Activity) if is_actor(path) || is_article_document(path) => {
            Some(Kind::Document)
        }
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

/// Returns whether a path is that of an actor, or of a collection that is the same for everyone.
fn is_actor(path: &str) -> bool {
    path.strip_prefix("/users/").is_some_and(|rest| {
        let collection = rest.split_once('/').map(|(_, name)| name);
        matches!(
            collection,
            None | Some("outbox" | "followers" | "featured" | "tags")
        )
    })
}

/// Returns whether a path is that of an article's object, and not of one of its collections.
fn is_article_document(path: &str) -> bool {
    path.strip_prefix("/articles/")
        .is_some_and(|uid| !uid.contains('/'))
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
            ("/users/blog/outbox", Format::Activity, Some(Kind::Document)),
            (
                "/users/blog/followers_synchronization",
                Format::Activity,
                None,
            ),
            ("/articles/1", Format::Activity, Some(Kind::Document)),
            ("/articles/1/replies", Format::Activity, None),
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

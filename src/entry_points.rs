//! Entry points for the fuzz targets: the pure functions that parse untrusted input.
//!
//! This module is no public interface and may change at any time.

pub use crate::{
    content::{Handle, Html, markdown},
    crypto::{
        keys::{PrivateKey, PublicKey},
        signatures::{
            BodyDigest, MAX_KEY_ID, SignatureError, Style, Unverified,
            sign::{Action, RequestToSign, SignError, sign},
        },
    },
    federation::remote::webfinger::Found,
    node::urls::{Named, Urls},
    protocol::{
        Activity, ActorDocument, CollectionItems, Object, canonical_id, check_json_ld, parse_json,
    },
};

use crate::{
    config::{Config, Overrides},
    crypto::signatures::{self, Expectation, RequestParts, Scheme},
    federation::{
        comments::text,
        remote::{unsigned_fetch, webfinger},
    },
    importing::{
        formats::wordpress,
        model::{Body, Item},
    },
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method};

/// The origin of the site for which the functions below work.
pub const ORIGIN: &str = "https://blog.example";

/// Parses the signature of a POST in either style, as the site's inbox does.
///
/// # Errors
/// See [`SignatureError`].
pub fn signature(
    path_and_query: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Unverified, SignatureError> {
    let request = RequestParts {
        method: &Method::POST,
        path_and_query,
        headers,
        body,
    };
    let hosts = ["blog.example".to_owned()];
    let expectation = Expectation {
        hosts: &hosts,
        scheme: Scheme::Https,
        now,
    };
    signatures::parse(&request, &expectation)
}

/// Returns an object's text as sanitized HTML for pages.
pub fn content(object: &Object) -> Html {
    text::first_filled(&object.texts()).html
}

/// Parses a WebFinger response. Returns `None` if it names no actor.
pub fn webfinger_response(body: &[u8]) -> Option<Found> {
    webfinger::read_jrd(&unsigned_fetch::read_jrd(body).ok()?)
}

/// Returns the builder and parser of the site's URLs.
pub fn urls() -> Urls {
    let overrides = Overrides {
        public_url: Some(ORIGIN.into()),
        without_file: true,
        ..Overrides::default()
    };
    let config = Config::load_with(&overrides, &|_| None);
    Urls::new(&config.expect("the default configuration is complete"))
}

/// Reads an export of WordPress, as a file has it. Returns the number of its items, and of the bytes of their texts.
///
/// # Panics
/// If there is no temporary folder.
pub fn wordpress_items(export: &[u8]) -> (usize, usize) {
    let file = tempfile::NamedTempFile::new().expect("there is a temporary folder");
    std::fs::write(file.path(), export).expect("a file in the temporary folder can be written");
    let Ok(source) = wordpress::open(&[file.path().to_owned()]) else {
        return (0, 0);
    };
    let length = |body: &Body| match body {
        Body::Html(text) | Body::Markdown(text) => text.len(),
    };
    source.items.fold((0, 0), |(items, bytes), read| {
        let more = match read.map(|read| read.value) {
            Ok(Item::Article(article)) => {
                let comments = article.comments.iter();
                length(&article.body)
                    + comments
                        .map(|comment| length(&comment.value.body))
                        .sum::<usize>()
            }
            Ok(Item::Page(page)) => length(&page.body),
            Ok(Item::Comment(comment)) => length(&comment.body),
            _ => 0,
        };
        (items + 1, bytes + more)
    })
}

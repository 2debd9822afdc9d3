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

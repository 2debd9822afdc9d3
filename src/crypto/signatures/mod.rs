//! HTTP signatures by draft-cavage-12 and RFC 9421: verifies those of incoming requests and makes those of outgoing ones.
//!
//! Pure functions without network, database or clock. Verification has two steps, so that no key is fetched for a request
//! that can't pass: [`parse`] checks everything that needs no key (form, time, host, digest, coverage) and returns the key
//! id; [`Unverified::verify`] checks the signature with the key.

mod cavage;
pub mod digest;
mod error;
mod message;
mod rfc9421;
pub mod sign;

pub use digest::BodyDigest;
pub use error::SignatureError;

use super::{
    is_http_url,
    keys::{Algorithm, PublicKey, RSA_BITS},
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method};
use message::Message;

/// How far in the future the time of signing may be, in seconds.
pub const MAX_AHEAD: i64 = 60 * 60;
/// How far in the past the time of signing may be, in seconds. It is generous, because servers retry a delivery with the
/// first signature. Replays are harmless, because each activity id is handled once.
pub const MAX_AGE: i64 = 12 * 60 * 60;
/// The maximum length of a key id, in bytes.
pub const MAX_KEY_ID: usize = 2048;

/// A request as it arrived, for [`parse`].
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path with its query, exactly as received, before any router changed it.
    pub path_and_query: &'a str,
    /// The headers. An HTTP/2 request has an `:authority` instead of a `Host`: the caller adds it
    /// as `Host` where that is missing.
    pub headers: &'a HeaderMap,
    /// The whole body as received.
    pub body: &'a [u8],
}

/// The expected hosts, scheme and time, for [`parse`].
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The hosts of this server, as in a `Host` header: `example.org` or `example.org:8443`. Case does not
    /// matter, and the scheme's default port is the same as none.
    pub hosts: &'a [String],
    /// The scheme of the public URLs, even if a proxy connects otherwise.
    pub scheme: Scheme,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// The scheme of the public URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `https`, port 443.
    Https,
    /// `http`, port 80, for development.
    Http,
}

impl Scheme {
    /// Returns the name in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    fn default_port(self) -> &'static str {
        match self {
            Self::Https => ":443",
            Self::Http => ":80",
        }
    }
}

/// The two styles of HTTP signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// draft-cavage-http-signatures-12, which nearly every server supports.
    Cavage,
    /// RFC 9421, HTTP Message Signatures.
    Rfc9421,
}

/// A well-formed signature that was not yet verified with a key.
#[derive(Debug, Clone)]
pub struct Unverified {
    key_id: String,
    style: Style,
    /// The algorithm that the request names. Without one, the key's algorithm applies.
    algorithm: Option<Algorithm>,
    /// The signature base.
    base: String,
    /// The signature base of a fetch whose signer left the query out.
    base_without_query: Option<String>,
    signature: Vec<u8>,
}

impl Unverified {
    /// Returns the URL of the key that is said to have signed: http(s), at most [`MAX_KEY_ID`] bytes.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the style of the signature.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Returns the bytes of the signature, which do not depend on the spelling of the header.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Returns whether the signature has the length of one by an accepted key.
    pub fn is_plausible(&self) -> bool {
        const ED25519_BYTES: usize = 64;
        let rsa = RSA_BITS.start().div_ceil(8)..=RSA_BITS.end().div_ceil(8);
        let length = self.signature.len();
        length == ED25519_BYTES || rsa.contains(&length)
    }

    /// Verifies the signature with `key`. The caller ensures that this is the key that [`key_id`](Self::key_id) names, and
    /// knows its owner.
    ///
    /// # Errors
    /// [`SignatureError::Algorithm`] or [`SignatureError::Mismatch`].
    pub fn verify(&self, key: &PublicKey) -> Result<Verified, SignatureError> {
        let algorithm = self.algorithm.unwrap_or(key.algorithm());
        let fits = |base: &String| key.verify(algorithm, base.as_bytes(), &self.signature);
        fits(&self.base).or_else(|misfit| {
            let other = self.base_without_query.as_ref();
            other.map_or(Err(misfit), fits)
        })?;
        Ok(Verified {
            key_id: self.key_id.clone(),
            style: self.style,
        })
    }
}

/// Proof that a request was signed by the key that it names. Only [`Unverified::verify`] creates it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    key_id: String,
    style: Style,
}

impl Verified {
    /// Returns the URL of the key that signed.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the style of the signature.
    pub fn style(&self) -> Style {
        self.style
    }
}

/// Parses the signature of a request, and checks everything that needs no key.
///
/// A request with `Signature-Input` is signed by RFC 9421, one with only `Signature` by draft-cavage. A signature in
/// `Authorization` is ignored, since no server signs activities so.
///
/// # Errors
/// See [`SignatureError`] and its [`status`](SignatureError::status).
pub fn parse(
    request: &RequestParts<'_>,
    expect: &Expectation<'_>,
) -> Result<Unverified, SignatureError> {
    refuse_repeated(request.headers)?;
    let styles =
        [rfc9421::SIGNATURE_INPUT, SIGNATURE].map(|name| request.headers.contains_key(name));
    let read = match styles {
        [true, _] => rfc9421::read,
        [false, true] => cavage::read,
        [false, false] => return Err(SignatureError::Unsigned),
    };
    read(&Message::new(request, expect)?)
}

const SIGNATURE: &str = "signature";

/// Returns whether a request has a signature in either style.
pub fn is_signed(headers: &HeaderMap) -> bool {
    [rfc9421::SIGNATURE_INPUT, SIGNATURE]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// The headers that must not be repeated, because signatures depend on them.
const SINGLE: [&str; 7] = [
    "Signature",
    "Signature-Input",
    "Digest",
    "Content-Digest",
    "Date",
    "Host",
    "Content-Type",
];

/// Refuses repeated headers: one program may verify the first copy while the next acts on the second.
fn refuse_repeated(headers: &HeaderMap) -> Result<(), SignatureError> {
    match SINGLE
        .into_iter()
        .find(|name| headers.get_all(*name).iter().count() > 1)
    {
        Some(name) => Err(SignatureError::Repeated(name)),
        None => Ok(()),
    }
}

/// Checks that a key id is an http(s) URL.
fn key_id(text: &str) -> Result<String, SignatureError> {
    let malformed = || SignatureError::malformed("key id", "an http(s) URL of reasonable length");
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control();
    if text.len() > MAX_KEY_ID || !text.chars().all(is_plain) {
        return Err(malformed());
    }
    if is_http_url(text) {
        Ok(text.to_owned())
    } else {
        Err(malformed())
    }
}

/// Checks the time of signing. Both times are in Unix seconds.
fn check_signed_at(signed: i64, now: i64) -> Result<(), SignatureError> {
    if signed > now.saturating_add(MAX_AHEAD) {
        Err(SignatureError::Time("is dated in the future"))
    } else if signed < now.saturating_sub(MAX_AGE) {
        Err(SignatureError::Time("is too old"))
    } else {
        Ok(())
    }
}

/// Checks that a signature has not expired. Both times are in Unix seconds.
fn check_expires(expires: Option<i64>, now: i64) -> Result<(), SignatureError> {
    match expires {
        Some(expires) if expires < now => Err(SignatureError::Time("has expired")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

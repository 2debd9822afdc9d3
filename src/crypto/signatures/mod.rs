//! HTTP signatures, draft-cavage-12 and RFC 9421: what a request must prove, and how ours prove it.
//!
//! Pure functions: no network, no database, no clock of their own. Verifying has two steps, so that
//! nothing is fetched for a request that cannot pass: [`parse`] checks everything that needs no key
//! (form, time, host, digest, coverage) and names the key; [`Unverified::verify`] checks the rest.

pub mod cavage;
pub mod digest;
pub mod error;
pub mod message;
pub mod rfc9421;
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

/// How far ahead of our clock a request may be signed, in seconds.
pub const MAX_AHEAD: i64 = 60 * 60;
/// How long ago a request may have been signed, in seconds. Servers deliver again after a pause
/// what they signed once, so this is generous; ids make repeats harmless.
pub const MAX_AGE: i64 = 12 * 60 * 60;
/// The longest key id, in bytes.
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

/// What a request is measured by, for [`parse`].
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// Our hosts, as a `Host` header names them: `example.org` or `example.org:8443`. Case does not
    /// matter, and the scheme's default port is the same as none.
    pub hosts: &'a [String],
    /// How the outside reaches us, whatever a proxy speaks with us.
    pub scheme: Scheme,
    /// The time.
    pub now: DateTime<Utc>,
}

/// The scheme of our URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `https`, port 443.
    Https,
    /// `http`, port 80, for development.
    Http,
}

impl Scheme {
    /// As URLs name it.
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

/// The two ways to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// draft-cavage-http-signatures-12: what nearly every server sends and reads.
    Cavage,
    /// RFC 9421, HTTP Message Signatures.
    Rfc9421,
}

/// A request in good form whose signature no key has been tried on: nothing it says is proven.
#[derive(Debug, Clone)]
pub struct Unverified {
    key_id: String,
    style: Style,
    /// The algorithm that the request names; without one, the key decides.
    algorithm: Option<Algorithm>,
    /// The text that was signed.
    base: String,
    /// The signed text of a fetch, if the signer left the query out.
    base_without_query: Option<String>,
    signature: Vec<u8>,
}

impl Unverified {
    /// The URL of the key that is said to have signed: http(s), at most [`MAX_KEY_ID`] bytes.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// How it is signed.
    pub fn style(&self) -> Style {
        self.style
    }

    /// The signature itself: the same bytes, however the header around them is written.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Returns whether the signature is as long as one by any key that is believed.
    pub fn is_plausible(&self) -> bool {
        const ED25519_BYTES: usize = 64;
        let rsa = RSA_BITS.start().div_ceil(8)..=RSA_BITS.end().div_ceil(8);
        let length = self.signature.len();
        length == ED25519_BYTES || rsa.contains(&length)
    }

    /// Checks the signature with `key`. That `key` is what [`key_id`](Self::key_id) names, and
    /// whose it is, is for the caller to know.
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

/// Proof that a request was signed by the key it names; only [`Unverified::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    key_id: String,
    style: Style,
}

impl Verified {
    /// The URL of the key that signed.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// How it was signed.
    pub fn style(&self) -> Style {
        self.style
    }
}

/// Reads the signature of `request` and checks all that needs no key.
///
/// `Signature-Input` makes it RFC 9421, else `Signature` makes it draft-cavage. A signature in
/// `Authorization` is not read: no server sends its activities so.
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

/// Whether a request says to be signed, in either style.
pub fn is_signed(headers: &HeaderMap) -> bool {
    [rfc9421::SIGNATURE_INPUT, SIGNATURE]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// The headers that a signature rests on, as a reader knows them.
const SINGLE: [&str; 7] = [
    "Signature",
    "Signature-Input",
    "Digest",
    "Content-Digest",
    "Date",
    "Host",
    "Content-Type",
];

/// Of two copies of a header, one program may verify the first and the next act on the second.
fn refuse_repeated(headers: &HeaderMap) -> Result<(), SignatureError> {
    match SINGLE
        .into_iter()
        .find(|name| headers.get_all(*name).iter().count() > 1)
    {
        Some(name) => Err(SignatureError::Repeated(name)),
        None => Ok(()),
    }
}

/// Checks that a key id can be fetched at all.
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

/// Checks a time of signing against our clock; all in Unix seconds.
fn check_signed_at(signed: i64, now: i64) -> Result<(), SignatureError> {
    if signed > now.saturating_add(MAX_AHEAD) {
        Err(SignatureError::Time("is dated in the future"))
    } else if signed < now.saturating_sub(MAX_AGE) {
        Err(SignatureError::Time("is too old"))
    } else {
        Ok(())
    }
}

/// Checks the end of a signature that has one; Unix seconds.
fn check_expires(expires: Option<i64>, now: i64) -> Result<(), SignatureError> {
    match expires {
        Some(expires) if expires < now => Err(SignatureError::Time("has expired")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

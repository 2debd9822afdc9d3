//! Signs outgoing requests, deliveries and fetches, in either style.
//!
//! Both styles sign over the host, and neither returns a `Host` header: the HTTP client sends the host itself, as
//! `Host` on HTTP/1.1 and as `:authority` on HTTP/2. A server that gets both refuses the request (nginx: 400,
//! "client sent duplicate host header"); RFC 9113 8.3.1 asks clients to send `:authority` alone.

use super::{
    BodyDigest, SIGNATURE, Style,
    cavage::{REQUEST_TARGET, request_target, signing_string},
    digest::{CONTENT_DIGEST, DIGEST},
    rfc9421::{ED25519, RSA_V1_5_SHA256, SIGNATURE_INPUT, serialized, signature_base, target_uri},
};
use crate::crypto::keys::{Algorithm, KeyError, PrivateKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use sfv::{InnerList, Item, Key, Parameters};
use url::{Position, Url};

/// The format of `Date` (RFC 9110 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The header of followers synchronization (FEP-8fcf).
pub const COLLECTION_SYNCHRONIZATION: &str = "collection-synchronization";

/// The label of outgoing RFC 9421 signatures, an arbitrary name.
const LABEL: &str = "sig1";

/// The reason why a request could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The URL has no host, or is not http(s).
    #[error("the URL to sign for has no host")]
    Url,
    /// draft-cavage is used with RSA only: other servers accept nothing else.
    #[error("draft-cavage needs an RSA key")]
    Algorithm,
    /// A value contains characters that a header cannot.
    #[error("the {0} is not a header value")]
    Value(&'static str),
    /// The library could not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A request to be signed.
#[derive(Debug, Clone, Copy)]
pub struct RequestToSign<'a> {
    /// The URL of the request.
    pub url: &'a Url,
    /// The time of signing.
    pub now: DateTime<Utc>,
    /// Whether it is a delivery or a fetch, with the headers to sign.
    pub action: Action<'a>,
}

/// The two kinds of requests that a node signs.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// A delivery.
    Post {
        /// The digest of the body, exactly as sent.
        digest: &'a BodyDigest,
        /// The value of `Content-Type`.
        content_type: &'a str,
        /// The value of `Collection-Synchronization` (FEP-8fcf), if there is one.
        synchronization: Option<&'a str>,
    },
    /// A fetch.
    Get {
        /// The value of `Accept`.
        accept: &'a str,
    },
}

impl Action<'_> {
    fn method(&self) -> &'static str {
        match self {
            Self::Post { .. } => "POST",
            Self::Get { .. } => "GET",
        }
    }

    /// Returns the signed headers that depend on the kind of request.
    fn fields(&self, style: Style) -> Vec<(&'static str, String)> {
        match *self {
            Self::Get { accept } => vec![("accept", accept.to_owned())],
            Self::Post {
                digest,
                content_type,
                synchronization,
            } => {
                let digest = match style {
                    Style::Cavage => (DIGEST, digest.digest_value()),
                    Style::Rfc9421 => (CONTENT_DIGEST, digest.content_digest_value()),
                };
                let mut fields = vec![digest, ("content-type", content_type.to_owned())];
                fields.extend(
                    synchronization.map(|value| (COLLECTION_SYNCHRONIZATION, value.to_owned())),
                );
                fields
            }
        }
    }
}

/// Signs a request in the given style, by [`sign_cavage`] or [`sign_rfc9421`].
///
/// # Errors
/// See [`SignError`].
pub fn sign(
    style: Style,
    key: &PrivateKey,
    key_id: &str,
    request: &RequestToSign<'_>,
) -> Result<HeaderMap, SignError> {
    match style {
        Style::Cavage => sign_cavage(key, key_id, request),
        Style::Rfc9421 => sign_rfc9421(key, key_id, request),
    }
}

/// Signs a request by draft-cavage-12 with `rsa-sha256`: a POST over `(request-target) host date digest
/// content-type`, a GET over `(request-target) host date accept`.
///
/// Returns the signed headers, except `Host`, and `Signature`; they replace those of the request. A redirect needs a new
/// signature, because the signature covers the URL.
///
/// # Errors
/// See [`SignError`].
pub fn sign_cavage(
    key: &PrivateKey,
    key_id: &str,
    request: &RequestToSign<'_>,
) -> Result<HeaderMap, SignError> {
    if key.algorithm() != Algorithm::RsaSha256 {
        return Err(SignError::Algorithm);
    }
    let date = request.now.format(HTTP_DATE).to_string();
    let mut fields = vec![("date", date)];
    fields.extend(request.action.fields(Style::Cavage));
    let target = request_target(request.action.method(), path_and_query(request.url));
    let mut lines = vec![(REQUEST_TARGET, target), ("host", authority(request.url)?)];
    lines.extend(fields.iter().cloned());
    let signature = STANDARD.encode(key.sign(signing_string(&lines).as_bytes())?);
    let names: Vec<&str> = lines.iter().map(|(name, _)| *name).collect();
    let covered = names.join(" ");
    let key_id = quotable(key_id)?;
    let value = format!(
        "keyId=\"{key_id}\",algorithm=\"rsa-sha256\",headers=\"{covered}\",signature=\"{signature}\""
    );
    fields.push((SIGNATURE, value));
    headers(fields)
}

/// Signs a request by RFC 9421: a POST over `@method @target-uri content-digest content-type`, a GET over
/// `@method @target-uri accept`; with `created`, `keyid` and the key's `alg`.
///
/// Returns the covered headers, `Signature-Input` and `Signature`, as [`sign_cavage`] does.
///
/// # Errors
/// See [`SignError`].
pub fn sign_rfc9421(
    key: &PrivateKey,
    key_id: &str,
    request: &RequestToSign<'_>,
) -> Result<HeaderMap, SignError> {
    let host = authority(request.url)?;
    let fields = request.action.fields(Style::Rfc9421);
    let target = target_uri(request.url.scheme(), &host, path_and_query(request.url));
    let mut lines = vec![
        ("@method", request.action.method().to_owned()),
        ("@target-uri", target),
    ];
    lines.extend(fields.iter().cloned());
    let names: Vec<&str> = lines.iter().map(|(name, _)| *name).collect();
    let parameters = signature_parameters(&names, key, key_id, request.now)?;
    let base = signature_base(&lines, &parameters);
    let signature = STANDARD.encode(key.sign(base.as_bytes())?);
    let mut all = fields;
    all.push((SIGNATURE_INPUT, format!("{LABEL}={parameters}")));
    all.push((SIGNATURE, format!("{LABEL}=:{signature}:")));
    headers(all)
}

/// Returns the member of `Signature-Input` (RFC 9421 4.1) without its label.
fn signature_parameters(
    names: &[&'static str],
    key: &PrivateKey,
    key_id: &str,
    now: DateTime<Utc>,
) -> Result<String, SignError> {
    let text = |text: &str| sfv::String::from_string(text.to_owned());
    let created = sfv::Integer::try_from(now.timestamp()).map_err(|_| SignError::Value("time"))?;
    let key_id = text(key_id).map_err(|_| SignError::Value("key id"))?;
    let algorithm = match key.algorithm() {
        Algorithm::RsaSha256 => RSA_V1_5_SHA256,
        Algorithm::Ed25519 => ED25519,
    };
    let constant = |name: &'static str| text(name).expect("our own names are ASCII");
    let parameter = |name: &'static str| {
        Key::from_string(name.to_owned()).expect("our own names are lower case")
    };
    let items = names.iter().map(|name| Item::new(constant(name))).collect();
    let mut parameters = Parameters::new();
    parameters.insert(parameter("created"), created.into());
    // Any order is valid. Some verifiers rebuild the parameters in this one, that of RFC 9421 2.3.
    parameters.insert(parameter("alg"), constant(algorithm).into());
    parameters.insert(parameter("keyid"), key_id.into());
    Ok(serialized(InnerList::with_params(items, parameters)))
}

/// Returns the value of `Host`, with the port if it is not the scheme's default.
fn authority(url: &Url) -> Result<String, SignError> {
    let is_http = matches!(url.scheme(), "http" | "https");
    let host = url.host_str().filter(|_| is_http).ok_or(SignError::Url)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn path_and_query(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// Checks that a key id can be quoted.
fn quotable(key_id: &str) -> Result<&str, SignError> {
    if key_id.contains(['"', '\\']) {
        return Err(SignError::Value("key id"));
    }
    Ok(key_id)
}

fn headers(fields: Vec<(&'static str, String)>) -> Result<HeaderMap, SignError> {
    fields
        .into_iter()
        .map(|(name, value)| match HeaderValue::from_str(&value) {
            Ok(value) => Ok((HeaderName::from_static(name), value)),
            Err(_) => Err(SignError::Value(name)),
        })
        .collect()
}

//! What handlers read of requests: JSON bodies, parameters and names in the path. Each mistake is a problem.

use super::problem::{ApiError, Code};
use crate::{
    content::article::MAX_FILE_BYTES,
    web::{
        app::App,
        request::{ClientNetwork, body},
    },
};
use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Query, Request},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
        request::Parts,
    },
};
use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;

/// The largest body that is no upload, in bytes: a file of the largest size, whose characters JSON may escape.
pub(crate) const MAX_BODY: usize = 2 * MAX_FILE_BYTES;

/// A JSON body, with the hash of the request.
#[derive(Debug)]
pub(super) struct Json<T> {
    pub(super) value: T,
    /// The hash of method, path and body, by which a repeated request is recognized.
    pub(super) fingerprint: String,
}

/// Returns the client that is charged for the memory of a body, if it is known.
pub(crate) fn client_of(parts: &Parts, app: &App) -> Option<ClientNetwork> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let proxies = &app.node.config.comments.proxies;
    ClientNetwork::behind_proxies(peer.0.ip(), &parts.headers, proxies)
}

/// Returns the media type of a request's body in lower case, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |it| it.as_bytes());
    let text = std::str::from_utf8(value).unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// Checks that a body is not compressed, so that its size is what was sent.
///
/// # Errors
/// If it is.
pub(crate) fn check_encoding(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => Err(ApiError::new(
            Code::MediaType,
            "the body is compressed: send it as it is",
        )),
        _ => Ok(()),
    }
}

/// Returns the hash of a request, by which a repetition is recognized.
pub(crate) fn fingerprint(parts: &Parts, body: &[u8]) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(parts.method.as_str().as_bytes());
    hash.update(b" ");
    hash.update(parts.uri.path().as_bytes());
    hash.update(b"\n");
    hash.update(body);
    HEXLOWER.encode(hash.finish().as_ref())
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let kind = media_type(&parts.headers);
        let is_json = kind == "application/json"
            || (kind.starts_with("application/") && kind.ends_with("+json"));
        check_encoding(&parts.headers)?;
        let body = body::read(app, client_of(&parts, app), body, MAX_BODY).await?;
        // A request that needs no body may have none.
        let bytes: &[u8] = if body.is_empty() { b"{}" } else { &body };
        if !body.is_empty() && !is_json {
            return Err(ApiError::new(
                Code::MediaType,
                "send the body as application/json",
            ));
        }
        let value = serde_json::from_slice(bytes).map_err(|error| of_json(&error))?;
        Ok(Json {
            value,
            fingerprint: fingerprint(&parts, &body),
        })
    }
}

/// Returns the error for JSON that can't be read, or that has other fields than it must have.
pub(crate) fn of_json(error: &serde_json::Error) -> ApiError {
    let code = match error.is_data() {
        true => Code::Invalid,
        false => Code::BadRequest,
    };
    let text = error.to_string();
    // serde names the field in backquotes.
    let field = text.split('`').nth(1).filter(|_| error.is_data());
    ApiError {
        field: field.map(str::to_owned),
        ..ApiError::new(code, format!("the body is not as it must be: {text}"))
    }
}

/// Names in the path.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Named<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, app).await {
            Ok(Path(names)) => Ok(Named(names)),
            Err(_) => Err(ApiError::new(
                Code::NotFound,
                "there is nothing at this address",
            )),
        }
    }
}

/// Parameters of the query.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, app).await {
            Ok(Query(parameters)) => Ok(Parameters(parameters)),
            Err(error) => Err(ApiError::new(
                Code::BadRequest,
                format!("the query can't be read: {}", error.body_text()),
            )),
        }
    }
}

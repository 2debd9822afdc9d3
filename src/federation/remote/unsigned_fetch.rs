//! Unsigned fetches: WebFinger documents and pictures.

use super::fetch::check_contact;
use crate::{
    federation::remote::{
        fetch_error::{BadStatus, FetchError, cause, forbidden_below, shown},
        requests::{
            pacing,
            permits::{self, NoPermit},
        },
    },
    node::Node,
    protocol::repair_unicode,
    quota::Permits,
};
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;
use tokio::{fs::File, io::AsyncWriteExt};
use url::Url;

/// The maximum size of a WebFinger document, in bytes.
const MAX_JRD: usize = 256 * 1024;
/// The maximum size of a picture, in bytes.
const MAX_PICTURE: usize = 10 * 1024 * 1024;
/// The maximum number of redirects (domains delegate WebFinger by them, RFC 7033 4.2; pictures are often elsewhere).
const MAX_REDIRECTS: usize = 3;

/// Fetches the JSON Resource Descriptor at a WebFinger address (RFC 7033 4.4). One time limit covers the request
/// and its redirects.
///
/// # Errors
/// See [`FetchError`].
pub async fn jrd(url: Url, node: &Node) -> Result<Value, FetchError> {
    let address = shown(url.as_str());
    in_time(&address, node, async {
        let (mut response, _room) =
            follow(url, "application/jrd+json, application/json", node).await?;
        let body = read(&mut response, MAX_JRD).await;
        let json = body
            .and_then(|body| read_jrd(&body).map_err(|_| "the response is not JSON".to_owned()));
        json.map_err(|reason| unusable(&address, reason))
    })
    .await
}

/// Parses a JSON Resource Descriptor.
///
/// # Errors
/// If it is not JSON.
pub(crate) fn read_jrd(body: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(&repair_unicode(body))
}

/// Downloads a picture of any format into a file.
///
/// # Errors
/// See [`FetchError`].
pub async fn picture(url: &str, file: &mut File, node: &Node) -> Result<(), FetchError> {
    let address = shown(url);
    let url = Url::parse(url).map_err(|_| unusable(&address, "it is not a URL".into()))?;
    in_time(&address, node, async {
        let (mut response, _room) = follow(url, "image/webp, image/*", node).await?;
        let kind = response.headers().get(CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"image/")) {
            return Err(unusable(&address, "the response is not a picture".into()));
        }
        let unreachable = |reason| FetchError::Unreachable {
            url: address.clone(),
            reason,
        };
        let mut length = 0;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| unreachable(cause(&error)))?
        {
            length += chunk.len();
            if length > MAX_PICTURE {
                return Err(unusable(&address, "the response is too large".into()));
            }
            let written = file.write_all(&chunk).await;
            written.map_err(|error| unreachable(error.to_string()))?;
        }
        let written = file.flush().await;
        written.map_err(|error| unreachable(error.to_string()))
    })
    .await
}

fn unusable(address: &str, reason: String) -> FetchError {
    FetchError::Unusable {
        url: address.to_owned(),
        reason,
    }
}

fn no_room(address: &str, error: NoPermit) -> FetchError {
    let (url, reason) = (address.to_owned(), error.to_string());
    match error {
        NoPermit::Busy(_) => FetchError::Busy { url, reason },
        NoPermit::Store(_) => FetchError::Unreachable { url, reason },
    }
}

async fn in_time<T>(
    address: &str,
    node: &Node,
    fetch: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let patience = Duration::from_secs(node.config.federation.fetch_timeout.max(1));
    match tokio::time::timeout(patience, fetch).await {
        Ok(outcome) => outcome,
        Err(_) => Err(FetchError::Unreachable {
            url: address.to_owned(),
            reason: "it took too long".into(),
        }),
    }
}

/// Returns the response at an address after redirects, with the permit to hold until the response is read.
async fn follow(
    mut url: Url,
    accept: &str,
    node: &Node,
) -> Result<(Response, Permits), FetchError> {
    for _ in 0..=MAX_REDIRECTS {
        let address = shown(url.as_str());
        check_contact(&url, node).await?;
        let client = node
            .unsigned_client()
            .map_err(|error| unusable(&address, error.to_string()))?;
        let mut turn = pacing::wait_for_turn(&url, node)
            .await
            .map_err(|obstacle| FetchError::Unreachable {
                url: address.clone(),
                reason: obstacle.to_string(),
            })?;
        let room = permits::acquire(&url, node)
            .await
            .map_err(|error| no_room(&address, error))?;
        let request = client.get(url.clone()).header(ACCEPT, accept);
        let outcome = request.send().await;
        match &outcome {
            Ok(response) => turn.answered(response.status(), response.headers()),
            Err(_) => turn.failed(),
        }
        let response = match outcome {
            Ok(response) => response,
            Err(error) => {
                return Err(match forbidden_below(&error) {
                    Some(forbidden) => unusable(&address, forbidden.to_string()),
                    None => FetchError::Unreachable {
                        url: address,
                        reason: cause(&error),
                    },
                });
            }
        };
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|it| std::str::from_utf8(it.as_bytes()).ok());
            let next = location.and_then(|location| url.join(location).ok());
            let status = BadStatus(status.as_u16()).to_string();
            url = next.ok_or_else(|| unusable(&address, status))?;
            continue;
        }
        return match status.as_u16() {
            200..=299 => Ok((response, room)),
            410 => Err(FetchError::Gone(address)),
            408 | 425 | 429 | 500.. => Err(FetchError::Unreachable {
                url: address,
                reason: BadStatus(status.as_u16()).to_string(),
            }),
            other => Err(unusable(&address, BadStatus(other).to_string())),
        };
    }
    Err(unusable(&shown(url.as_str()), "too many redirects".into()))
}

/// Reads a body of at most `limit` bytes. The error is the reason of the failure.
async fn read(response: &mut Response, limit: usize) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
        if body.len() + chunk.len() > limit {
            return Err("the response is too large".into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

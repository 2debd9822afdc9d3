//! Requests with an `Idempotency-Key`: a program that got no response can repeat one without doing it twice
//! (draft-ietf-httpapi-idempotency-key-header).

use super::{
    caller::Caller,
    problem::{ApiError, Code},
};
use crate::{
    store::Begun,
    web::{app::App, response::Exact},
};
use axum::{
    body::to_bytes,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key, in bytes.
const MAX_KEY: usize = 255;
/// The largest response that is stored, in bytes. An article has at most 2 MiB twice: as text and as a file.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;

/// A response as it is stored.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Does something at most once for each key that the client sends. A request that fails can be repeated with its key.
///
/// # Errors
/// Those of `work`, or if the key was used for another request or for one that has not finished.
pub(crate) async fn once(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    fingerprint: &str,
    work: impl Future<Output = Result<Response, ApiError>>,
) -> Result<Response, ApiError> {
    let Some(key) = key_of(headers)? else {
        caller.charge_creation(app)?;
        return work.await;
    };
    let mut tx = app.node.store.begin().await?;
    let begun = tx
        .begin_keyed_request(caller.token_id, &key, fingerprint)
        .await?;
    tx.commit().await?;
    if let Begun::Repeated(known) = begun {
        if known.fingerprint != fingerprint {
            return Err(ApiError::new(
                Code::KeyReused,
                "another request had this Idempotency-Key: use a new key for each thing that you create",
            ));
        }
        let kept = known.response.as_deref().map(serde_json::from_str::<Kept>);
        return match kept {
            Some(kept) => restored(kept.map_err(|error| ApiError::internal(&error.into()))?),
            None => Err(ApiError::new(
                Code::InProgress,
                "the first request with this Idempotency-Key is still processed, or was cut off: look whether it took \
                 effect before you use a new key",
            )),
        };
    }
    let done = match caller.charge_creation(app) {
        Ok(()) => work.await,
        Err(error) => Err(error),
    };
    let mut tx = app.node.store.begin().await?;
    let response = match done {
        Ok(response) => {
            let (kept, response) = kept_of(response).await?;
            let text = serde_json::to_string(&kept);
            let text = text.map_err(|error| ApiError::internal(&error.into()))?;
            tx.finish_keyed_request(caller.token_id, &key, &text)
                .await?;
            Ok(response)
        }
        Err(error) => {
            tx.forget_keyed_request(caller.token_id, &key).await?;
            Err(error)
        }
    };
    tx.commit().await?;
    response
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(&KEY) else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(text) if (1..=MAX_KEY).contains(&text.len()) => Ok(Some(text.to_owned())),
        _ => Err(ApiError::new(
            Code::BadRequest,
            "an Idempotency-Key has 1 to 255 ASCII characters",
        )),
    }
}

async fn kept_of(response: Response) -> Result<(Kept, Response), ApiError> {
    let (head, body) = response.into_parts();
    let body = to_bytes(body, MAX_RESPONSE).await;
    let body = body.map_err(|error| ApiError::internal(&error.into()))?;
    let text = |name: &HeaderName| {
        let value = head.headers.get(name)?.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    };
    let kept = Kept {
        status: head.status.as_u16(),
        headers: [CONTENT_TYPE, ETAG, LOCATION]
            .iter()
            .filter_map(text)
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    Ok((kept, Response::from_parts(head, body.into())))
}

fn restored(kept: Kept) -> Result<Response, ApiError> {
    let status = StatusCode::from_u16(kept.status);
    let status = status.map_err(|error| ApiError::internal(&error.into()))?;
    let mut response = (status, kept.body).into_response();
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.extensions_mut().insert(Exact);
    Ok(response)
}

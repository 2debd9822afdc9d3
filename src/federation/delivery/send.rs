//! Sends one delivery in the form, with the key and in the signature style that its host accepts.

use super::{
    activity_cache::{Payload, PreparedActivity},
    batch::Batch,
    clients::BRIEFLY,
    followers_digest,
    key_choice::KeyCandidates,
    outcome::{self, Outcome},
};
use crate::{
    crypto::signatures::{
        Style,
        sign::{Action, RequestToSign, sign},
    },
    federation::remote::fetch_error::{cause, forbidden_below},
    node::{NodeError, http::guarded_client, local_actors::SigningKey},
    protocol::ACTIVITY_JSON,
};
use chrono::Utc;
use std::sync::Arc;
use url::Url;

/// The maximum number of response bytes to read, so that the connection can be reused.
const MAX_RESPONSE: usize = 64 * 1024;

impl Batch {
    /// Sends the whole activity, or a `Create` with only the id of its object if the host refuses such a size.
    pub(super) async fn send_fitting(
        &mut self,
        url: &Url,
        prepared: &Arc<PreparedActivity>,
        keys: &KeyCandidates,
    ) -> Result<Outcome, NodeError> {
        let size = prepared.full.body.len() as i64;
        let is_refused = self
            .destination
            .smallest_refused
            .is_some_and(|smallest| size >= smallest);
        if is_refused {
            if let Some(payload) = prepared.with_object_id() {
                return self.double_knock(url, prepared, &payload, keys).await;
            }
            if prepared.kind == "Update" {
                return Ok(Outcome::KnownTooLarge);
            }
        }
        let outcome = self
            .double_knock(url, prepared, &prepared.full, keys)
            .await?;
        if outcome != Outcome::TooLarge {
            return Ok(outcome);
        }
        self.store_size_limit(size).await?;
        match prepared.with_object_id() {
            Some(payload) => self.double_knock(url, prepared, &payload, keys).await,
            None => Ok(outcome),
        }
    }

    async fn store_size_limit(&mut self, size: i64) -> Result<(), NodeError> {
        let mut tx = self.worker.node.store.begin().await?;
        tx.set_smallest_refused(&self.destination.host, size)
            .await?;
        tx.commit().await?;
        let smallest = self.destination.smallest_refused.unwrap_or(size);
        self.destination.smallest_refused = Some(smallest.min(size));
        Ok(())
    }

    /// Sends in the signature style that is stored for this server. After a 401 or 403, tries the actor's other key, if
    /// there is one, and then the other style ("double-knocking").
    async fn double_knock(
        &mut self,
        url: &Url,
        prepared: &Arc<PreparedActivity>,
        payload: &Arc<Payload>,
        keys: &KeyCandidates,
    ) -> Result<Outcome, NodeError> {
        let style = match self.destination.style.as_str() {
            "rfc9421" => Style::Rfc9421,
            _ => Style::Cavage,
        };
        let outcome = self
            .send(url, prepared, payload, &keys.first, style)
            .await?;
        let Outcome::Unauthorized(_) = outcome else {
            return Ok(outcome);
        };
        if let Some(other) = &keys.other {
            let again = self.send(url, prepared, payload, other, style).await?;
            if !matches!(again, Outcome::Unauthorized(_)) {
                return Ok(again);
            }
        }
        let (other, name) = match style {
            Style::Cavage => (Style::Rfc9421, "rfc9421"),
            Style::Rfc9421 => (Style::Cavage, "cavage"),
        };
        let second = self
            .send(url, prepared, payload, &keys.first, other)
            .await?;
        if second == Outcome::Delivered {
            self.destination.style = name.to_owned();
            let mut tx = self.worker.node.store.begin().await?;
            tx.set_style(self.destination.id, name).await?;
            tx.commit().await?;
        }
        Ok(match second {
            Outcome::Unauthorized(_) | Outcome::Refused(_) | Outcome::Doubtful(_) => outcome,
            // The server accepted the other style, or failed before it judged the signature.
            _ => second,
        })
    }

    /// Sends one request, and repeats it on a new connection after a 421.
    async fn send(
        &self,
        url: &Url,
        prepared: &Arc<PreparedActivity>,
        payload: &Arc<Payload>,
        key: &SigningKey,
        style: Style,
    ) -> Result<Outcome, NodeError> {
        let headers = {
            // The semaphore is never closed.
            let _permit = self.worker.signing.acquire().await;
            let synchronization = followers_digest::header(prepared, &self.digests);
            signed_headers(
                url.clone(),
                payload.clone(),
                synchronization,
                key.clone(),
                style,
            )
            .await?
        };
        let client = self.worker.clients.of(&self.destination.host);
        let outcome = post(client, url, &headers, payload).await;
        if outcome != Outcome::Misdirected {
            return Ok(outcome);
        }
        let config = &self.worker.node.config;
        let fresh = guarded_client(config, config.delivery.timeout.duration(), BRIEFLY)?;
        Ok(match post(&fresh, url, &headers, payload).await {
            Outcome::Misdirected => Outcome::Doubtful(421),
            other => other,
        })
    }
}

async fn post(
    client: &reqwest::Client,
    url: &Url,
    headers: &http::HeaderMap,
    payload: &Payload,
) -> Outcome {
    let request = client
        .post(url.clone())
        .headers(headers.clone())
        .body(payload.body.clone());
    match request.send().await {
        Ok(response) => {
            let outcome = outcome::of_response(response.status(), response.headers());
            drain(response).await;
            outcome
        }
        Err(error) => match forbidden_below(&error) {
            Some(forbidden) => Outcome::Forbidden(forbidden.to_string()),
            None if error.is_timeout() => Outcome::Failed("it took too long".into()),
            None => Outcome::Failed(cause(&error)),
        },
    }
}

/// Signs a request on a blocking thread, because an RSA signature takes up to a millisecond.
async fn signed_headers(
    url: Url,
    payload: Arc<Payload>,
    synchronization: Option<String>,
    key: SigningKey,
    style: Style,
) -> Result<http::HeaderMap, NodeError> {
    let signed = tokio::task::spawn_blocking(move || {
        let request = RequestToSign {
            url: &url,
            now: Utc::now(),
            action: Action::Post {
                digest: &payload.digest,
                content_type: ACTIVITY_JSON,
                synchronization: synchronization.as_deref(),
            },
        };
        sign(style, &key.key, &key.id, &request)
    });
    signed
        .await
        .map_err(|error| NodeError::Client(error.to_string()))?
        .map_err(|error| NodeError::Client(error.to_string()))
}

/// Reads a short response to its end, so that the connection can be reused.
async fn drain(mut response: reqwest::Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > MAX_RESPONSE {
            return;
        }
    }
}

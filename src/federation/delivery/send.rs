//! Sends one delivery in the form that its host accepts, with the key and the signature style that it knows.

use super::{
    batch::Turn,
    clients::BRIEFLY,
    followers_digest,
    outcome::{self, Answer},
    outgoing::{Payload, Prepared},
    signers::Keys,
};
use crate::{
    crypto::signatures::{
        Style,
        sign::{Action, Outgoing, sign},
    },
    federation::remote::fetch_error::{cause, forbidden_below},
    node::{NodeError, http::guarded_client, local_actors::SigningKey},
    protocol::ACTIVITY_JSON,
};
use chrono::Utc;
use std::sync::Arc;
use url::Url;

/// The maximum number of response bytes to read, so that the connection can be reused.
const ANSWER_LIMIT: usize = 64 * 1024;

impl Turn {
    /// Sends the whole activity, or, where that is too large, a `Create` with its object as an id alone.
    pub(super) async fn send_in_a_form(
        &mut self,
        url: &Url,
        prepared: &Arc<Prepared>,
        keys: &Keys,
    ) -> Result<Answer, NodeError> {
        let size = prepared.whole.body.len() as i64;
        let is_refused = self
            .destination
            .smallest_refused
            .is_some_and(|smallest| size >= smallest);
        if is_refused {
            if let Some(bare) = prepared.bare() {
                return self.send_in_either_style(url, prepared, &bare, keys).await;
            }
            if prepared.kind == "Update" {
                return Ok(Answer::KnownTooLarge);
            }
        }
        let answer = self
            .send_in_either_style(url, prepared, &prepared.whole, keys)
            .await?;
        if answer != Answer::TooLarge {
            return Ok(answer);
        }
        self.remember_size(size).await?;
        match prepared.bare() {
            Some(bare) => self.send_in_either_style(url, prepared, &bare, keys).await,
            None => Ok(answer),
        }
    }

    async fn remember_size(&mut self, size: i64) -> Result<(), NodeError> {
        let mut tx = self.worker.node.store.begin().await?;
        tx.set_smallest_refused(&self.destination.host, size)
            .await?;
        tx.commit().await?;
        let smallest = self.destination.smallest_refused.unwrap_or(size);
        self.destination.smallest_refused = Some(smallest.min(size));
        Ok(())
    }

    /// Signs in the style recorded for this server. After a 401 or 403, tries once with the actor's other key, if
    /// there is one, and once in the other style.
    async fn send_in_either_style(
        &mut self,
        url: &Url,
        prepared: &Arc<Prepared>,
        payload: &Arc<Payload>,
        keys: &Keys,
    ) -> Result<Answer, NodeError> {
        let style = match self.destination.style.as_str() {
            "rfc9421" => Style::Rfc9421,
            _ => Style::Cavage,
        };
        let answer = self
            .send(url, prepared, payload, &keys.first, style)
            .await?;
        let Answer::Unwelcome(_) = answer else {
            return Ok(answer);
        };
        if let Some(other) = &keys.other {
            let again = self.send(url, prepared, payload, other, style).await?;
            if !matches!(again, Answer::Unwelcome(_)) {
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
        if second == Answer::Delivered {
            self.destination.style = name.to_owned();
            let mut tx = self.worker.node.store.begin().await?;
            tx.set_style(self.destination.id, name).await?;
            tx.commit().await?;
        }
        Ok(match second {
            Answer::Unwelcome(_) | Answer::Refused(_) | Answer::Doubtful(_) => answer,
            // The server accepted the other style, or failed before it judged the signature.
            _ => second,
        })
    }

    /// Sends once, and once more on a new connection if the server answered 421.
    async fn send(
        &self,
        url: &Url,
        prepared: &Arc<Prepared>,
        payload: &Arc<Payload>,
        key: &SigningKey,
        style: Style,
    ) -> Result<Answer, NodeError> {
        let headers = {
            // The semaphore is never closed.
            let _turn = self.worker.signing.acquire().await;
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
        let answer = post(client, url, &headers, payload).await;
        if answer != Answer::Misdirected {
            return Ok(answer);
        }
        let config = &self.worker.node.config;
        let fresh = guarded_client(config, config.delivery.timeout.duration(), BRIEFLY)?;
        Ok(match post(&fresh, url, &headers, payload).await {
            Answer::Misdirected => Answer::Doubtful(421),
            other => other,
        })
    }
}

async fn post(
    client: &reqwest::Client,
    url: &Url,
    headers: &http::HeaderMap,
    payload: &Payload,
) -> Answer {
    let request = client
        .post(url.clone())
        .headers(headers.clone())
        .body(payload.body.clone());
    match request.send().await {
        Ok(response) => {
            let answer = outcome::read(response.status(), response.headers());
            drain(response).await;
            answer
        }
        Err(error) => match forbidden_below(&error) {
            Some(forbidden) => Answer::Forbidden(forbidden.to_string()),
            None if error.is_timeout() => Answer::Failed("it took too long".into()),
            None => Answer::Failed(cause(&error)),
        },
    }
}

/// An RSA signature takes up to a millisecond, so it runs on a blocking thread.
async fn signed_headers(
    url: Url,
    payload: Arc<Payload>,
    synchronization: Option<String>,
    key: SigningKey,
    style: Style,
) -> Result<http::HeaderMap, NodeError> {
    let signed = tokio::task::spawn_blocking(move || {
        let request = Outgoing {
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
        if read > ANSWER_LIMIT {
            return;
        }
    }
}

//! A temporary instance with one person, who follows, replies, likes and boosts.
//!
//! It is a minimal server that others can federate with, and verifies the signature of every request.

use crate::{
    config::Config,
    crypto::{
        keys::{PrivateKey, PublicKey},
        signatures::{
            BodyDigest, Expectation, RequestParts, Scheme, parse,
            sign::{Action, RequestToSign, sign_cavage},
        },
    },
    node::http,
    protocol::ACTIVITY_JSON,
};
use anyhow::{Context, Result, bail};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::{
        HeaderMap, Method, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::{get, post},
};
use chrono::Utc;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use url::Url;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The remote instance. It is cheap to clone.
#[derive(Clone)]
pub(crate) struct RemoteInstance(Arc<Inner>);

struct Inner {
    origin: String,
    authority: String,
    key: PrivateKey,
    client: reqwest::Client,
    notes: Mutex<HashMap<String, Value>>,
    received: Mutex<Vec<Delivered>>,
}

/// An activity received with a valid signature.
#[derive(Clone)]
pub(crate) struct Delivered {
    pub(crate) activity: Value,
    pub(crate) key_id: String,
}

impl RemoteInstance {
    /// Starts the instance on a free port.
    ///
    /// # Errors
    /// If no port is free or no key can be generated.
    pub(crate) async fn start(config: &Config) -> Result<RemoteInstance> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let authority = format!("neighbour.localhost:{}", listener.local_addr()?.port());
        let instance = RemoteInstance(Arc::new(Inner {
            origin: format!("http://{authority}"),
            authority,
            key: tokio::task::spawn_blocking(PrivateKey::generate_rsa).await??,
            client: http::guarded_client(config, Duration::from_secs(10), http::IDLE)?,
            notes: Mutex::default(),
            received: Mutex::default(),
        }));
        let routes = Router::new()
            .route("/users/reader", get(actor))
            .route("/users/reader/notes/{id}", get(note))
            .route("/inbox", post(inbox))
            .with_state(instance.clone());
        tokio::spawn(axum::serve(listener, routes).into_future());
        Ok(instance)
    }

    pub(crate) fn origin(&self) -> &str {
        &self.0.origin
    }

    pub(crate) fn handle(&self) -> String {
        format!("@reader@{}", self.0.authority)
    }

    pub(crate) fn actor_id(&self) -> String {
        format!("{}/users/reader", self.0.origin)
    }

    pub(crate) fn key_id(&self) -> String {
        format!("{}#main-key", self.actor_id())
    }

    fn actor_document(&self) -> Value {
        let person = self.actor_id();
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": person, "type": "Person", "preferredUsername": "reader", "name": "A reader next door",
            "inbox": format!("{}/inbox", self.0.origin),
            "outbox": format!("{person}/outbox"),
            "endpoints": {"sharedInbox": format!("{}/inbox", self.0.origin)},
            "publicKey": {"id": self.key_id(), "owner": person, "publicKeyPem": self.0.key.public_key_pem()},
        })
    }

    /// Fetches a document like another server.
    pub(crate) async fn fetch(&self, url: &str) -> Result<Value> {
        let response = self
            .0
            .client
            .get(url)
            .header(ACCEPT, ACTIVITY_JSON)
            .send()
            .await?;
        let status = response.status();
        if !status.is_success() {
            bail!("GET {url} returned {status}");
        }
        Ok(serde_json::from_slice(&response.bytes().await?)?)
    }

    /// Fetches a page like a browser.
    pub(crate) async fn page(&self, url: &str) -> Result<String> {
        let response = self
            .0
            .client
            .get(url)
            .header(ACCEPT, "text/html")
            // Bypasses the page cache.
            .header(CACHE_CONTROL, "no-cache")
            .send()
            .await?;
        Ok(response.text().await?)
    }

    /// Signs an activity of the reader and posts it to an inbox. Returns the response's status.
    pub(crate) async fn send(&self, inbox: &str, activity: &Value) -> Result<StatusCode> {
        let url = Url::parse(inbox)?;
        let body = Bytes::from(activity.to_string());
        let digest = BodyDigest::of(&body);
        let request = RequestToSign {
            url: &url,
            now: Utc::now(),
            action: Action::Post {
                digest: &digest,
                content_type: ACTIVITY_JSON,
                synchronization: None,
            },
        };
        let headers = sign_cavage(&self.0.key, &self.key_id(), &request)?;
        let response = self
            .0
            .client
            .post(url)
            .headers(headers)
            .body(body)
            .send()
            .await?;
        Ok(response.status())
    }

    /// Creates a note of the reader, which can then be fetched from its id.
    pub(crate) fn write_note(
        &self,
        name: &str,
        in_reply_to: &str,
        author: &str,
        text: &str,
        edited: bool,
    ) -> Value {
        let id = format!("{}/notes/{name}", self.actor_id());
        let now = Utc::now().to_rfc3339();
        let mut note = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id, "type": "Note", "attributedTo": self.actor_id(), "inReplyTo": in_reply_to,
            "content": format!("<p>{text}</p>"), "published": now, "to": [PUBLIC], "cc": [author],
            "tag": [{"type": "Mention", "href": author}],
        });
        if edited {
            note["updated"] = now.into();
        }
        if let Ok(mut notes) = self.0.notes.lock() {
            notes.insert(name.to_owned(), note.clone());
        }
        note
    }

    /// Waits until an activity of a type has arrived whose object's JSON contains `about`.
    pub(crate) async fn wait_for(&self, kind: &str, about: &str) -> Result<Delivered> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let found = self.0.received.lock().ok().and_then(|received| {
                received
                    .iter()
                    .find(|one| {
                        one.activity["type"] == kind
                            && one.activity["object"].to_string().contains(about)
                    })
                    .cloned()
            });
            if let Some(found) = found {
                return Ok(found);
            }
            if Instant::now() > deadline {
                bail!("no {kind} arrived at the remote instance within 10 seconds");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Verifies the signature of a request. Returns the id of its key.
    async fn verify(&self, request: &RequestParts<'_>) -> Result<String> {
        let expectation = Expectation {
            hosts: std::slice::from_ref(&self.0.authority),
            scheme: Scheme::Http,
            now: Utc::now(),
        };
        let unverified = parse(request, &expectation)?;
        let key_id = unverified.key_id().to_owned();
        let owner = self
            .fetch(key_id.split('#').next().unwrap_or(&key_id))
            .await?;
        let pem = owner["publicKey"]["publicKeyPem"]
            .as_str()
            .context("the sender has no key")?;
        unverified.verify(&PublicKey::from_pem(pem)?)?;
        Ok(key_id)
    }
}

async fn actor(State(instance): State<RemoteInstance>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, ACTIVITY_JSON)],
        instance.actor_document().to_string(),
    )
}

async fn note(
    State(instance): State<RemoteInstance>,
    Path(name): Path<String>,
) -> impl IntoResponse {
    let note = instance
        .0
        .notes
        .lock()
        .ok()
        .and_then(|notes| notes.get(&name).cloned());
    match note {
        Some(note) => ([(CONTENT_TYPE, ACTIVITY_JSON)], note.to_string()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn inbox(
    State(instance): State<RemoteInstance>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let request = RequestParts {
        method: &Method::POST,
        path_and_query: uri.path(),
        headers: &headers,
        body: &body,
    };
    let key_id = match instance.verify(&request).await {
        Ok(key_id) => key_id,
        Err(error) => {
            return (
                StatusCode::UNAUTHORIZED,
                Json(json!({"error": error.to_string()})),
            )
                .into_response();
        }
    };
    let Ok(activity) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if let Ok(mut received) = instance.0.received.lock() {
        received.push(Delivered { activity, key_id });
    }
    StatusCode::ACCEPTED.into_response()
}

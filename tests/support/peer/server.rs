//! The HTTP side of a peer: it serves documents, and records and verifies what arrives at its inbox.

use super::{Canned, Peer, ReceivedActivity};
use crate::support::{PATIENCE, http_client};
use axum::{
    body::{Body, Bytes},
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, Method, StatusCode, header::HOST},
    response::Response,
};
use pamphlet::crypto::{
    keys::PublicKey,
    signatures::{Expectation, RequestParts, Scheme, parse},
};
use serde_json::Value;
use std::time::Instant;
use url::Url;

/// Reads the host of an HTTP/2 request, which must be in `:authority` alone (RFC 9113 8.3.1).
pub(super) async fn host_once(mut request: Request) -> Result<Request, (StatusCode, &'static str)> {
    let authority = request
        .uri()
        .authority()
        .map(std::string::ToString::to_string);
    match (authority, request.headers().contains_key(HOST)) {
        (Some(_), true) => Err((StatusCode::BAD_REQUEST, "duplicate host header")),
        (Some(host), false) => {
            request.headers_mut().insert(HOST, host.parse().unwrap());
            Ok(request)
        }
        (None, _) => Err((StatusCode::HTTP_VERSION_NOT_SUPPORTED, "not HTTP/2")),
    }
}

/// Handles every request to a peer.
pub(super) async fn handle(
    State(peer): State<Peer>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().unwrap().as_str().to_owned();
    if method == Method::POST {
        return receive(&peer, path, headers, body).await;
    }
    let got = (path.clone(), headers);
    peer.shared.gets.lock().unwrap().push(got);
    let found = peer.shared.documents.lock().unwrap().get(&path).cloned();
    respond(found.unwrap_or(Canned::status(404))).await
}

async fn receive(peer: &Peer, path: String, headers: HeaderMap, body: Bytes) -> Response {
    let canned = {
        let mut responses = peer.shared.responses.lock().unwrap();
        (!responses.is_empty()).then(|| responses.remove(0))
    };
    let canned = canned.unwrap_or(Canned::status(202));
    if (200..300).contains(&canned.status) {
        let verified = verify(peer, &path, &headers, &body).await;
        peer.shared.received.lock().unwrap().push(ReceivedActivity {
            activity: serde_json::from_slice(&body).unwrap(),
            path,
            headers,
            verified,
            at: Instant::now(),
        });
    }
    respond(canned).await
}

async fn respond(canned: Canned) -> Response {
    tokio::time::sleep(canned.delay).await;
    let mut response = Response::new(Body::from(canned.body));
    *response.status_mut() = StatusCode::from_u16(canned.status).unwrap();
    for (name, value) in canned.headers {
        response.headers_mut().append(
            http::HeaderName::try_from(name).unwrap(),
            value.parse().unwrap(),
        );
    }
    response
}

/// Verifies the signature with the sender's key, which is fetched from the sender. Returns the key's id.
async fn verify(
    peer: &Peer,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<String, String> {
    let expectation = Expectation {
        hosts: std::slice::from_ref(&peer.authority),
        scheme: if peer.origin.starts_with("https:") {
            Scheme::Https
        } else {
            Scheme::Http
        },
        now: chrono::Utc::now(),
    };
    let request = RequestParts {
        method: &Method::POST,
        path_and_query: path,
        headers,
        body,
    };
    let unverified = parse(&request, &expectation).map_err(|error| error.to_string())?;
    let key_id = unverified.key_id().to_owned();
    let address = key_id.split('#').next().unwrap();
    let sender = Url::parse(address).map_err(|error| error.to_string())?;
    let fetched = http_client()
        // Not every system resolves the names below `localhost`.
        .resolve(
            sender.host_str().unwrap_or_default(),
            ([127, 0, 0, 1], 0).into(),
        )
        .timeout(PATIENCE)
        .build()
        .unwrap()
        .get(address)
        .header("accept", "application/activity+json")
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let text = fetched.text().await.map_err(|error| error.to_string())?;
    let actor: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let key = named_key(&actor, &key_id).ok_or("the actor names no such key")?;
    unverified.verify(&key).map_err(|error| error.to_string())?;
    Ok(key_id)
}

/// Returns the key with this id in an actor's document.
fn named_key(actor: &Value, key_id: &str) -> Option<PublicKey> {
    if actor["publicKey"]["id"] == key_id {
        return PublicKey::from_pem(actor["publicKey"]["publicKeyPem"].as_str()?).ok();
    }
    let methods = actor["assertionMethod"].as_array()?;
    let method = methods.iter().find(|method| method["id"] == key_id)?;
    PublicKey::from_multibase(method["publicKeyMultibase"].as_str()?).ok()
}

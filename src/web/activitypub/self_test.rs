//! Receives a self-test of `pamphlet doctor`: notes how the request arrived. The response says nothing about it.

use super::inbox::MAX_BODY;
use crate::{
    crypto::signatures::BodyDigest,
    federation::inbox,
    node::{
        Node,
        self_test::{self, Arrival},
    },
    web::{
        app::App,
        request::{
            ClientNetwork,
            body::{self, BodyError},
            signed_parts,
        },
    },
};
use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode, Uri, Version},
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;

/// Everything of a request but its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) peer: SocketAddr,
    pub(super) uri: &'a Uri,
    pub(super) version: Version,
    pub(super) headers: &'a HeaderMap,
}

/// Returns the record that a request belongs to, if it is a self-test.
pub(super) fn record(headers: &HeaderMap, node: &Node) -> Option<String> {
    let token = headers.get(self_test::HEADER)?.to_str().ok()?;
    self_test::record_of(token, node)
}

/// Fills in the record. The limits on bodies apply.
pub(super) async fn receive(app: &App, head: Head<'_>, body: Body, record: &str) -> Response {
    let (node, headers) = (&app.node, head.headers);
    let proxies = &node.config.comments.proxies;
    let client = ClientNetwork::behind_proxies(head.peer.ip(), headers, proxies);
    let read = body::read(app, client, body, MAX_BODY).await;
    let (read, refusal) = match read {
        Ok(body) => {
            let request = signed_parts(&Method::POST, head.uri, headers, &body);
            let checked = inbox::self_test::check(&request, node).await;
            let digest = BodyDigest::of(&body).digest_value();
            (
                Some((body.len(), digest)),
                checked.err().map(|error| error.to_string()),
            )
        }
        Err(BodyError::TooLarge) => (None, Some("the body is too large".into())),
        Err(error) => (None, Some(error.to_string())),
    };
    let arrival = Arrival {
        method: Method::POST.to_string(),
        path: head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        version: format!("{:?}", head.version),
        peer: head.peer.ip().to_canonical().to_string(),
        client: ClientNetwork::of(head.peer.ip(), headers, proxies).to_string(),
        headers: Arrival::shorten(headers),
        body: read,
        refusal,
    };
    match self_test::fill(record, &arrival, node).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => {
            tracing::warn!(%error, "could not note a self-test");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

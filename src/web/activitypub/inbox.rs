//! The inbox endpoints: check headers and body, then hand over to `federation::inbox`.

use super::self_test;
use crate::{
    federation::{
        inbox::{self, Summary},
        remote::requests::permits,
    },
    node::{error::InboxError, urls::host_of},
    quota::Limit,
    store::{self, EventDirection, NewEvent},
    web::{
        app::App,
        request::{
            ClientNetwork, add_host,
            body::{self, BodyError, RequestBody},
            signed_parts,
        },
        response::inbox_error,
    },
};
use axum::{
    body::Body,
    extract::{ConnectInfo, OriginalUri, State},
    http::{HeaderMap, Method, StatusCode, Uri, Version, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use metrics::{counter, histogram};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use url::Url;

/// The largest activity, in bytes.
pub(super) const MAX_BODY: usize = 1024 * 1024;
/// The largest activity that is read before the headers of its signature are checked, in bytes.
const SMALL_BODY: usize = 16 * 1024;
/// The longest wait for a slot. It is rarely reached, because half of the slots are never held for long.
const SLOT_PATIENCE: Duration = Duration::from_secs(1);

/// `POST /inbox` and `POST /users/{name}/inbox`.
pub(crate) async fn receive(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    OriginalUri(uri): OriginalUri,
    version: Version,
    mut headers: HeaderMap,
    body: Body,
) -> Response {
    let begun = Instant::now();
    let mut summary = Summary::default();
    add_host(&mut headers, &uri);
    if let Some(record) = self_test::record(&headers, &app.node) {
        let head = self_test::Head {
            peer,
            uri: &uri,
            version,
            headers: &headers,
        };
        return self_test::receive(&app, head, body, &record).await;
    }
    let outcome = match read(&app, peer, &uri, &headers, body).await {
        Ok(body) => {
            let proxies = &app.node.config.comments.proxies;
            let network = ClientNetwork::of(peer.ip(), &headers, proxies).to_string();
            let response = process(&app, &uri, &headers, &body, &mut summary);
            permits::responding(network, response).await
        }
        Err(error) => Err(error),
    };
    log(&summary, &outcome);
    app.node
        .events
        .record_incoming(event_of(&summary, &outcome));
    counter!("pamphlet_inbox_total", "outcome" => label_of(&outcome)).increment(1);
    histogram!("pamphlet_inbox_seconds").record(begun.elapsed());
    match outcome {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => inbox_error(&error),
    }
}

/// Returns the outcome as metrics count it.
fn label_of(outcome: &Result<(), InboxError>) -> &'static str {
    match outcome {
        Ok(()) => "accepted",
        Err(InboxError::Dropped(_)) => "dropped",
        Err(InboxError::Malformed(_) | InboxError::Unread(..)) => "malformed",
        Err(InboxError::Unverified(_) | InboxError::Unobtainable(_) | InboxError::NotFound(_)) => {
            "unverified"
        }
        Err(InboxError::Forbidden(_)) => "forbidden",
        Err(InboxError::Later(_) | InboxError::Busy(_) | InboxError::Store(_)) => "later",
    }
}

async fn process(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    summary: &mut Summary,
) -> Result<(), InboxError> {
    let quota = &app.node.quota;
    let _slot = quota
        .acquire(Limit::InboxRequests, "", 1, SLOT_PATIENCE)
        .await?;
    let request = signed_parts(&Method::POST, uri, headers, body);
    inbox::receive(&request, &app.ingest, &app.context(), summary).await
}

/// Reads the body, after the headers are checked.
async fn read(
    app: &App,
    peer: SocketAddr,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<RequestBody, InboxError> {
    if let Err(error) = check_head(app, uri, headers) {
        body::discard(app, body.into_data_stream());
        return Err(error);
    }
    let client =
        ClientNetwork::behind_proxies(peer.ip(), headers, &app.node.config.comments.proxies);
    body::read(app, client, body, MAX_BODY)
        .await
        .map_err(|error| match error {
            BodyError::NoRoom(exceeded) => exceeded.into(),
            BodyError::TooLarge => too_large(),
            other => unread(other.status().as_u16(), &other.to_string()),
        })
}

fn check_head(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<(), InboxError> {
    inbox::check_content(headers)?;
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    match declared {
        Some(length) if length > MAX_BODY => Err(too_large()),
        Some(length) if length <= SMALL_BODY => Ok(()),
        _ => inbox::check_head(&signed_parts(&Method::POST, uri, headers, &[]), &app.node),
    }
}

fn unread(status: u16, reason: &str) -> InboxError {
    InboxError::Unread(status, reason.to_owned())
}

fn too_large() -> InboxError {
    unread(413, "the body is larger than 1 MiB")
}

/// Returns the request for `pamphlet tail`. Of an account that deletes itself, only the host is kept.
fn event_of(summary: &Summary, outcome: &Result<(), InboxError>) -> NewEvent {
    let host = Url::parse(&summary.actor)
        .ok()
        .and_then(|url| host_of(&url));
    let (outcome, reason) = match outcome {
        Ok(()) => ("accepted", None),
        Err(InboxError::Dropped(reason)) => ("dropped", Some(reason.to_string())),
        Err(InboxError::Store(_)) => ("failed", Some("the database is not available".into())),
        Err(error) => ("refused", Some(error.to_string())),
    };
    let is_farewell = summary.kind == "Delete" && summary.object == summary.actor;
    let kept = |text: &String| Some(text.clone()).filter(|text| !text.is_empty() && !is_farewell);
    NewEvent {
        at: store::now(),
        direction: EventDirection::In,
        kind: match &summary.undone {
            Some(undone) => format!("Undo {undone}"),
            None if is_farewell => "Delete Account".to_owned(),
            None => summary.kind.clone(),
        },
        outcome,
        reason,
        actor_uri: kept(&summary.actor),
        object_uri: kept(&summary.object),
        hosts: host.unwrap_or_default(),
    }
}

fn log(summary: &Summary, outcome: &Result<(), InboxError>) {
    let Summary {
        kind, id, actor, ..
    } = summary;
    let host = Url::parse(actor).ok().and_then(|url| host_of(&url));
    match outcome {
        Ok(()) => tracing::info!(
            activity = kind,
            host,
            id,
            actor,
            outcome = "accepted",
            "received"
        ),
        Err(InboxError::Dropped(reason)) => {
            tracing::info!(
                activity = kind,
                host,
                id,
                actor,
                outcome = "dropped",
                reason = reason.code(),
                "received"
            );
        }
        Err(InboxError::Store(error)) => {
            tracing::error!(activity = kind,
                host, id, actor, outcome = "failed", %error, "received");
        }
        Err(error) => {
            let status = error.status();
            tracing::info!(activity = kind,
                host, id, actor, outcome = "refused", status, reason = %error, "received");
        }
    }
}

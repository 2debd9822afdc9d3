//! The inboxes: limits on what is read, then the federation layer decides.

use super::{app::App, problem};
use crate::federation::{
    inbox::{self, InboxError, Summary},
    signatures::RequestParts,
    urls::host_of,
};
use axum::{
    body::{Body, to_bytes},
    extract::{OriginalUri, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use metrics::{counter, histogram};
use std::time::{Duration, Instant};
use url::Url;

/// Largest activity, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// Longest time to send one.
const MAX_TIME: Duration = Duration::from_secs(10);

/// `POST /inbox` and `POST /users/{name}/inbox`.
pub async fn post(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    mut headers: HeaderMap,
    body: Body,
) -> Response {
    let begun = Instant::now();
    let mut summary = Summary::default();
    let outcome = match read(&headers, body).await {
        Ok(body) => {
            add_host(&mut headers, &uri);
            receive(&app, &uri, &headers, &body, &mut summary).await
        }
        Err(error) => Err(error),
    };
    log(&summary, &outcome);
    counter!("pamphlet_inbox_total", "outcome" => name_of(&outcome)).increment(1);
    histogram!("pamphlet_inbox_seconds").record(begun.elapsed());
    match outcome {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => problem::of_inbox(&error),
    }
}

/// How it ended, as metrics count it.
fn name_of(outcome: &Result<(), InboxError>) -> &'static str {
    match outcome {
        Ok(()) => "accepted",
        Err(InboxError::Dropped(_)) => "dropped",
        Err(InboxError::Malformed(_) | InboxError::Unread(..)) => "malformed",
        Err(InboxError::Unverified(_) | InboxError::Unobtainable(_)) => "unverified",
        Err(InboxError::Forbidden(_)) => "forbidden",
        Err(InboxError::Later(_) | InboxError::Store(_)) => "later",
    }
}

async fn receive(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    summary: &mut Summary,
) -> Result<(), InboxError> {
    let Ok(_slot) = app.inbox_slots.try_acquire() else {
        return Err(InboxError::Later("too many activities at once".into()));
    };
    let request = RequestParts {
        method: &Method::POST,
        path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()),
        headers,
        body,
    };
    inbox::receive(&request, &app.context(), summary).await
}

/// An HTTP/2 request names the host beside the headers.
pub(super) fn add_host(headers: &mut HeaderMap, uri: &Uri) {
    if !headers.contains_key(HOST)
        && let Some(authority) = uri.authority()
        && let Ok(value) = HeaderValue::from_str(authority.as_str())
    {
        headers.insert(HOST, value);
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, InboxError> {
    let unread = |status, reason: &str| InboxError::Unread(status, reason.to_owned());
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(unread(415, "an encoded body is not accepted"));
    }
    if !headers.get(CONTENT_TYPE).is_some_and(is_activity) {
        return Err(unread(
            415,
            "the content type is not application/activity+json",
        ));
    }
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > MAX_BODY) {
        return Err(unread(413, "the body is larger than 1 MiB"));
    }
    match tokio::time::timeout(MAX_TIME, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(unread(413, "the body is larger than 1 MiB")),
        Ok(Err(_)) => Err(unread(400, "the body was cut off")),
        Err(_) => Err(unread(408, "the body took longer than 10 seconds")),
    }
}

fn is_activity(content_type: &HeaderValue) -> bool {
    let name = std::str::from_utf8(content_type.as_bytes())
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    matches!(
        name.trim().to_ascii_lowercase().as_str(),
        "application/activity+json" | "application/ld+json" | "application/json"
    )
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.to_string().contains("length limit"))
}

fn log(summary: &Summary, outcome: &Result<(), InboxError>) {
    let Summary { kind, id, actor } = summary;
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
                reason,
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

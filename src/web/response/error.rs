//! Errors of handlers, as responses: a page for readers, a JSON problem (RFC 9457) for programs.

use super::page;
use crate::{
    base::time::from_millis,
    node::{NodeError, error::InboxError},
    store::StoreError,
    web::{
        templates::{TemplateError, Templates},
        views::{Problem, ProblemPage, Site},
    },
};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY},
    },
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// The reasons for which a handler fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    #[error("not found")]
    NotFound,
    #[error("this was withdrawn")]
    Gone,
    /// Something for readers was withdrawn at this time, in milliseconds.
    #[error("this was withdrawn")]
    GoneSince(i64),
    #[error("{0}")]
    BadRequest(&'static str),
    #[error("this link has expired")]
    LinkExpired,
    #[error("the link to this draft has ended")]
    DraftEnded,
    #[error("this link is invalid")]
    BadLink,
    #[error("the database is busy")]
    Busy,
    /// A limit is reached. The client may try again after this time.
    #[error("too many requests of this kind at once")]
    Later(Duration),
    #[error(transparent)]
    Internal(anyhow::Error),
}

impl WebError {
    fn status(&self) -> StatusCode {
        match self {
            WebError::NotFound => StatusCode::NOT_FOUND,
            WebError::Gone | WebError::GoneSince(_) => StatusCode::GONE,
            WebError::BadRequest(_) => StatusCode::BAD_REQUEST,
            WebError::LinkExpired | WebError::DraftEnded => StatusCode::GONE,
            WebError::BadLink => StatusCode::FORBIDDEN,
            WebError::Busy | WebError::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
            WebError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn problem(&self) -> Problem {
        match self {
            WebError::NotFound => Problem::NotFound,
            WebError::BadRequest(_) => Problem::BadRequest,
            WebError::Gone => Problem::Gone { since: None },
            WebError::GoneSince(time) => Problem::Gone {
                since: Some(from_millis(*time).into()),
            },
            WebError::LinkExpired => Problem::LinkExpired,
            WebError::DraftEnded => Problem::DraftEnded,
            WebError::BadLink => Problem::BadLink,
            WebError::Busy | WebError::Later(_) => Problem::Busy,
            WebError::Internal(_) => Problem::Internal,
        }
    }
}

/// Returns a JSON problem, marked with the [`Problem`] from which a middleware makes a page for readers. The cause of
/// an internal error goes to the log, not to the client.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let detail = match &self {
            WebError::Internal(error) => {
                tracing::error!(error = format!("{error:#}"), "a request failed");
                "internal error".to_owned()
            }
            other => other.to_string(),
        };
        let mut response = problem_json(self.status(), &detail);
        response.extensions_mut().insert(self.problem());
        if let WebError::Later(pause) = self {
            let headers = response.headers_mut();
            let seconds = pause.as_secs().max(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => WebError::Busy,
            StoreError::Unstorable(_) => WebError::NotFound,
            other => WebError::Internal(other.into()),
        }
    }
}

impl From<NodeError> for WebError {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Store(error) => error.into(),
            other => WebError::Internal(other.into()),
        }
    }
}

impl From<TemplateError> for WebError {
    fn from(error: TemplateError) -> Self {
        WebError::Internal(error.into())
    }
}

impl From<serde_json::Error> for WebError {
    fn from(error: serde_json::Error) -> Self {
        WebError::Internal(error.into())
    }
}

/// Returns the error page for readers.
pub(crate) fn problem_page(
    templates: &Templates,
    site: &Site,
    status: StatusCode,
    problem: Problem,
) -> Response {
    match templates.render(&ProblemPage::new(site, status.as_u16(), problem)) {
        Ok(html) => page::html(status, html, [(VARY, "Accept")]),
        Err(error) => {
            tracing::error!(%error, "the error page could not be rendered");
            status.into_response()
        }
    }
}

/// Returns the response to an activity that was not processed.
pub(crate) fn inbox_error(error: &InboxError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match error {
        InboxError::Dropped(_) => StatusCode::ACCEPTED.into_response(),
        InboxError::Store(_) => problem_json(status, "the server can't store it"),
        other => problem_json(status, &other.to_string()),
    }
}

/// Returns a JSON problem (RFC 9457).
pub(crate) fn problem_json(status: StatusCode, detail: &str) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    // Caches store a 404 or 410 too, and readers get a page instead.
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

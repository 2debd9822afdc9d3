//! What can't be answered: a page for readers, a short JSON problem (RFC 9457) for programs.

use super::{
    answer::{self, Form},
    app::App,
    pages::views::{Problem, ProblemPage},
};
use crate::{
    node::{NodeError, error::InboxError},
    store::StoreError,
};
use askama::Template;
use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY},
    },
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// Why a request has no ordinary answer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error("there is nothing here")]
    NotFound,
    #[error("this was withdrawn")]
    Gone,
    #[error("{0}")]
    BadRequest(&'static str),
    #[error("this link has expired")]
    LinkExpired,
    #[error("this link is not one of ours")]
    BadLink,
    #[error("the database is busy")]
    Busy,
    /// There is room again after a while.
    #[error("there are too many requests of this kind at once")]
    Later(Duration),
    #[error(transparent)]
    Internal(anyhow::Error),
}

impl WebError {
    fn status(&self) -> StatusCode {
        match self {
            WebError::NotFound => StatusCode::NOT_FOUND,
            WebError::Gone => StatusCode::GONE,
            WebError::BadRequest(_) => StatusCode::BAD_REQUEST,
            WebError::LinkExpired => StatusCode::GONE,
            WebError::BadLink => StatusCode::FORBIDDEN,
            WebError::Busy | WebError::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
            WebError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer in the form that the asker reads.
    pub fn answer(self, app: &App, headers: &HeaderMap) -> Response {
        if let WebError::Internal(error) = &self {
            tracing::error!(error = format!("{error:#}"), "a request failed");
        }
        if answer::preferred(headers) == Form::Activity {
            return self.into_response();
        }
        let problem = match self {
            WebError::NotFound | WebError::BadRequest(_) => Problem::NotFound,
            WebError::Gone => Problem::Gone,
            WebError::LinkExpired => Problem::LinkExpired,
            WebError::BadLink => Problem::BadLink,
            WebError::Busy | WebError::Later(_) | WebError::Internal(_) => Problem::Internal,
        };
        let Ok(html) = ProblemPage::new(&app.site, problem).render() else {
            return self.status().into_response();
        };
        let mut response = (self.status(), html).into_response();
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        answer::dress_page(response.headers_mut());
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

/// Without the internal reason, which is in the log.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let detail = match &self {
            WebError::Internal(_) => "a fault of this server".to_owned(),
            other => other.to_string(),
        };
        let mut response = json(self.status(), &detail);
        if let WebError::Later(pause) = self {
            let headers = response.headers_mut();
            let seconds = pause.as_secs().max(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}

/// The answer to an activity that was not carried out.
pub fn of_inbox(error: &InboxError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match error {
        InboxError::Dropped(_) => StatusCode::ACCEPTED.into_response(),
        InboxError::Store(_) => json(status, "the server can't store it"),
        other => json(status, &other.to_string()),
    }
}

/// A short JSON problem (RFC 9457).
pub fn json(status: StatusCode, detail: &str) -> Response {
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
    // Caches keep a 404 or 410 too, and a reader gets a page instead.
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

//! Errors of the API as problem details (RFC 9457). Each has a stable code.

use crate::{
    base::time,
    node::{NodeError, media::LibraryError},
    publishing::PublishError,
    quota::Exceeded,
    store::StoreError,
    web::request::body::BodyError,
};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;
use utoipa::ToSchema;

/// The path at which the codes are explained.
pub(super) const PATH: &str = "/api/v1/problems";

macro_rules! codes {
    ($($name:ident, $code:literal, $status:ident, $meaning:literal;)*) => {
        /// The kind of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            const ALL: &[Code] = &[$(Code::$name,)*];

            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)*
                }
            }

            pub(crate) fn status(self) -> StatusCode {
                match self {
                    $(Code::$name => StatusCode::$status,)*
                }
            }

            fn meaning(self) -> &'static str {
                match self {
                    $(Code::$name => $meaning,)*
                }
            }
        }
    };
}

codes! {
    BadRequest, "bad_request", BAD_REQUEST, "The request can't be read.";
    TokenMissing, "token_missing", UNAUTHORIZED, "The request has no token in its Authorization header.";
    TokenInvalid, "token_invalid", UNAUTHORIZED, "The token is unknown, expired or revoked.";
    ScopeMissing, "scope_missing", FORBIDDEN, "The token lacks the scope for this.";
    NotFound, "not_found", NOT_FOUND, "There is no such thing.";
    MethodNotAllowed, "method_not_allowed", METHOD_NOT_ALLOWED, "The address does not have this method.";
    TooSlow, "body_too_slow", REQUEST_TIMEOUT, "The body took too long.";
    Taken, "taken", CONFLICT, "The slug is that of another article or page.";
    Conflict, "conflict", CONFLICT, "The thing is not in a state that allows this.";
    InProgress, "in_progress", CONFLICT, "A request with this Idempotency-Key is still processed, or was cut off.";
    Changed, "changed", PRECONDITION_FAILED, "The thing has changed since it was read: its entity tag is not that of If-Match.";
    TooLarge, "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large.";
    MediaType, "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body has another type or encoding than it must have.";
    Invalid, "invalid", UNPROCESSABLE_ENTITY, "A value is invalid; the detail says which, and how to correct it.";
    AnnouncementNeeded, "announcement_needed", UNPROCESSABLE_ENTITY,
        "The date is older than a day: say in `announcement` whether followers are told.";
    KeyReused, "key_reused", UNPROCESSABLE_ENTITY, "Another request had this Idempotency-Key.";
    TooMany, "too_many_requests", TOO_MANY_REQUESTS, "A limit is reached; Retry-After says for how long.";
    TooManyWrongTokens, "too_many_wrong_tokens", TOO_MANY_REQUESTS,
        "The address sent too many wrong tokens; Retry-After says for how long it is not heard.";
    Internal, "internal", INTERNAL_SERVER_ERROR, "The node failed; its log says why.";
    Busy, "busy", SERVICE_UNAVAILABLE, "The database or the node is busy: try again later.";
    DiskFull, "disk_full", INSUFFICIENT_STORAGE, "The node's disk has no room for an upload.";
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// The address at which the code is explained.
    #[serde(rename = "type")]
    type_: String,
    /// The meaning of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// A stable code, such as `not_found`.
    code: &'static str,
    /// What is wrong with this request, and what to do.
    detail: String,
    /// The field of the body or the parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// An error of the API.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct ApiError {
    pub(crate) code: Code,
    pub(crate) detail: String,
    pub(crate) field: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// The challenge of a 401 or 403 (RFC 6750, section 3).
    pub(crate) challenge: Option<String>,
}

impl ApiError {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> ApiError {
        ApiError {
            code,
            detail: detail.into(),
            field: None,
            retry_after: None,
            challenge: None,
        }
    }

    /// Returns the error for an invalid field.
    pub(crate) fn field(field: &str, detail: impl Into<String>) -> ApiError {
        ApiError {
            field: Some(field.to_owned()),
            ..ApiError::new(Code::Invalid, detail)
        }
    }

    /// Returns the error for something that does not exist, such as `article`.
    pub(crate) fn not_found(thing: &str) -> ApiError {
        ApiError::new(Code::NotFound, format!("there is no such {thing}"))
    }

    /// Logs the cause of a failure of the node, and returns the error that hides it.
    pub(crate) fn internal(error: &anyhow::Error) -> ApiError {
        tracing::error!(error = format!("{error:#}"), "a request to the API failed");
        ApiError::new(Code::Internal, "internal error")
    }

    /// Returns the body of the response.
    pub(crate) fn details(&self) -> ProblemDetails {
        let status = self.code.status();
        ProblemDetails {
            type_: format!("{PATH}#{}", self.code.as_str()),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: self.code.as_str(),
            detail: self.detail.clone(),
            field: self.field.clone(),
        }
    }

    /// Adds the headers that belong to the error.
    pub(crate) fn add_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        let pause = match (self.retry_after, self.code) {
            (Some(pause), _) => Some(pause.as_secs().max(1)),
            (None, Code::Busy) => Some(30),
            _ => None,
        };
        if let Some(seconds) = pause {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        let challenge = self.challenge.as_deref();
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&self.details()).unwrap_or_default();
        let mut response = (self.code.status(), body).into_response();
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        self.add_headers(&mut response);
        response
    }
}

/// Returns all codes with their meanings.
pub(super) fn all() -> Value {
    let list = Code::ALL.iter().map(|code| {
        json!({
            "code": code.as_str(),
            "status": code.status().as_u16(),
            "meaning": code.meaning(),
        })
    });
    Value::Array(list.collect())
}

/// Returns a time as the API writes it (RFC 3339).
pub(crate) fn timestamp(milliseconds: i64) -> String {
    time::rfc3339_millis(milliseconds)
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => ApiError::new(Code::Busy, "the database is busy: try again"),
            StoreError::Unstorable(_) => ApiError::new(
                Code::Invalid,
                "a text contains a character that can't be stored, such as NUL: remove it",
            ),
            other => ApiError::internal(&other.into()),
        }
    }
}

impl From<NodeError> for ApiError {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Store(error) => error.into(),
            other => ApiError::internal(&other.into()),
        }
    }
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Media(error) => ApiError::new(Code::Invalid, error.to_string()),
            LibraryError::Store(error) => error.into(),
            other => ApiError::internal(&other.into()),
        }
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Taken { slug, .. } => ApiError {
                field: Some("slug".to_owned()),
                ..ApiError::new(
                    Code::Taken,
                    format!("the slug {slug} is taken: choose another one"),
                )
            },
            PublishError::Changed(_) => ApiError::new(
                Code::Changed,
                "it was changed in the meantime: read it again, and repeat your change on that",
            ),
            PublishError::NoArticle { .. } => ApiError::not_found("article"),
            PublishError::Library(error) => error.into(),
            PublishError::Store(error) => error.into(),
            PublishError::Node(error) => error.into(),
            other => ApiError::new(Code::Invalid, other.to_string()),
        }
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        let code = match error {
            BodyError::TooLarge => Code::TooLarge,
            BodyError::TooSlow => Code::TooSlow,
            BodyError::CutOff => Code::BadRequest,
            BodyError::NoRoom(_) => Code::Busy,
        };
        ApiError::new(code, error.to_string())
    }
}

impl From<Exceeded> for ApiError {
    fn from(exceeded: Exceeded) -> Self {
        let limit = exceeded.limit;
        ApiError {
            retry_after: Some(exceeded.retry_after),
            ..ApiError::new(
                Code::TooMany,
                format!("the limit {} is reached: try again later", limit.key()),
            )
        }
    }
}

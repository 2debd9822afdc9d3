//! The errors of fetches from other servers.

use crate::{http_client::guard::Forbidden, node::error::InboxError, quota::Exceeded};
use activitypub_federation::error::Error as LibraryError;

/// The reason for which a fetch failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The server responded with 410: the object was deleted.
    #[error("{0} is gone")]
    Gone(String),
    /// The server responded with 404.
    #[error("{0} is not there")]
    Missing(String),
    /// The server refused, or the response is not a document. It may come from an intermediary (a proxy, a page
    /// that checks for humans), so a later attempt may succeed.
    #[error("{url} was refused: {reason}")]
    Refused { url: String, reason: String },
    /// The response is not the requested document, or the URL may not be requested. Another attempt would fail the same
    /// way.
    #[error("{url} can't be used: {reason}")]
    Unusable { url: String, reason: String },
    /// The server did not respond, or is temporarily unavailable.
    #[error("{url} is out of reach: {reason}")]
    Unreachable { url: String, reason: String },
    /// The request was not made because this node has reached a limit on its own requests.
    #[error("{url} is not asked now: {reason}")]
    Busy { url: String, reason: String },
}

/// A status that the library does not handle: neither success, nor a redirect, nor 410.
#[derive(Debug, thiserror::Error)]
#[error("it answered {0}")]
pub(crate) struct BadStatus(pub u16);

pub(crate) fn middleware_error(
    error: impl std::error::Error + Send + Sync + 'static,
) -> reqwest_middleware::Error {
    reqwest_middleware::Error::Middleware(anyhow::Error::new(error))
}

/// Converts the library's error. Its text may contain a remote body, so it is not kept.
pub fn classify(url: &str, error: &LibraryError) -> FetchError {
    let url = shown(url);
    let unusable = |reason: String| FetchError::Unusable {
        url: url.clone(),
        reason,
    };
    let refused = |reason: &str| FetchError::Refused {
        url: url.clone(),
        reason: reason.to_owned(),
    };
    let unreachable = |reason: &str| FetchError::Unreachable {
        url: url.clone(),
        reason: reason.to_owned(),
    };
    match error {
        LibraryError::ObjectDeleted(_) => FetchError::Gone(url),
        LibraryError::ReqwestMiddleware(reqwest_middleware::Error::Middleware(inner)) => {
            if let Some(exceeded) = inner.downcast_ref::<Exceeded>() {
                return FetchError::Busy {
                    url,
                    reason: exceeded.to_string(),
                };
            }
            match (
                inner.downcast_ref::<BadStatus>(),
                inner.downcast_ref::<FetchError>(),
            ) {
                (Some(BadStatus(status)), _) => match status {
                    404 => FetchError::Missing(url),
                    // 421: a new connection may lead to the right server (RFC 9110 15.5.20).
                    408 | 421 | 425 | 429 | 500.. => unreachable(&format!("it answered {status}")),
                    _ => refused(&format!("it answered {status}")),
                },
                (_, Some(decided)) => decided.clone(),
                // A local failure, for example a database that could not provide the signing key.
                _ => unreachable("the request could not be sent"),
            }
        }
        LibraryError::ReqwestMiddleware(reqwest_middleware::Error::Reqwest(inner))
        | LibraryError::Reqwest(inner) => match forbidden_below(inner) {
            Some(forbidden) => unusable(forbidden.to_string()),
            None if inner.is_timeout() => unreachable("it took too long"),
            None if inner.is_decode() => refused("its encoding is broken"),
            None => unreachable(&cause(inner)),
        },
        LibraryError::NotFound => unusable("it is on this node".into()),
        LibraryError::ResponseBodyLimit => unusable("the response is too large".into()),
        LibraryError::RequestLimit => refused("too many requests for one activity"),
        LibraryError::FetchInvalidContentType(_) => refused("the response is not ActivityPub JSON"),
        LibraryError::FetchWrongId(_) => unusable("the response has another id".into()),
        LibraryError::ParseFetchedObject(..) => refused("the response is not acceptable JSON"),
        LibraryError::UrlVerificationError(reason) => unusable((*reason).to_owned()),
        LibraryError::DomainResolveError(_) | LibraryError::ResolveInternalIpError(..) => {
            unusable("its name resolves to no public address".into())
        }
        LibraryError::IoError(_) => unreachable("its name could not be resolved"),
        _ => refused("it could not be read"),
    }
}

/// Returns the guard's refusal, if that caused a client's error.
pub fn forbidden_below(error: &reqwest::Error) -> Option<&Forbidden> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return Some(forbidden);
        }
        source = error.source();
    }
    None
}

/// Returns the root cause of a failed request, in one line.
pub fn cause(error: &reqwest::Error) -> String {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        reason = inner.to_string();
        source = inner.source();
    }
    shown(&reason)
}

/// Returns remote text for a log line or message: on one line, truncated.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

impl From<activitypub_federation::error::Error> for InboxError {
    fn from(error: activitypub_federation::error::Error) -> Self {
        classify("the actor", &error).into()
    }
}

impl From<FetchError> for InboxError {
    fn from(error: FetchError) -> Self {
        match &error {
            FetchError::Busy { reason, .. } => InboxError::Busy(reason.clone()),
            FetchError::Unreachable { .. } => InboxError::Later(shown(&error.to_string())),
            FetchError::Gone(_) | FetchError::Missing(_) => {
                InboxError::NotFound(shown(&error.to_string()))
            }
            FetchError::Refused { .. } => InboxError::Unobtainable(shown(&error.to_string())),
            FetchError::Unusable { .. } => InboxError::unverified(&shown(&error.to_string())),
        }
    }
}

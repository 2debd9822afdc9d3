//! The errors of the node itself and of incoming activities.

use super::drop_reason::DropReason;
use crate::{crypto::keys::KeyError, http_client::ClientError, quota::Exceeded, store::StoreError};
use std::sync::Arc;

/// What can keep a node from working.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a key can't be used: {0}")]
    Key(#[from] KeyError),
    #[error(transparent)]
    HttpClient(#[from] ClientError),
    #[error("the HTTP client can't be made: {0}")]
    Client(String),
    #[error("local actor {0} or one of its keys is missing in the database")]
    NoActor(i64),
    #[error(
        "this database belongs to {0}, but the configuration says {1}: these can't change after the first start. \
         Set public_url, domain and site.username back, or use another database"
    )]
    OtherIdentity(String, String),
    #[error(
        "comments.username is {0:?}, which is the name of the publication or of an author: choose another, \
         or set comments.federate_guests = false"
    )]
    NameTaken(String),
    #[error(
        "DANGER_FEDERATION_ALLOW_LOCAL_IP is set, which would let others reach addresses inside this network: unset it"
    )]
    DangerousVariable,
}

/// Why an activity was not carried out, and so what its sender is answered.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// 400: it can't be read.
    #[error("{0}")]
    Malformed(String),
    /// 401: nothing proves that the sender sent it.
    #[error("{0}")]
    Unverified(String),
    /// 401: the evidence could not be fetched, because its server refused. A later attempt may succeed.
    #[error("{0}")]
    Unobtainable(String),
    /// 401: the server of the evidence responded with 404 or 410. A later attempt may succeed.
    #[error("{0}")]
    NotFound(String),
    /// 403: the sender may not do that.
    #[error("{0}")]
    Forbidden(String),
    /// 413 and 415: it is not read at all.
    #[error("{1}")]
    Unread(u16, String),
    /// 503: it may work later.
    #[error("{0}")]
    Later(String),
    /// 503: this node makes enough requests at the moment. Says nothing about the server that was not asked.
    #[error("{0}")]
    Busy(String),
    /// 202, and counted: authentic, but it changes nothing here.
    #[error("{0}")]
    Dropped(DropReason),
    /// 503 if it passes by itself, 400 for a text that the database can't store, else 500: a fault of ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Exceeded> for InboxError {
    fn from(exceeded: Exceeded) -> Self {
        InboxError::Later(exceeded.to_string())
    }
}

impl InboxError {
    /// The activity would only tell the admin something, and its domain has told enough.
    pub const TOO_MANY_NOTICES: InboxError = InboxError::Dropped(DropReason::TooManyNotices);

    pub fn malformed(reason: &str) -> Self {
        InboxError::Malformed(reason.to_owned())
    }

    pub fn unverified(reason: &str) -> Self {
        InboxError::Unverified(reason.to_owned())
    }

    pub fn forbidden(reason: &str) -> Self {
        InboxError::Forbidden(reason.to_owned())
    }

    /// The same failure for another who waited for the same fetch.
    pub fn shared(error: &Arc<InboxError>) -> Self {
        match &**error {
            InboxError::Malformed(reason) => InboxError::Unverified(reason.clone()),
            InboxError::Unverified(reason) => InboxError::Unverified(reason.clone()),
            InboxError::Unobtainable(reason) => InboxError::Unobtainable(reason.clone()),
            InboxError::NotFound(reason) => InboxError::NotFound(reason.clone()),
            InboxError::Forbidden(reason) => InboxError::Forbidden(reason.clone()),
            InboxError::Unread(status, reason) => InboxError::Unread(*status, reason.clone()),
            InboxError::Dropped(reason) => InboxError::Dropped(*reason),
            InboxError::Later(reason) => InboxError::Later(reason.clone()),
            InboxError::Busy(reason) => InboxError::Busy(reason.clone()),
            InboxError::Store(error) => {
                tracing::error!(%error, "a sender can't be stored");
                InboxError::Later("the server can't store it".into())
            }
        }
    }

    /// The HTTP status that the sender gets.
    pub fn status(&self) -> u16 {
        match self {
            InboxError::Malformed(_) | InboxError::Store(StoreError::Unstorable(_)) => 400,
            InboxError::Unverified(_) | InboxError::Unobtainable(_) | InboxError::NotFound(_) => {
                401
            }
            InboxError::Forbidden(_) => 403,
            InboxError::Unread(status, _) => *status,
            InboxError::Later(_)
            | InboxError::Busy(_)
            | InboxError::Store(StoreError::Busy(_) | StoreError::Missing(_)) => 503,
            InboxError::Dropped(_) => 202,
            InboxError::Store(_) => 500,
        }
    }
}

impl InboxError {
    /// A fault of the node itself.
    pub fn internal(error: NodeError) -> Self {
        match error {
            NodeError::Store(error) => InboxError::Store(error),
            other => {
                tracing::error!(error = %other, "the node can't use one of its own actors");
                InboxError::Later("the node has a fault of its own".into())
            }
        }
    }
}

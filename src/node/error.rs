//! The errors of the node itself and of incoming activities.

use super::drop_reason::DropReason;
use crate::{crypto::keys::KeyError, http_client::ClientError, quota::Exceeded, store::StoreError};
use std::sync::Arc;

/// The reason for which the node can't start or continue.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a key can't be used: {0}")]
    Key(KeyError),
    #[error(transparent)]
    HttpClient(#[from] ClientError),
    #[error("the HTTP client can't be made: {0}")]
    Client(String),
    #[error(transparent)]
    Media(#[from] crate::media::StorageError),
    #[error("local actor {0} or one of its keys is missing in the database")]
    NoActor(i64),
    #[error(
        "this database belongs to {0}, but the configuration says {1}: these can't change after the first start. \
         Set public_url, domain and site.username back, change the domain with `pamphlet publication move`, or use \
         another database"
    )]
    OtherIdentity(String, String),
    #[error(
        "comments.username is {0:?}, which is the name of the publication or of an author: choose another, \
         or set comments.federate_guests = false"
    )]
    NameTaken(String),
    #[error(
        "the username {0:?} belonged to an actor that was deleted: other servers would reject a new one. \
         Choose another username"
    )]
    RetiredName(String),
    #[error(
        "DANGER_FEDERATION_ALLOW_LOCAL_IP is set, which would let others reach addresses inside this network: unset it"
    )]
    DangerousVariable,
}

// The message has the cause. As a source, it would be printed twice.
impl From<KeyError> for NodeError {
    fn from(error: KeyError) -> Self {
        NodeError::Key(error)
    }
}

/// The reason for which an activity was not processed. It determines the response.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// 400: the request is malformed.
    #[error("{0}")]
    Malformed(String),
    /// 401: the sender is not proven.
    #[error("{0}")]
    Unverified(String),
    /// 401: the server that has the key or object refused to give it. A later attempt may succeed.
    #[error("{0}")]
    Unobtainable(String),
    /// 401: the server that should have the key or object responded with 404 or 410. A later attempt may succeed.
    #[error("{0}")]
    NotFound(String),
    /// 403: the sender may not do that.
    #[error("{0}")]
    Forbidden(String),
    /// 413 or 415: the request was not read.
    #[error("{1}")]
    Unread(u16, String),
    /// 503: a later attempt may succeed.
    #[error("{0}")]
    Later(String),
    /// 503: this node has reached a limit on its own requests. The remote server was not contacted.
    #[error("{0}")]
    Busy(String),
    /// 202: the activity is authentic but changes nothing here. It is counted.
    #[error("{0}")]
    Dropped(DropReason),
    /// 503 for a temporary failure, 400 for a text that the database can't store, else 500.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Exceeded> for InboxError {
    fn from(exceeded: Exceeded) -> Self {
        InboxError::Later(exceeded.to_string())
    }
}

impl InboxError {
    /// The activity would only notify the admin, and its domain has caused enough notices.
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

    /// Returns the same failure for another request that waited for the same fetch.
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
                tracing::error!(%error, "could not store a sender");
                InboxError::Later("the server can't store it".into())
            }
        }
    }

    /// Returns the HTTP status of the response.
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
    /// Converts a failure of the node itself.
    pub fn internal(error: NodeError) -> Self {
        match error {
            NodeError::Store(error) => InboxError::Store(error),
            other => {
                tracing::error!(error = %other, "could not load a local actor");
                InboxError::Later("the node has a fault of its own".into())
            }
        }
    }
}

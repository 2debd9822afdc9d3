//! State that handle lookups share: recent failures, and handles that are being confirmed.

use crate::{content::Handle, store::StoreError};
use moka::future::Cache;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a failed lookup is remembered. Nothing but an admin's command repeats it earlier.
const FAILED_FOR: Duration = Duration::from_secs(300);

/// Concurrent confirmations in the background. Past this number, an actor keeps its old handle until it is fetched
/// again.
const CONFIRMED_AT_ONCE: usize = 8;

/// How long a handle that is being confirmed is read from the database: longer than the key cache keeps its
/// owner.
const CHANGING_FOR: Duration = Duration::from_secs(600);

/// The reason for which a handle or address leads to no actor, as a sentence for people.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LookupError {
    #[error(
        "{0} is neither a handle (@user@example.org) nor an address (https://example.org/users/user)"
    )]
    Form(String),
    #[error("{0} belongs to this publication")]
    Ours(String),
    #[error("{0} is blocked: `pamphlet block list` shows all blocks")]
    Blocked(String),
    #[error("{handle} can't be found: {reason}")]
    NotFound { handle: String, reason: String },
    #[error("{handle} can't be found now: {reason}")]
    Unreachable { handle: String, reason: String },
    #[error(
        "{handle} could not be verified: it resolves to {actor}, whose server does not confirm it"
    )]
    Unconfirmed { handle: String, actor: String },
    #[error("the database is unavailable: {0}")]
    Store(String),
}

impl From<StoreError> for LookupError {
    fn from(error: StoreError) -> Self {
        LookupError::Store(error.to_string())
    }
}

/// State that handle lookups share.
pub struct HandleLookups {
    pub failed: Cache<Handle, LookupError>,
    pub confirming: Semaphore,
    /// Actors whose handles are being confirmed, or were recently.
    pub changing: Cache<i64, ()>,
}

impl Default for HandleLookups {
    fn default() -> Self {
        HandleLookups {
            failed: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(FAILED_FOR)
                .build(),
            confirming: Semaphore::new(CONFIRMED_AT_ONCE),
            changing: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(CHANGING_FOR)
                .build(),
        }
    }
}

impl HandleLookups {
    /// Returns whether a lookup of this handle failed recently.
    pub async fn failed_lately(&self, handle: &Handle) -> bool {
        self.failed.contains_key(handle)
    }

    /// Returns whether the database may have a newer handle of this actor than memory.
    pub fn may_change(&self, actor_id: i64) -> bool {
        self.changing.contains_key(&actor_id)
    }
}

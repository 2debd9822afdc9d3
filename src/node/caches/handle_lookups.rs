//! What lookups of handles remember and share.

use crate::{content::Handle, store::StoreError};
use moka::future::Cache;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a handle that could not be found is not looked up again by itself.
const FAILED_FOR: Duration = Duration::from_secs(300);

/// Handles that are confirmed in the background at once; more keep the host of their id until the next time.
const CONFIRMED_AT_ONCE: usize = 8;

/// How long a handle that is being confirmed is read anew: longer than keys with their owners are kept in
/// memory.
const CHANGING_FOR: Duration = Duration::from_secs(600);

/// Why a handle or address leads to no actor, in a sentence for people.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LookupError {
    #[error(
        "{0} is neither a handle like @user@example.org nor an address like https://example.org/users/user"
    )]
    Form(String),
    #[error("{0} is of this publication itself")]
    Ours(String),
    #[error("{0} is blocked here: `pamphlet block list` shows what is")]
    Blocked(String),
    #[error("{handle} can't be found: {reason}")]
    NotFound { handle: String, reason: String },
    #[error("{handle} can't be found now: {reason}")]
    Unreachable { handle: String, reason: String },
    #[error(
        "{handle} can't be believed: it leads to {actor}, whose own server does not confirm it"
    )]
    Unconfirmed { handle: String, actor: String },
    #[error("the database is out of reach: {0}")]
    Store(String),
}

impl From<StoreError> for LookupError {
    fn from(error: StoreError) -> Self {
        LookupError::Store(error.to_string())
    }
}

/// What lookups remember and share.
pub struct HandleLookups {
    pub failed: Cache<Handle, LookupError>,
    pub confirming: Semaphore,
    /// Actors whose handles were to be confirmed lately.
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
    /// Whether a lookup of this handle failed lately.
    pub async fn failed_lately(&self, handle: &Handle) -> bool {
        self.failed.contains_key(handle)
    }

    /// Whether what is remembered of this actor's handle may be older than what the database has.
    pub fn may_change(&self, actor_id: i64) -> bool {
        self.changing.contains_key(&actor_id)
    }
}

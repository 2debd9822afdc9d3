//! Signed fetches of posts that were never announced, until they are verified: such a server gets the post's updates.
//!
//! The request never waits for this. If more come than are verified, the excess is left out.

use http::{HeaderMap, Method};
use std::sync::{Mutex, PoisonError};

/// The maximum number of fetches that wait.
const MOST_WAITING: usize = 500;

/// A signed fetch of a post, whose signature is not verified yet.
pub struct SignedFetch {
    pub object_uid: String,
    /// The network that it came from.
    pub network: String,
    pub method: Method,
    pub path_and_query: String,
    pub headers: HeaderMap,
}

/// Fetches that wait to be verified.
#[derive(Default)]
pub struct ObjectFetches(Mutex<Vec<SignedFetch>>);

impl ObjectFetches {
    pub fn add(&self, fetch: SignedFetch) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(fetch);
        }
    }

    /// Takes all that wait.
    pub fn take(&self) -> Vec<SignedFetch> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

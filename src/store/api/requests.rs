//! Requests with an idempotency key: a repetition gets the stored response, and has no effect.

use crate::store::database::{Result, Tx, execute, fetch_one, now};
use sqlx::FromRow;

/// The time for which a key is remembered, in milliseconds.
const KEPT: i64 = 24 * 60 * 60 * 1000;

/// A row of `api_requests`.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeyedRequest {
    /// The hash of method, path and body.
    pub fingerprint: String,
    /// The response as JSON; `None` if the first request has none yet, or was cut off.
    pub response: Option<String>,
}

/// Whether a request is the first with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    First,
    Repeated(KeyedRequest),
}

impl Tx {
    /// Begins a request with a key. Forgets old keys.
    pub async fn begin_keyed_request(
        &mut self,
        token_id: i64,
        key: &str,
        fingerprint: &str,
    ) -> Result<Begun> {
        execute!(
            self,
            "DELETE FROM api_requests WHERE created_at < $1",
            now() - KEPT
        )?;
        let added = execute!(
            self,
            "INSERT INTO api_requests (token_id, key, fingerprint, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (token_id, key) DO NOTHING",
            token_id,
            key,
            fingerprint,
            now()
        )?;
        if added > 0 {
            return Ok(Begun::First);
        }
        let known = fetch_one!(
            self,
            "SELECT fingerprint, response FROM api_requests WHERE token_id = $1 AND key = $2",
            token_id,
            key
        )?;
        Ok(Begun::Repeated(known))
    }

    /// Stores the response to a request with a key.
    pub async fn finish_keyed_request(
        &mut self,
        token_id: i64,
        key: &str,
        response: &str,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE api_requests SET response = $3 WHERE token_id = $1 AND key = $2",
            token_id,
            key,
            response
        )?;
        Ok(())
    }

    /// Forgets a request that had no effect, so that it can be repeated.
    pub async fn forget_keyed_request(&mut self, token_id: i64, key: &str) -> Result<()> {
        execute!(
            self,
            "DELETE FROM api_requests WHERE token_id = $1 AND key = $2",
            token_id,
            key
        )?;
        Ok(())
    }
}

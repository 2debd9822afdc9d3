//! Tokens of the API. Their secrets are not stored, only hashes of them.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_one, fetch_optional, now,
};
use sqlx::FromRow;

/// A row of `api_tokens`.
#[derive(Debug, Clone, FromRow)]
pub struct ApiToken {
    pub id: i64,
    pub name: String,
    /// Names of scopes, separated by blanks.
    pub scopes: String,
    pub created_at: i64,
    /// `None` if it does not expire.
    pub expires_at: Option<i64>,
    /// The time of the last use, to within an hour.
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

impl ApiToken {
    /// Returns whether it is valid now.
    pub fn is_valid(&self) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|time| now() < time)
    }

    /// Returns `valid`, `expired` or `revoked`.
    pub fn state(&self) -> &'static str {
        match (self.revoked_at, self.is_valid()) {
            (Some(_), _) => "revoked",
            (None, true) => "valid",
            (None, false) => "expired",
        }
    }
}

/// A token to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewApiToken<'a> {
    pub name: &'a str,
    pub hash: &'a str,
    pub scopes: &'a str,
    pub expires_at: Option<i64>,
}

/// The columns of an [`ApiToken`].
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, scopes, created_at, expires_at, last_used_at, revoked_at FROM api_tokens ",
            $rest
        )
    };
}

impl Conn {
    /// Returns the token whose secret has this hash, even if it is no longer valid.
    pub async fn api_token_by_hash(&mut self, hash: &str) -> Result<Option<ApiToken>> {
        fetch_optional!(self, select!("WHERE hash = $1"), hash)
    }

    /// Returns the tokens, the newest first; revoked ones only if `with_revoked`.
    pub async fn api_tokens(&mut self, with_revoked: bool) -> Result<Vec<ApiToken>> {
        fetch_all!(
            self,
            select!("WHERE $1 OR revoked_at IS NULL ORDER BY id DESC"),
            with_revoked
        )
    }
}

impl Tx {
    /// Stores a token.
    ///
    /// # Errors
    /// [`crate::store::StoreError::Duplicate`] if a token that is not revoked has the name.
    pub async fn add_api_token(&mut self, token: &NewApiToken<'_>) -> Result<ApiToken> {
        fetch_one!(
            self,
            "INSERT INTO api_tokens (name, hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
             RETURNING id, name, scopes, created_at, expires_at, last_used_at, revoked_at",
            token.name,
            token.hash,
            token.scopes,
            now(),
            token.expires_at
        )
    }

    /// Revokes a token, and forgets the responses that it got.
    pub async fn revoke_api_token(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM api_requests WHERE token_id = $1", id)?;
        execute!(
            self,
            "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            id,
            now()
        )?;
        Ok(())
    }

    /// Notes the use of a token.
    pub async fn set_api_token_used(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1",
            id,
            now()
        )?;
        Ok(())
    }
}

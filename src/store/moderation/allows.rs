//! Hosts and actors whose comments are never held back.

use super::blocks::BlockKind;
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, now, on},
};
use sqlx::FromRow;

/// A row of `allows`.
#[derive(Debug, Clone, FromRow)]
pub struct Allow {
    pub id: i64,
    /// `host` or `actor`.
    pub kind: String,
    pub value: String,
    pub reason: Option<String>,
    pub created_at: i64,
}

impl Conn {
    pub async fn allows(&mut self) -> Result<Vec<Allow>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM allows ORDER BY id"
        )
        .fetch_all(c)
        .await)?)
    }

    /// Puts a host (with the domains below it) or an actor on the list. False if it is there already.
    pub async fn add_allow(
        &mut self,
        kind: BlockKind,
        value: &str,
        reason: Option<&str>,
    ) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "INSERT INTO allows (kind, value, reason, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, value) DO NOTHING"
        )
        .bind(kind.as_str())
        .bind(canonical_id(value).as_ref())
        .bind(reason)
        .bind(now())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// Takes it off the list. False if it is not there.
    pub async fn remove_allow(&mut self, kind: BlockKind, value: &str) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(concat!(
            "DELETE FROM allows WHERE kind = $1 AND ",
            is_id!("value", "$2")
        ))
        .bind(kind.as_str())
        .bind(canonical_id(value).as_ref())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }
}

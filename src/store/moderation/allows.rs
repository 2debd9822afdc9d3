//! Hosts and actors whose comments are never held.

use super::blocks::BlockKind;
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, Tx, execute, fetch_all, is_id, now},
};
use sqlx::FromRow;

/// A row of `allows`.
#[derive(Debug, Clone, FromRow)]
pub struct Allow {
    pub id: i64,
    /// Whether it names a host or an actor.
    pub kind: BlockKind,
    pub value: String,
    pub reason: Option<String>,
    pub created_at: i64,
}

impl Conn {
    pub async fn allows(&mut self) -> Result<Vec<Allow>> {
        fetch_all!(self, "SELECT * FROM allows ORDER BY id")
    }
}

impl Tx {
    /// Allows a host (with its subdomains) or an actor. Returns false if it is allowed already.
    pub async fn add_allow(
        &mut self,
        kind: BlockKind,
        value: &str,
        reason: Option<&str>,
    ) -> Result<bool> {
        Ok(execute!(
            self,
            "INSERT INTO allows (kind, value, reason, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, value) DO NOTHING",
            kind.as_str(),
            canonical_id(value).as_ref(),
            reason,
            now()
        )? > 0)
    }

    /// Removes a host or actor from the list. Returns false if it is not there.
    pub async fn remove_allow(&mut self, kind: BlockKind, value: &str) -> Result<bool> {
        Ok(execute!(
            self,
            concat!(
                "DELETE FROM allows WHERE kind = $1 AND ",
                is_id!("value", "$2")
            ),
            kind.as_str(),
            canonical_id(value).as_ref()
        )? > 0)
    }
}

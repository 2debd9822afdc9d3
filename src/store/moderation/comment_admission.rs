//! Facts that decide whether a reply becomes a comment. The inbox reads them for every reply, so they are one
//! statement.

use super::blocks::{Severity, with_parents};
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, fetch_one, is_id},
};
use sqlx::FromRow;

/// The facts that speak against a reply.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct CommentAdmission {
    #[sqlx(try_from = "i64")]
    pub severity: Severity,
    /// Its author deleted it before it arrived.
    pub is_deleted: bool,
    /// It is stored already.
    pub is_here: bool,
    /// The redacted row of a comment that vanished.
    pub absent_id: Option<i64>,
}

impl Conn {
    /// Returns the facts about the post `uri` of an actor on `host` (normalized, with or without a port).
    pub async fn comment_admission(
        &mut self,
        uri: &str,
        actor_uri: &str,
        host: &str,
    ) -> Result<CommentAdmission> {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        fetch_one!(
            self,
            concat!(
                "SELECT CAST(COALESCE((SELECT MAX(CASE severity WHEN 'block' THEN 2 WHEN 'hold' THEN 1 ELSE 0 END)
                 FROM blocks WHERE (kind = 'actor' AND ",
                is_id!("value", "$1"),
                ")
                         OR (kind = 'host' AND value IN ($2, $3, $4, $5, $6, $7, $8, $9, $10))), 0) AS BIGINT) AS severity,
                 EXISTS (SELECT 1 FROM tombstones
                     WHERE ",
                is_id!("uri", "$11"),
                " AND ",
                is_id!("actor_uri", "$1"),
                "
                         AND ended_by <> 'absence') AS is_deleted,
                 EXISTS (SELECT 1 FROM comments WHERE ",
                is_id!("uri", "$11"),
                ") AS is_here,
                 (SELECT MAX(c.id) FROM comments c WHERE ",
                is_id!("c.uri", "$11"),
                " AND c.state = 'deleted'
                 AND EXISTS (SELECT 1 FROM tombstones t WHERE ",
                is_id!("t.uri", "$11"),
                "
                 AND ",
                is_id!("t.actor_uri", "$1"),
                " AND t.ended_by = 'absence')) AS absent_id"
            ),
            canonical_id(actor_uri).as_ref(),
            host,
            h0,
            h1,
            h2,
            h3,
            h4,
            h5,
            h6,
            h7,
            canonical_id(uri).as_ref()
        )
    }
}

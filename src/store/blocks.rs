//! Hosts and actors that the admin wants nothing to do with.

use super::{Conn, Result, conn::on, now};
use sqlx::FromRow;

/// What a block names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    Host,
    Actor,
}

impl BlockKind {
    pub fn as_str(self) -> &'static str {
        match self {
            BlockKind::Host => "host",
            BlockKind::Actor => "actor",
        }
    }
}

/// A row of `blocks`.
#[derive(Debug, Clone, FromRow)]
pub struct Block {
    pub id: i64,
    pub kind: String,
    pub value: String,
    pub reason: Option<String>,
    pub created_at: i64,
}

/// Domains above a host that are asked for, the host itself included.
const PARENTS: usize = 8;

impl Conn {
    pub async fn blocks(&mut self) -> Result<Vec<Block>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT id, kind, value, reason, created_at FROM blocks ORDER BY id"
        )
        .fetch_all(c)
        .await)?)
    }

    /// Whether an actor, or a host (normalized, with or without a port), or a domain above it is blocked.
    pub async fn is_blocked(&mut self, actor_uri: &str, host: &str) -> Result<bool> {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        let found: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM blocks WHERE (kind = 'actor' AND value = $1)
                OR (kind = 'host' AND value IN ($2, $3, $4, $5, $6, $7, $8, $9, $10)) LIMIT 1"
        )
        .bind(actor_uri)
        .bind(host)
        .bind(h0)
        .bind(h1)
        .bind(h2)
        .bind(h3)
        .bind(h4)
        .bind(h5)
        .bind(h6)
        .bind(h7)
        .fetch_optional(c)
        .await)?;
        Ok(found.is_some())
    }

    /// Blocks, hides the comments of whom it concerns, and stops deliveries to the host. False if it was there.
    pub async fn add_block(
        &mut self,
        kind: BlockKind,
        value: &str,
        reason: Option<&str>,
    ) -> Result<bool> {
        let added = on!(self, |c| {
            sqlx::query(
            "INSERT INTO blocks (kind, value, reason, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        )
        .bind(kind.as_str())
        .bind(value)
        .bind(reason)
        .bind(now())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?;
        self.apply_blocks().await?;
        Ok(added)
    }

    /// Takes a block back, and shows again what it hid. False if there was none.
    pub async fn remove_block(&mut self, kind: BlockKind, value: &str) -> Result<bool> {
        let removed = on!(self, |c| sqlx::query(
            "DELETE FROM blocks WHERE kind = $1 AND value = $2"
        )
        .bind(kind.as_str())
        .bind(value)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?;
        self.apply_blocks().await?;
        Ok(removed)
    }

    /// Makes comments and destinations follow the blocks.
    async fn apply_blocks(&mut self) -> Result<()> {
        const BLOCKED_ACTORS: &str = "SELECT a.id FROM remote_actors a JOIN blocks b
            ON (b.kind = 'actor' AND b.value = a.uri)
            OR (b.kind = 'host' AND (a.host = b.value OR a.host LIKE '%.' || b.value
                OR a.host LIKE b.value || ':%' OR a.host LIKE '%.' || b.value || ':%'))";
        const BLOCKED_HOSTS: &str = "SELECT d.id FROM destinations d JOIN blocks b
            ON b.kind = 'host' AND (d.host = b.value OR d.host LIKE '%.' || b.value
                OR d.host LIKE b.value || ':%' OR d.host LIKE '%.' || b.value || ':%')";
        let statements = [
            format!(
                "UPDATE comments SET state = 'hidden', reason = 'blocked'
                 WHERE state = 'visible' AND actor_id IN ({BLOCKED_ACTORS})"
            ),
            format!(
                "UPDATE comments SET state = 'visible', reason = NULL
                 WHERE state = 'hidden' AND reason = 'blocked' AND actor_id NOT IN ({BLOCKED_ACTORS})"
            ),
            format!(
                "UPDATE destinations SET state = 'blocked', next_attempt_at = NULL
                 WHERE state <> 'blocked' AND id IN ({BLOCKED_HOSTS})"
            ),
            format!(
                "UPDATE destinations SET state = 'alive'
                 WHERE state = 'blocked' AND id NOT IN ({BLOCKED_HOSTS})"
            ),
            "DELETE FROM deliveries WHERE destination_id IN (SELECT id FROM destinations WHERE state = 'blocked')"
                .to_owned(),
        ];
        for statement in statements {
            // Put together from the constants above alone.
            let statement = sqlx::AssertSqlSafe(statement);
            on!(self, |c| sqlx::query(statement).execute(c).await.map(drop))?;
        }
        Ok(())
    }
}

/// A host without its port and the domains above it, the highest first; a block of any concerns it.
fn with_parents(host: &str) -> [&str; PARENTS] {
    let name = host.split(':').next().unwrap_or(host);
    let mut list = [name; PARENTS];
    let starts = name.rmatch_indices('.').map(|(dot, _)| &name[dot + 1..]);
    for (place, parent) in list.iter_mut().skip(1).zip(starts) {
        *place = parent;
    }
    list
}

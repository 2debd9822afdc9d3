//! Destinations: the remote inboxes that deliveries go to, each with one retry clock and one lease.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// A destination as a worker claims it.
#[derive(Debug, Clone, FromRow)]
pub struct Destination {
    pub id: i64,
    pub inbox: String,
    pub host: String,
    pub state: String,
    pub generation: i64,
    pub failures: i64,
    pub failing_since: Option<i64>,
    pub gone_since: Option<i64>,
    /// The signature style that this server takes: `cavage` or `rfc9421`.
    pub style: String,
    /// The smallest body size in bytes to which its host answered 413.
    pub smallest_refused: Option<i64>,
}

impl Conn {
    /// The destination for an inbox, made if it is new; its id.
    pub async fn destination_for(&mut self, inbox: &str, host: &str) -> Result<i64> {
        let found: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM destinations WHERE inbox = $1"
        )
        .bind(inbox)
        .fetch_optional(c)
        .await)?;
        if let Some(id) = found {
            return Ok(id);
        }
        let state = match self.is_blocked("", host).await? {
            true => "blocked",
            false => "alive",
        };
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO destinations (inbox, host, state, smallest_refused)
             VALUES ($1, $2, $3, (SELECT MIN(d.smallest_refused) FROM destinations d WHERE d.host = $2))
             ON CONFLICT (inbox) DO UPDATE SET host = excluded.host RETURNING id"
        )
        .bind(inbox)
        .bind(host)
        .bind(state)
        .fetch_one(c)
        .await
        })?)
    }

    /// A verified request came from this host: its dead destinations live again.
    pub async fn revive_host(&mut self, host: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET state = 'alive', failures = 0, failing_since = NULL,
                next_attempt_at = CASE WHEN next_attempt_at IS NULL THEN NULL ELSE $2 END
             WHERE host = $1 AND state = 'dead'"
        )
        .bind(host)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Remembers which signature style a server takes.
    pub async fn set_style(&mut self, destination_id: i64, style: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET style = $2 WHERE id = $1"
        )
        .bind(destination_id)
        .bind(style)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Stores that a host answered 413 to a body of `size` bytes.
    pub async fn set_smallest_refused(&mut self, host: &str, size: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET smallest_refused = $2
             WHERE host = $1 AND (smallest_refused IS NULL OR smallest_refused > $2)"
        )
        .bind(host)
        .bind(size)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// A shared inbox is gone: its followers get `delivery_id` and what waits after it, and all later ones,
    /// in their own inboxes. The number of followers.
    pub async fn leave_shared_inbox(
        &mut self,
        destination_id: i64,
        delivery_id: i64,
        reason: &str,
    ) -> Result<usize> {
        let moved: Vec<(i64, String, String)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT f.id, a.inbox, a.host FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             JOIN destinations d ON d.id = f.destination_id
             WHERE f.destination_id = $1 AND a.inbox <> d.inbox"
        )
        .bind(destination_id)
        .fetch_all(c)
        .await
        })?;
        if moved.is_empty() {
            return Ok(0);
        }
        let mut activity_ids: Vec<i64> = on!(self, |c| {
            sqlx::query_scalar(
                "UPDATE deliveries SET state = 'refused', error = $3
             WHERE destination_id = $1 AND state = 'waiting' AND id >= $2 RETURNING activity_id",
            )
            .bind(destination_id)
            .bind(delivery_id)
            .bind(reason)
            .fetch_all(c)
            .await
        })?;
        // Their order is the order in which they were enqueued.
        activity_ids.sort_unstable();
        for (follower_id, inbox, host) in &moved {
            let own = self.destination_for(inbox, host).await?;
            on!(self, |c| sqlx::query(
                "UPDATE followers SET destination_id = $2 WHERE id = $1"
            )
            .bind(follower_id)
            .bind(own)
            .execute(c)
            .await
            .map(drop))?;
            for activity_id in &activity_ids {
                self.enqueue_to(*activity_id, own).await?;
            }
        }
        Ok(moved.len())
    }

    /// An actor's own inbox is gone for good: the follower is removed.
    pub async fn drop_followers_at(&mut self, destination_id: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM followers WHERE destination_id = $1"
        )
        .bind(destination_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}

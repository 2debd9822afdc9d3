//! Destinations: the remote inboxes that deliveries go to. Each has one retry clock and one lease.

use crate::store::database::{
    Result, Tx, execute, fetch_all, fetch_optional_scalar, fetch_scalar, fetch_scalars, now,
    text_enum, to_json,
};
use sqlx::FromRow;
use std::collections::HashMap;

text_enum! {
    /// Whether a destination is delivered to.
    pub enum DestinationState ("state of a destination") {
        Alive = "alive",
        /// It failed for days: one attempt a day is made.
        Dead = "dead",
        /// Its address is one that we never connect to.
        Refused = "refused",
        Blocked = "blocked",
    }
}

/// A destination that a worker claimed.
#[derive(Debug, Clone, FromRow)]
pub struct Destination {
    pub id: i64,
    pub inbox: String,
    pub host: String,
    pub state: DestinationState,
    pub generation: i64,
    /// Above 0 if some of its deliveries may be urgent.
    pub priority: i64,
    pub failures: i64,
    pub failing_since: Option<i64>,
    pub gone_since: Option<i64>,
    /// The signature style that the server accepts: `cavage` or `rfc9421`.
    pub style: String,
    /// The smallest size of a body in bytes that the host rejected with 413.
    pub smallest_refused: Option<i64>,
}

impl Tx {
    /// Returns the id of the destination for an inbox. Creates it if it is new.
    pub async fn destination_for(&mut self, inbox: &str, host: &str) -> Result<i64> {
        let found: Option<i64> =
            fetch_optional_scalar!(self, "SELECT id FROM destinations WHERE inbox = $1", inbox)?;
        if let Some(id) = found {
            return Ok(id);
        }
        let state = if self.is_blocked("", host).await? {
            DestinationState::Blocked
        } else {
            DestinationState::Alive
        };
        fetch_scalar!(
            self,
            "INSERT INTO destinations (inbox, host, state, smallest_refused)
             VALUES ($1, $2, $3, (SELECT MIN(d.smallest_refused) FROM destinations d WHERE d.host = $2))
             ON CONFLICT (inbox) DO UPDATE SET host = excluded.host RETURNING id",
            inbox,
            host,
            state.as_str()
        )
    }

    /// Returns the destinations of inboxes that have one.
    pub async fn destinations_at(&mut self, inboxes: &[&str]) -> Result<HashMap<String, i64>> {
        let found: Vec<(String, i64)> = fetch_all!(
            self,
            texts(
                "SELECT inbox, id FROM destinations WHERE inbox IN ",
                "$1",
                ""
            ),
            to_json(inboxes)
        )?;
        Ok(found.into_iter().collect())
    }

    /// Revives the dead destinations of a host after a verified request from there.
    pub async fn revive_host(&mut self, host: &str) -> Result<()> {
        self.revive_hosts(&[host]).await
    }

    /// Revives the dead destinations of hosts after verified requests from there.
    pub async fn revive_hosts(&mut self, hosts: &[&str]) -> Result<()> {
        execute!(
            self,
            texts(
                "UPDATE destinations SET state = 'alive', failures = 0, failing_since = NULL,
                    next_attempt_at = CASE WHEN next_attempt_at IS NULL THEN NULL ELSE $2 END
                 WHERE state = 'dead' AND host IN ",
                "$1",
                ""
            ),
            to_json(hosts),
            now()
        )?;
        Ok(())
    }

    /// Stores the signature style that a server accepts.
    pub async fn set_style(&mut self, destination_id: i64, style: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE destinations SET style = $2 WHERE id = $1",
            destination_id,
            style
        )?;
        Ok(())
    }

    /// Stores that a host rejected a body of `size` bytes with 413.
    pub async fn set_smallest_refused(&mut self, host: &str, size: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE destinations SET smallest_refused = $2
             WHERE host = $1 AND (smallest_refused IS NULL OR smallest_refused > $2)",
            host,
            size
        )?;
        Ok(())
    }

    /// Moves the followers behind a shared inbox that is gone to their own inboxes, with the delivery `delivery_id` and
    /// those queued after it. Returns the number of followers.
    pub async fn move_from_shared_inbox(
        &mut self,
        destination_id: i64,
        delivery_id: i64,
        reason: &str,
    ) -> Result<usize> {
        let moved: Vec<(i64, String, String)> = fetch_all!(
            self,
            "SELECT f.id, a.inbox, a.host FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             JOIN destinations d ON d.id = f.destination_id
             WHERE f.destination_id = $1 AND a.inbox <> d.inbox",
            destination_id
        )?;
        if moved.is_empty() {
            return Ok(0);
        }
        let mut activity_ids: Vec<i64> = fetch_scalars!(
            self,
            "UPDATE deliveries SET state = 'refused', error = $3
             WHERE destination_id = $1 AND state = 'waiting' AND id >= $2 RETURNING activity_id",
            destination_id,
            delivery_id,
            reason
        )?;
        // Activities are delivered in the order in which they were created.
        activity_ids.sort_unstable();
        for (follower_id, inbox, host) in &moved {
            let own = self.destination_for(inbox, host).await?;
            execute!(
                self,
                "UPDATE followers SET destination_id = $2 WHERE id = $1",
                follower_id,
                own
            )?;
            for activity_id in &activity_ids {
                self.enqueue_to(*activity_id, own).await?;
            }
        }
        Ok(moved.len())
    }

    /// Removes the followers whose inbox is gone for good. Returns their number.
    pub async fn remove_followers_at(&mut self, destination_id: i64) -> Result<u64> {
        execute!(
            self,
            "DELETE FROM followers WHERE destination_id = $1",
            destination_id
        )
    }
}

//! Destinations: the remote inboxes that deliveries go to, each with one retry clock and one lease.

use super::{
    Conn, Result,
    conn::{Raw, on},
    now,
};
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

    /// Enqueues an activity to every destination that an actor's followers have, by one statement.
    /// The number of deliveries.
    pub async fn enqueue_to_followers(
        &mut self,
        activity_id: i64,
        local_actor_id: i64,
    ) -> Result<u64> {
        let deliveries = on!(self, |c| {
            sqlx::query(
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT f.destination_id, $1, $2 FROM
                (SELECT DISTINCT destination_id FROM followers WHERE local_actor_id = $3 AND state = 'accepted'
                    AND actor_id NOT IN (SELECT a.id FROM blocks b JOIN remote_actors a ON a.uri = b.value
                        WHERE b.kind = 'actor' AND b.severity = 'block')) f
                JOIN destinations d ON d.id = f.destination_id WHERE d.state = 'alive'
             ON CONFLICT DO NOTHING"
        )
        .bind(activity_id)
        .bind(now())
        .bind(local_actor_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
        })?;
        self.stir_destinations(activity_id, 0).await?;
        Ok(deliveries)
    }

    /// Enqueues an activity to every destination that we deliver to. The number of deliveries.
    pub async fn enqueue_to_everyone(&mut self, activity_id: i64) -> Result<u64> {
        let deliveries = on!(self, |c| {
            sqlx::query(
                "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT id, $1, $2 FROM destinations WHERE state = 'alive'
                AND inbox NOT IN (SELECT a.inbox FROM blocks b JOIN remote_actors a ON a.uri = b.value
                    WHERE b.kind = 'actor' AND b.severity = 'block')
             ON CONFLICT DO NOTHING",
            )
            .bind(activity_id)
            .bind(now())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        self.stir_destinations(activity_id, 0).await?;
        Ok(deliveries)
    }

    /// Enqueues an activity to one destination, ahead of those that have only a part in a fan-out.
    pub async fn enqueue_to(&mut self, activity_id: i64, destination_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT id, $1, $2 FROM destinations WHERE id = $3 AND state IN ('alive', 'dead')
             ON CONFLICT DO NOTHING"
        )
        .bind(activity_id)
        .bind(now())
        .bind(destination_id)
        .execute(c)
        .await
        .map(drop))?;
        self.stir_destinations(activity_id, 1).await
    }

    /// Starts the clocks of the destinations that an activity waits for, where none runs or one was set by a
    /// deferral.
    pub(super) async fn stir_destinations(
        &mut self,
        activity_id: i64,
        priority: i64,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE destinations SET generation = generation + 1,
                next_attempt_at = CASE WHEN next_attempt_at IS NULL OR (failing_since IS NULL AND next_attempt_at > $1)
                    THEN $1 ELSE next_attempt_at END,
                priority = CASE WHEN priority > $2 THEN priority ELSE $2 END
             WHERE id IN (SELECT destination_id FROM deliveries WHERE activity_id = $3 AND state = 'waiting')"
        )
        .bind(now())
        .bind(priority)
        .bind(activity_id)
        .execute(c)
        .await
        .map(drop)
        })?;
        self.notify_nodes().await
    }

    /// When the next destination is due; `None` while nothing waits.
    pub async fn next_attempt(&mut self) -> Result<Option<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT MIN(CASE WHEN leased_until > next_attempt_at THEN leased_until ELSE next_attempt_at END)
             FROM destinations WHERE next_attempt_at IS NOT NULL"
        )
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

    /// Keeps what `owner` has until `leased_until`.
    pub async fn renew_leases(&mut self, owner: &str, leased_until: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = $2 WHERE lease_owner = $1"
        )
        .bind(owner)
        .bind(leased_until)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The clock was set back by so many milliseconds: what was to be tried later is tried so much earlier, and
    /// none is later than `longest` from now, no lease longer than `lease`.
    pub async fn set_clocks_back(&mut self, by: i64, longest: i64, lease: i64) -> Result<()> {
        let now = now();
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET next_attempt_at = CASE
                WHEN next_attempt_at - $1 BETWEEN $2 AND $3 THEN next_attempt_at - $1 ELSE $2 END
             WHERE next_attempt_at > $2 AND ($1 > 0 OR next_attempt_at > $3)"
        )
        .bind(by)
        .bind(now)
        .bind(now + longest)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| {
            sqlx::query(
            "UPDATE deliveries SET not_before = CASE
                WHEN not_before - $1 BETWEEN $2 AND $3 THEN not_before - $1 ELSE $2 END
             WHERE state = 'waiting' AND not_before > 0 AND not_before > $2 AND ($1 > 0 OR not_before > $3)"
        )
        .bind(by)
        .bind(now)
        .bind(now + longest)
        .execute(c)
        .await
        .map(drop)
        })?;
        on!(self, |c| sqlx::query(
            "UPDATE key_handovers SET taken_at = $1 WHERE taken_at > $1"
        )
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = $1 WHERE leased_until > $1"
        )
        .bind(now + lease)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Gives back what `owner` has and does not work on.
    pub async fn release_all_but(&mut self, owner: &str, destination_ids: &[i64]) -> Result<()> {
        let ids = serde_json::to_string(destination_ids).unwrap_or_default();
        macro_rules! release {
            ($list:literal) => {
                concat!(
                    "UPDATE destinations SET leased_until = 0, lease_owner = NULL
                     WHERE lease_owner = $1 AND id NOT IN (",
                    $list,
                    ")"
                )
            };
        }
        macro_rules! run {
            ($statement:expr, $c:expr) => {
                sqlx::query($statement)
                    .bind(owner)
                    .bind(ids)
                    .execute($c)
                    .await
                    .map(drop)?
            };
        }
        match self.raw() {
            Raw::Sqlite(c) => run!(release!("SELECT value FROM json_each($2)"), c),
            Raw::Postgres(c) => run!(
                release!("SELECT value::bigint FROM json_array_elements_text($2::json)"),
                c
            ),
        }
        Ok(())
    }

    /// Gives back what no one works on any more: all leases, at the start of the only node on a database.
    pub(super) async fn release_leases(&mut self) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE leased_until > 0"
        )
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
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

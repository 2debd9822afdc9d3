//! The private keys of our actors. They live in the database so that several nodes can sign.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// A private key as it is stored (PKCS#8, DER).
#[derive(FromRow)]
pub struct StoredKey {
    pub algorithm: String,
    /// The fragment of its id.
    pub name: String,
    pub pkcs8: Vec<u8>,
    /// When another took its place.
    pub replaced_at: Option<i64>,
    /// The last activity that a replaced key signs.
    pub last_activity_id: Option<i64>,
}

/// The state of the announcement of new keys at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// The `Update` with the keys has not arrived yet.
    Waiting,
    /// The `Update` arrived at this time.
    Taken(i64),
    /// It was never sent there, was refused, or is no longer recorded.
    Unknown,
}

impl Conn {
    /// An actor's keys, the oldest first; those in use have no `replaced_at`.
    pub async fn local_keys_of(&mut self, local_actor_id: i64) -> Result<Vec<StoredKey>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT algorithm, name, pkcs8, replaced_at, last_activity_id FROM local_keys
             WHERE local_actor_id = $1 ORDER BY id"
        )
        .bind(local_actor_id)
        .fetch_all(c)
        .await)?)
    }

    pub async fn add_local_key(
        &mut self,
        local_actor_id: i64,
        algorithm: &str,
        name: &str,
        pkcs8: &[u8],
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO local_keys (local_actor_id, algorithm, name, pkcs8, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(local_actor_id)
        .bind(algorithm)
        .bind(name)
        .bind(pkcs8)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Takes an actor's keys out of use, so that others can be added.
    pub async fn retire_local_keys(&mut self, local_actor_id: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE local_keys SET replaced_at = $2 WHERE local_actor_id = $1 AND replaced_at IS NULL"
        )
        .bind(local_actor_id)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        on!(self, |c| sqlx::query(
            "UPDATE local_actors SET key_generation = $2 WHERE id = $1"
        )
        .bind(local_actor_id)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Says which activity is the last that the keys just retired sign.
    pub async fn end_retired_keys(&mut self, local_actor_id: i64, activity_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE local_keys SET last_activity_id = $2
             WHERE local_actor_id = $1 AND replaced_at IS NOT NULL AND last_activity_id IS NULL"
        )
        .bind(local_actor_id)
        .bind(activity_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Records that a destination accepted the `Update` with an actor's new keys.
    pub(in crate::store) async fn add_key_handover(
        &mut self,
        destination_id: i64,
        activity_id: i64,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO key_handovers (destination_id, activity_id, taken_at)
             SELECT d.id, a.id, $3 FROM destinations d, activities a WHERE d.id = $1 AND a.id = $2
             ON CONFLICT DO NOTHING"
        )
        .bind(destination_id)
        .bind(activity_id)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns whether a destination accepted the `Update` with an actor's new keys.
    pub async fn key_handover(
        &mut self,
        destination_id: i64,
        activity_id: i64,
    ) -> Result<Handover> {
        let taken_at: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT taken_at FROM key_handovers WHERE destination_id = $1 AND activity_id = $2"
        )
        .bind(destination_id)
        .bind(activity_id)
        .fetch_optional(c)
        .await)?;
        if let Some(taken_at) = taken_at {
            return Ok(Handover::Taken(taken_at));
        }
        let waiting: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM deliveries
             WHERE destination_id = $1 AND activity_id = $2 AND state = 'waiting'"
        )
        .bind(destination_id)
        .bind(activity_id)
        .fetch_optional(c)
        .await)?;
        Ok(waiting.map_or(Handover::Unknown, |_| Handover::Waiting))
    }

    /// Removes what an actor's keys replaced.
    pub async fn drop_retired_keys(&mut self, local_actor_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM local_keys WHERE local_actor_id = $1 AND replaced_at IS NOT NULL"
        )
        .bind(local_actor_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Removes keys that were replaced before `time`; how many.
    pub async fn forget_retired_keys(&mut self, time: i64) -> Result<u64> {
        on!(self, |c| sqlx::query(
            "UPDATE local_actors SET key_generation = $2 WHERE id IN
                (SELECT local_actor_id FROM local_keys WHERE replaced_at < $1)"
        )
        .bind(time)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "DELETE FROM key_handovers WHERE taken_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM local_keys WHERE replaced_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}

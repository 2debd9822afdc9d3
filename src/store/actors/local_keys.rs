//! The private keys of local actors. They are in the database so that every node can sign.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_optional_scalar, now};
use sqlx::FromRow;

/// A private key as it is stored (PKCS#8, DER).
#[derive(FromRow)]
pub struct StoredKey {
    pub algorithm: String,
    /// The fragment of the key's id.
    pub name: String,
    pub pkcs8: Vec<u8>,
    /// The time at which another key replaced it.
    pub replaced_at: Option<i64>,
    /// The last activity that a replaced key signs.
    pub last_activity_id: Option<i64>,
}

/// The state of the announcement of new keys at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAnnouncement {
    /// The `Update` with the keys has not arrived yet.
    Waiting,
    /// The `Update` arrived at this time.
    Accepted(i64),
    /// It was never sent there, was refused, or is no longer recorded.
    Unknown,
}

impl Conn {
    /// Returns an actor's keys, the oldest first. Those in use have no `replaced_at`.
    pub async fn local_keys_of(&mut self, local_actor_id: i64) -> Result<Vec<StoredKey>> {
        fetch_all!(
            self,
            "SELECT algorithm, name, pkcs8, replaced_at, last_activity_id FROM local_keys
             WHERE local_actor_id = $1 ORDER BY id",
            local_actor_id
        )
    }

    /// Returns whether a destination accepted the `Update` with an actor's new keys.
    pub async fn key_announcement(
        &mut self,
        destination_id: i64,
        activity_id: i64,
    ) -> Result<KeyAnnouncement> {
        let taken_at: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT taken_at FROM key_handovers WHERE destination_id = $1 AND activity_id = $2",
            destination_id,
            activity_id
        )?;
        if let Some(taken_at) = taken_at {
            return Ok(KeyAnnouncement::Accepted(taken_at));
        }
        let waiting: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT id FROM deliveries
             WHERE destination_id = $1 AND activity_id = $2 AND state = 'waiting'",
            destination_id,
            activity_id
        )?;
        Ok(waiting.map_or(KeyAnnouncement::Unknown, |_| KeyAnnouncement::Waiting))
    }
}

impl Tx {
    pub async fn add_local_key(
        &mut self,
        local_actor_id: i64,
        algorithm: &str,
        name: &str,
        pkcs8: &[u8],
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO local_keys (local_actor_id, algorithm, name, pkcs8, created_at) VALUES ($1, $2, $3, $4, $5)",
            local_actor_id,
            algorithm,
            name,
            pkcs8,
            now()
        )?;
        Ok(())
    }

    /// Puts a key of other software in place of an actor's current one, which is deleted: nothing may have been sent with
    /// it. The name is the fragment of the key's id, such as `main-key`.
    pub async fn replace_local_key(
        &mut self,
        local_actor_id: i64,
        algorithm: &str,
        name: &str,
        pkcs8: &[u8],
    ) -> Result<()> {
        execute!(
            self,
            "DELETE FROM local_keys WHERE local_actor_id = $1 AND algorithm = $2 AND replaced_at IS NULL",
            local_actor_id,
            algorithm
        )?;
        self.add_local_key(local_actor_id, algorithm, name, pkcs8)
            .await?;
        execute!(
            self,
            "UPDATE local_actors SET key_generation = $2 WHERE id = $1",
            local_actor_id,
            now()
        )?;
        Ok(())
    }

    /// Takes an actor's keys out of use, so that others can be added.
    pub async fn retire_local_keys(&mut self, local_actor_id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE local_keys SET replaced_at = $2 WHERE local_actor_id = $1 AND replaced_at IS NULL",
            local_actor_id,
            now()
        )?;
        execute!(
            self,
            "UPDATE local_actors SET key_generation = $2 WHERE id = $1",
            local_actor_id,
            now()
        )?;
        Ok(())
    }

    /// Stores the last activity that the keys just retired sign.
    pub async fn set_last_activity_of_retired_keys(
        &mut self,
        local_actor_id: i64,
        activity_id: i64,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE local_keys SET last_activity_id = $2
             WHERE local_actor_id = $1 AND replaced_at IS NOT NULL AND last_activity_id IS NULL",
            local_actor_id,
            activity_id
        )?;
        Ok(())
    }

    /// Records that a destination accepted the `Update` with an actor's new keys.
    pub(in crate::store) async fn add_key_announcement(
        &mut self,
        destination_id: i64,
        activity_id: i64,
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO key_handovers (destination_id, activity_id, taken_at)
             SELECT d.id, a.id, $3 FROM destinations d, activities a WHERE d.id = $1 AND a.id = $2
             ON CONFLICT DO NOTHING",
            destination_id,
            activity_id,
            now()
        )?;
        Ok(())
    }

    /// Deletes an actor's retired keys.
    pub async fn delete_retired_keys(&mut self, local_actor_id: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM local_keys WHERE local_actor_id = $1 AND replaced_at IS NOT NULL",
            local_actor_id
        )?;
        Ok(())
    }

    /// Deletes keys that were replaced before `time`. Returns their number.
    pub async fn forget_retired_keys(&mut self, time: i64) -> Result<u64> {
        execute!(
            self,
            "UPDATE local_actors SET key_generation = $2 WHERE id IN
             (SELECT local_actor_id FROM local_keys WHERE replaced_at < $1)",
            time,
            now()
        )?;
        execute!(self, "DELETE FROM key_handovers WHERE taken_at < $1", time)?;
        execute!(self, "DELETE FROM local_keys WHERE replaced_at < $1", time)
    }
}

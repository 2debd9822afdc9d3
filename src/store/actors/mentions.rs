//! The remote actors that local posts mention.

use super::remote_actors::RemoteActorRow;
use crate::store::database::{Conn, Result, Tx, execute, fetch_all};

impl Conn {
    /// Returns the actors that received a post because it mentions them, or did before an edit.
    pub async fn mentioned_in(&mut self, post_uid: &str) -> Result<Vec<RemoteActorRow>> {
        fetch_all!(
            self,
            "SELECT a.* FROM mentions m JOIN remote_actors a ON a.id = m.actor_id
             WHERE m.post_uid = $1 ORDER BY a.id",
            post_uid
        )
    }
}

impl Tx {
    /// Stores that a post mentions an actor and is delivered to it.
    pub async fn add_mention(&mut self, post_uid: &str, actor_id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO mentions (post_uid, actor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            post_uid,
            actor_id
        )?;
        Ok(())
    }
}

//! The actors that our posts mention.

use super::remote_actors::RemoteActorRow;
use crate::store::database::{Conn, Result, on};

impl Conn {
    /// Remembers that a post goes to an actor.
    pub async fn add_mention(&mut self, post_uid: &str, actor_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO mentions (post_uid, actor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        )
        .bind(post_uid)
        .bind(actor_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// All who got a post because it mentions them, or did.
    pub async fn mentioned_in(&mut self, post_uid: &str) -> Result<Vec<RemoteActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT a.* FROM mentions m JOIN remote_actors a ON a.id = m.actor_id
             WHERE m.post_uid = $1 ORDER BY a.id"
        )
        .bind(post_uid)
        .fetch_all(c)
        .await)?)
    }
}

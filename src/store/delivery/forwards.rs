//! What others wrote and our actors pass on to their followers, as it came.

use crate::store::database::{Conn, Result, now, on};

impl Conn {
    /// Enqueues an activity to the destinations of an actor's followers, but to none on `host`, where it is known.
    pub async fn enqueue_forward(
        &mut self,
        activity_id: i64,
        local_actor_id: i64,
        host: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT f.destination_id, $1, $2 FROM
                (SELECT DISTINCT destination_id FROM followers WHERE local_actor_id = $3 AND state = 'accepted'
                    AND actor_id NOT IN (SELECT a.id FROM blocks b JOIN remote_actors a ON a.uri = b.value
                        WHERE b.kind = 'actor')) f
                JOIN destinations d ON d.id = f.destination_id WHERE d.state = 'alive' AND d.host <> $4
             ON CONFLICT DO NOTHING"
        )
        .bind(activity_id)
        .bind(now())
        .bind(local_actor_id)
        .bind(host)
        .execute(c)
        .await
        .map(drop)
        })?;
        self.stir_destinations(activity_id, 0).await
    }

    /// How many activities of others were passed on since a time.
    pub async fn forwards_since(&mut self, time: i64) -> Result<i64> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM activities WHERE kind = 'Forward' AND created_at > $1"
        )
        .bind(time)
        .fetch_one(c)
        .await)?)
    }

    /// Forgets what was passed on before `time`, delivered or not.
    pub async fn forget_forwards(&mut self, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM activities WHERE kind = 'Forward' AND created_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Empties the forwarded activities of a comment. A pending forward is not cancelled, because the comment's
    /// deletion follows it; it is emptied later.
    pub(in crate::store) async fn empty_forwards_of(&mut self, comment_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE activities SET body = '' WHERE kind = 'Forward'
                AND object_uri = (SELECT uri FROM comments WHERE id = $1)
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)"
        )
        .bind(comment_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Empties the forwarded activities of posts that have ended.
    pub async fn empty_ended_forwards(&mut self) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE activities SET body = '' WHERE kind = 'Forward' AND body <> ''
                AND object_uri IN (SELECT uri FROM tombstones)
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)"
        )
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

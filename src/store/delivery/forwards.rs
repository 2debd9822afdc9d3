//! Forwarded activities: written by remote actors, and sent unchanged to the followers of local ones.

use crate::store::database::{Conn, Result, Tx, execute, fetch_scalar, now};

impl Conn {
    /// Counts the activities that were forwarded since a time.
    pub async fn forwards_since(&mut self, time: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM activities WHERE kind = 'Forward' AND created_at > $1",
            time
        )
    }
}

impl Tx {
    /// Enqueues an activity to the destinations of an actor's followers, except those on its origin `host`.
    pub async fn enqueue_forward(
        &mut self,
        activity_id: i64,
        local_actor_id: i64,
        host: &str,
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT d.id, $1, $2 FROM destinations d WHERE d.state = 'alive' AND d.host <> $4
                AND (SELECT f.actor_id FROM followers f
                    WHERE f.local_actor_id = $3 AND f.state = 'accepted' AND f.destination_id = d.id
                        AND f.actor_id NOT IN (SELECT a.id FROM blocks b JOIN remote_actors a ON a.uri = b.value
                            WHERE b.kind = 'actor') LIMIT 1) IS NOT NULL
             ORDER BY d.id ON CONFLICT DO NOTHING",
            activity_id,
            now(),
            local_actor_id,
            host
        )?;
        self.wake_destinations(activity_id, 0).await
    }

    /// Deletes forwarded activities from before `time`, delivered or not.
    pub async fn forget_forwards(&mut self, time: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM activities WHERE kind = 'Forward' AND created_at < $1",
            time
        )?;
        Ok(())
    }

    /// Empties the forwarded activities about a comment. Those that wait for delivery are emptied later, because the
    /// forwarded deletion follows them.
    pub(in crate::store) async fn clear_forwards_of_comment(
        &mut self,
        comment_id: i64,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE activities SET body = '' WHERE kind = 'Forward'
             AND object_uri = (SELECT uri FROM comments WHERE id = $1)
             AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)",
            comment_id
        )?;
        Ok(())
    }

    /// Empties the forwarded activities about deleted posts.
    pub async fn clear_forwards_of_deleted(&mut self) -> Result<()> {
        // The condition on the time leads SQLite to the index of forwarded activities.
        execute!(
            self,
            "UPDATE activities SET body = '' WHERE kind = 'Forward' AND body <> ''
             AND created_at > 0 AND EXISTS (SELECT 1 FROM tombstones t WHERE t.uri = activities.object_uri)
             AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)"
        )?;
        Ok(())
    }
}

//! Enqueues activities to destinations.

use crate::store::database::{Result, Tx, execute, now, to_json};
use serde::Serialize;

/// A delivery to be enqueued.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct NewDelivery {
    pub activity_id: i64,
    pub destination_id: i64,
}

/// Makes destinations due at $1 with the priority $2, unless they wait for a retry.
macro_rules! due {
    ($which:literal) => {
        concat!(
            "UPDATE destinations SET generation = generation + 1,
                next_attempt_at = CASE WHEN next_attempt_at IS NULL OR (failing_since IS NULL AND next_attempt_at > $1)
                    THEN $1 ELSE next_attempt_at END,
                priority = CASE WHEN priority > $2 THEN priority ELSE $2 END
             WHERE ",
            $which
        )
    };
}

impl Tx {
    /// Enqueues an activity again to an actor's followers; only to those on `host`, if it is given, even if its
    /// destinations are dead. Returns the number of deliveries.
    pub async fn enqueue_again(
        &mut self,
        activity_id: i64,
        local_actor_id: i64,
        host: Option<&str>,
    ) -> Result<u64> {
        self.uncount_repeats(activity_id, local_actor_id, host)
            .await?;
        let count = execute!(
            self,
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT d.id, $1, $2 FROM destinations d WHERE (SELECT f.actor_id FROM followers f
                    WHERE f.local_actor_id = $3 AND f.state = 'accepted' AND f.destination_id = d.id LIMIT 1) IS NOT NULL
                AND CASE WHEN $4 IS NULL THEN d.state = 'alive' ELSE d.host = $4 AND d.state IN ('alive', 'dead') END
             ON CONFLICT (destination_id, activity_id) DO UPDATE SET state = 'waiting', status = NULL, error = NULL,
                attempts = 0, not_before = 0, refused_at = NULL",
            activity_id,
            now(),
            local_actor_id,
            host
        )?;
        self.wake_waiting_destinations(host).await?;
        Ok(count)
    }

    /// Enqueues an activity to all destinations of an actor's followers, in one statement. Returns the number of
    /// deliveries.
    pub async fn enqueue_to_followers(
        &mut self,
        activity_id: i64,
        local_actor_id: i64,
    ) -> Result<u64> {
        // One look into an index for each destination: a join would read all followers.
        let deliveries = execute!(
            self,
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT d.id, $1, $2 FROM destinations d WHERE d.state = 'alive' AND (SELECT f.actor_id FROM followers f
                WHERE f.local_actor_id = $3 AND f.state = 'accepted' AND f.destination_id = d.id
                    AND f.actor_id NOT IN (SELECT a.id FROM blocks b JOIN remote_actors a ON a.uri = b.value
                        WHERE b.kind = 'actor' AND b.severity = 'block') LIMIT 1) IS NOT NULL
             ORDER BY d.id ON CONFLICT DO NOTHING",
            activity_id,
            now(),
            local_actor_id
        )?;
        self.wake_destinations(activity_id, 0).await?;
        Ok(deliveries)
    }

    /// Enqueues an activity to all live destinations. Returns the number of deliveries.
    pub async fn enqueue_to_everyone(&mut self, activity_id: i64) -> Result<u64> {
        let deliveries = execute!(
            self,
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT id, $1, $2 FROM destinations WHERE state = 'alive'
                AND inbox NOT IN (SELECT a.inbox FROM blocks b JOIN remote_actors a ON a.uri = b.value
                    WHERE b.kind = 'actor' AND b.severity = 'block')
             ON CONFLICT DO NOTHING",
            activity_id,
            now()
        )?;
        self.wake_destinations(activity_id, 0).await?;
        Ok(deliveries)
    }

    /// Enqueues an activity to one destination, ahead of those with only a part in a fan-out.
    pub async fn enqueue_to(&mut self, activity_id: i64, destination_id: i64) -> Result<()> {
        self.enqueue_each(&[NewDelivery {
            activity_id,
            destination_id,
        }])
        .await
    }

    /// Enqueues activities, each to one destination, ahead of those with only a part in a fan-out. Those whose object was
    /// in no activity before may also overtake what waits for the same destination.
    pub async fn enqueue_each(&mut self, deliveries: &[NewDelivery]) -> Result<()> {
        execute!(
            self,
            rows(
                "$1",
                [activity_id bigint, destination_id bigint],
                "INSERT INTO deliveries (destination_id, activity_id, created_at, priority)
                 SELECT d.id, r.activity_id, $2,
                    CASE WHEN a.kind IN ('Accept', 'Reject', 'Create', 'Flag') THEN 1 ELSE 0 END
                 FROM r JOIN destinations d ON d.id = r.destination_id JOIN activities a ON a.id = r.activity_id
                 WHERE d.state IN ('alive', 'dead') ON CONFLICT DO NOTHING"
            ),
            to_json(deliveries),
            now()
        )?;
        let destinations: Vec<i64> = deliveries.iter().map(|it| it.destination_id).collect();
        execute!(
            self,
            ids(due!("state IN ('alive', 'dead') AND id IN "), "$3", ""),
            now(),
            1i64,
            to_json(&destinations)
        )?;
        self.notify_nodes().await
    }

    /// Makes the destinations with a waiting delivery of an activity due, unless they wait for a retry.
    pub(in crate::store) async fn wake_destinations(
        &mut self,
        activity_id: i64,
        priority: i64,
    ) -> Result<()> {
        execute!(
            self,
            due!(
                "id IN (SELECT destination_id FROM deliveries WHERE activity_id = $3 AND state = 'waiting')"
            ),
            now(),
            priority,
            activity_id
        )?;
        self.notify_nodes().await
    }
}

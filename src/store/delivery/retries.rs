//! Deliveries that the admin retries, drops or sends again.

use crate::store::{
    database::{Result, Tx, execute, fetch_scalars, now},
    statistics::EndedDeliveries,
};

/// The result of a retry of refused deliveries.
#[derive(Debug, Clone, Copy)]
pub struct RetriedRefusals {
    pub deliveries: u64,
    /// Deliveries that were dropped, because their object was deleted since.
    pub withdrawn: u64,
}

impl Tx {
    /// Makes waiting deliveries due at once and revives dead destinations; only those of `host`, if it is given.
    /// Returns the number of destinations.
    pub async fn retry_destinations(&mut self, host: Option<&str>) -> Result<u64> {
        let count = execute!(
            self,
            "UPDATE destinations SET next_attempt_at = CASE WHEN next_attempt_at IS NULL THEN NULL ELSE $1 END,
                state = 'alive', failures = 0, failing_since = NULL, gone_since = NULL
             WHERE (failures > 0 OR state IN ('dead', 'refused')
                    OR id IN (SELECT destination_id FROM deliveries WHERE state = 'waiting' AND not_before > 0))
                AND state <> 'blocked' AND host = COALESCE($2, host)",
            now(),
            host
        )?;
        execute!(
            self,
            "UPDATE deliveries SET not_before = 0 WHERE state = 'waiting' AND not_before > 0
             AND destination_id IN (SELECT id FROM destinations WHERE host = COALESCE($1, host))",
            host
        )?;
        self.notify_nodes().await?;
        Ok(count)
    }

    /// Queues the deliveries that were refused since a time again, in their original order; only those of `host`, if it
    /// is given.
    ///
    /// A delivery whose object was deleted since is dropped, so that no `Create` follows its `Delete`. If a `Create`
    /// would follow an accepted `Update`, that `Update` is queued again after it. `activities` is the prefix of an
    /// activity's id before the uid.
    pub async fn retry_refused(
        &mut self,
        host: Option<&str>,
        since: i64,
        activities: &str,
    ) -> Result<RetriedRefusals> {
        macro_rules! candidates {
            ($begin:literal, $end:literal) => {
                concat!(
                    $begin,
                    " w.state = 'refused' AND w.refused_at >= $1 AND w.destination_id IN
                        (SELECT id FROM destinations WHERE state <> 'blocked' AND host = COALESCE($2, host)) ",
                    $end
                )
            };
        }
        let withdrawn: Vec<i64> = fetch_scalars!(
            self,
            candidates!(
                "DELETE FROM deliveries WHERE id IN (SELECT w.id FROM deliveries w
                 JOIN activities a ON a.id = w.activity_id WHERE",
                "AND (EXISTS (SELECT 1 FROM activities g WHERE g.object_uri = a.object_uri AND g.kind = 'Delete'
                     AND g.id > a.id AND a.kind <> 'Delete')
                 OR EXISTS (SELECT 1 FROM activities g WHERE g.object_uri = $3 || a.uid AND g.kind = 'Undo')))
                 RETURNING activity_id"
            ),
            since,
            host,
            activities
        )?;
        let repeated: Vec<i64> = fetch_scalars!(
            self,
            candidates!(
                "INSERT INTO deliveries (destination_id, activity_id, created_at)
                 SELECT w.destination_id, MAX(u.id), $3 FROM deliveries w
                    JOIN activities a ON a.id = w.activity_id AND a.kind = 'Create'
                    JOIN activities u ON u.object_uri = a.object_uri AND u.kind = 'Update' AND u.id > a.id
                 WHERE",
                "GROUP BY w.destination_id, a.object_uri ON CONFLICT (destination_id, activity_id) DO NOTHING
                 RETURNING activity_id"
            ),
            since,
            host,
            now()
        )?;
        let mut ended = EndedDeliveries::default();
        ended.refused(&withdrawn);
        ended.repeated(&repeated);
        self.count_ended(ended).await?;
        execute!(
            self,
            "UPDATE destinations SET smallest_refused = NULL
             WHERE smallest_refused IS NOT NULL AND host = COALESCE($1, host)",
            host
        )?;
        let deliveries = execute!(
            self,
            candidates!(
                "UPDATE deliveries SET state = 'waiting', status = NULL, error = NULL, attempts = 0, not_before = 0,
                 refused_at = NULL WHERE id IN (SELECT w.id FROM deliveries w WHERE",
                ")"
            ),
            since,
            host
        )?;
        self.wake_waiting_destinations(host).await?;
        Ok(RetriedRefusals {
            deliveries,
            withdrawn: withdrawn.len() as u64,
        })
    }

    /// Makes destinations with a waiting delivery due, unless they wait for a retry.
    pub(super) async fn wake_waiting_destinations(&mut self, host: Option<&str>) -> Result<()> {
        execute!(
            self,
            "UPDATE destinations SET next_attempt_at = $1, generation = generation + 1
             WHERE (next_attempt_at IS NULL OR (failing_since IS NULL AND next_attempt_at > $1))
                AND host = COALESCE($2, host) AND state IN ('alive', 'dead') AND EXISTS (SELECT 1 FROM deliveries w
                    WHERE w.destination_id = destinations.id AND w.state = 'waiting' AND w.not_before <= $1)",
            now(),
            host
        )?;
        self.notify_nodes().await
    }

    /// Drops the deliveries in a state; only those of `host`, if it is given. Returns their number.
    pub async fn delete_deliveries(&mut self, host: Option<&str>, state: &str) -> Result<u64> {
        let activities: Vec<i64> = fetch_scalars!(
            self,
            "DELETE FROM deliveries WHERE state = $1
             AND destination_id IN (SELECT id FROM destinations WHERE host = COALESCE($2, host))
             RETURNING activity_id",
            state,
            host
        )?;
        let mut ended = EndedDeliveries::default();
        if state == "refused" {
            ended.refused(&activities);
        } else {
            ended.given_up(&activities);
        }
        self.count_ended(ended).await?;
        Ok(activities.len() as u64)
    }
}

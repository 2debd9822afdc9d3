//! What the admin does about deliveries: try again at once, give up, send again.

use crate::store::database::{Conn, Result, now, on};

/// The result of a retry of refused deliveries.
#[derive(Debug, Clone, Copy)]
pub struct RetriedRefusals {
    pub deliveries: u64,
    /// Deliveries that were given up, because their object was withdrawn since.
    pub withdrawn: u64,
}

impl Conn {
    /// What waits is due at once, and dead destinations live again; of one host, if it is named. The
    /// number of destinations.
    pub async fn retry_destinations(&mut self, host: Option<&str>) -> Result<u64> {
        let count = on!(self, |c| {
            sqlx::query(
            "UPDATE destinations SET next_attempt_at = CASE WHEN next_attempt_at IS NULL THEN NULL ELSE $1 END,
                state = 'alive', failures = 0, failing_since = NULL, gone_since = NULL
             WHERE (failures > 0 OR state IN ('dead', 'refused')
                    OR id IN (SELECT destination_id FROM deliveries WHERE state = 'waiting' AND not_before > 0))
                AND state <> 'blocked' AND host = COALESCE($2, host)"
        )
        .bind(now())
        .bind(host)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
        })?;
        on!(self, |c| {
            sqlx::query(
                "UPDATE deliveries SET not_before = 0 WHERE state = 'waiting' AND not_before > 0
                AND destination_id IN (SELECT id FROM destinations WHERE host = COALESCE($1, host))",
            )
            .bind(host)
            .execute(c)
            .await
            .map(drop)
        })?;
        self.notify_nodes().await?;
        Ok(count)
    }

    /// Queues the deliveries refused since a time again, in their original order; of one host, if it is given.
    ///
    /// A delivery whose object was withdrawn in the meantime is given up instead, so that no `Create` follows its
    /// `Delete`. If a `Create` would come after an accepted `Update`, that `Update` is queued again behind it.
    /// `activities` is the prefix of an activity's address before the uid.
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
        let withdrawn = on!(self, |c| {
            sqlx::query(candidates!(
                "DELETE FROM deliveries WHERE id IN (SELECT w.id FROM deliveries w
                    JOIN activities a ON a.id = w.activity_id WHERE",
                "AND (EXISTS (SELECT 1 FROM activities g WHERE g.object_uri = a.object_uri AND g.kind = 'Delete'
                        AND g.id > a.id AND a.kind <> 'Delete')
                    OR EXISTS (SELECT 1 FROM activities g WHERE g.object_uri = $3 || a.uid AND g.kind = 'Undo')))"
            ))
            .bind(since)
            .bind(host)
            .bind(activities)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        on!(self, |c| {
            sqlx::query(candidates!(
                "INSERT INTO deliveries (destination_id, activity_id, created_at)
                 SELECT w.destination_id, MAX(u.id), $3 FROM deliveries w
                    JOIN activities a ON a.id = w.activity_id AND a.kind = 'Create'
                    JOIN activities u ON u.object_uri = a.object_uri AND u.kind = 'Update' AND u.id > a.id
                 WHERE",
                "GROUP BY w.destination_id, a.object_uri ON CONFLICT (destination_id, activity_id) DO NOTHING"
            ))
            .bind(since)
            .bind(host)
            .bind(now())
            .execute(c)
            .await
            .map(drop)
        })?;
        on!(self, |c| {
            sqlx::query(
                "UPDATE destinations SET smallest_refused = NULL
             WHERE smallest_refused IS NOT NULL AND host = COALESCE($1, host)",
            )
            .bind(host)
            .execute(c)
            .await
            .map(drop)
        })?;
        let deliveries = on!(self, |c| {
            sqlx::query(candidates!(
                "UPDATE deliveries SET state = 'waiting', status = NULL, error = NULL, attempts = 0, not_before = 0,
                    refused_at = NULL WHERE id IN (SELECT w.id FROM deliveries w WHERE",
                ")"
            ))
            .bind(since)
            .bind(host)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        self.stir_waiting(host).await?;
        Ok(RetriedRefusals {
            deliveries,
            withdrawn,
        })
    }

    /// Starts the clocks of destinations with a waiting delivery that have no clock, or one set by a deferral.
    pub(super) async fn stir_waiting(&mut self, host: Option<&str>) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE destinations SET next_attempt_at = $1, generation = generation + 1
             WHERE (next_attempt_at IS NULL OR (failing_since IS NULL AND next_attempt_at > $1))
                AND host = COALESCE($2, host) AND state IN ('alive', 'dead') AND EXISTS (SELECT 1 FROM deliveries w
                    WHERE w.destination_id = destinations.id AND w.state = 'waiting' AND w.not_before <= $1)"
        )
        .bind(now())
        .bind(host)
        .execute(c)
        .await
        .map(drop)
        })?;
        self.notify_nodes().await
    }

    /// Gives up what waits, or what was refused; of one host, if it is named. The number of deliveries.
    pub async fn drop_deliveries(&mut self, host: Option<&str>, state: &str) -> Result<u64> {
        Ok(on!(self, |c| {
            sqlx::query(
            "DELETE FROM deliveries WHERE state = $1
                AND destination_id IN (SELECT id FROM destinations WHERE host = COALESCE($2, host))"
        )
        .bind(state)
        .bind(host)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
        })?)
    }
}

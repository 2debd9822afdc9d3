//! Stores the results of delivery batches.

use super::destinations::DestinationState;
use crate::store::{
    database::{Result, Tx, execute, fetch_scalars, now, to_json},
    statistics::EndedDeliveries,
};
use serde::Serialize;

/// The state of a destination after a batch.
#[derive(Debug, Clone)]
pub enum DestinationHealth {
    /// It accepts deliveries. Further ones are due at once.
    Healthy,
    /// It responds but refuses every delivery. Further ones are due at once.
    Refusing { error: String },
    /// Unknown, because the worker stopped. It is due at once, with its clock and counts unchanged.
    Unknown,
    /// No attempt was made. It is due again after this many milliseconds.
    Postponed { wait: i64 },
    /// It failed. The next attempt is at `next_attempt_at`.
    Failing { next_attempt_at: i64, error: String },
    /// It has failed for so long that only one delivery is kept, as a probe at `next_attempt_at`.
    Dead { next_attempt_at: i64, error: String },
    /// It responded that it is gone. The next attempt is with the next activity, or at once if one waits.
    Gone { error: String },
    /// Its address is one that we never connect to.
    Refused { error: String },
}

impl DestinationHealth {
    /// Returns whether an attempt to deliver failed.
    pub fn is_failure(&self) -> bool {
        !matches!(
            self,
            DestinationHealth::Healthy
                | DestinationHealth::Unknown
                | DestinationHealth::Postponed { .. }
        )
    }
}

/// The result of a batch for one destination.
#[derive(Debug, Clone)]
pub struct BatchResult {
    pub destination_id: i64,
    /// The generation at the time of the claim.
    pub generation: i64,
    pub delivered: Vec<i64>,
    /// Delivery, HTTP status if there was one, and reason.
    pub refused: Vec<(i64, Option<u16>, String)>,
    pub deferred: Vec<Deferral>,
    /// The accepted `Update`s with new keys of local actors.
    pub handovers: Vec<i64>,
    pub verdict: DestinationHealth,
}

/// A delivery that waits while others to its destination continue.
#[derive(Debug, Clone)]
pub struct Deferral {
    pub delivery: i64,
    pub until: i64,
    /// HTTP status and reason, if an attempt was made.
    pub failure: Option<(u16, String)>,
}

/// A destination that responded, as `save_responsive` passes it to the database.
#[derive(Serialize)]
struct ResponsiveRow {
    id: i64,
    generation: i64,
    delivered: usize,
    success: bool,
    refusing: bool,
    wait: i64,
    error: Option<String>,
}

impl Tx {
    /// Stores a batch of results and releases the leases.
    pub async fn save_results(&mut self, owner: &str, batch: &[BatchResult]) -> Result<()> {
        let mut ended = EndedDeliveries::default();
        let delivered = self
            .remove_deliveries(
                batch
                    .iter()
                    .flat_map(|result| &result.delivered)
                    .copied()
                    .collect(),
            )
            .await?;
        ended.delivered(&delivered);
        for result in batch {
            for (id, status, reason) in &result.refused {
                self.refuse_delivery(*id, status.map(i64::from), reason)
                    .await?;
            }
            for deferral in &result.deferred {
                self.defer_delivery(deferral).await?;
            }
            for activity_id in &result.handovers {
                self.add_key_announcement(result.destination_id, *activity_id)
                    .await?;
            }
        }
        let responsive: Vec<ResponsiveRow> = batch.iter().filter_map(responsive_row).collect();
        if !responsive.is_empty() {
            self.save_responsive(owner, &responsive).await?;
        }
        for result in batch {
            let given_up = self.save_failed(owner, result).await?;
            ended.given_up(&given_up);
        }
        let delivered: usize = batch.iter().map(|result| result.delivered.len()).sum();
        let failed = batch
            .iter()
            .filter(|result| result.verdict.is_failure())
            .count();
        self.count_deliveries(owner, delivered as i64, failed as i64)
            .await?;
        // Last, because other workers wait for these rows until the transaction ends.
        self.count_ended(ended).await
    }

    /// Returns the activities of the removed deliveries.
    async fn remove_deliveries(&mut self, ids: Vec<i64>) -> Result<Vec<i64>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = to_json(&ids);
        fetch_scalars!(
            self,
            [
                "DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each($1)) RETURNING activity_id",
                "DELETE FROM deliveries
                 WHERE id = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))
                 RETURNING activity_id"
            ],
            ids
        )
    }

    async fn refuse_delivery(&mut self, id: i64, status: Option<i64>, reason: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE deliveries SET state = 'refused', status = $2, error = $3, attempts = attempts + 1,
             not_before = 0, refused_at = $4 WHERE id = $1",
            id,
            status,
            reason,
            now()
        )?;
        Ok(())
    }

    async fn defer_delivery(&mut self, deferral: &Deferral) -> Result<()> {
        let (status, error) = match &deferral.failure {
            Some((status, error)) => (Some(i64::from(*status)), Some(error.as_str())),
            None => (None, None),
        };
        execute!(
            self,
            "UPDATE deliveries SET not_before = $2, attempts = attempts + $3, status = COALESCE($4, status),
             error = COALESCE($5, error) WHERE id = $1 AND state = 'waiting'",
            deferral.delivery,
            deferral.until,
            i64::from(deferral.failure.is_some()),
            status,
            error
        )?;
        Ok(())
    }

    async fn save_responsive(&mut self, owner: &str, rows: &[ResponsiveRow]) -> Result<()> {
        let rows = to_json(rows);
        macro_rules! update {
            ($source:literal) => {
                concat!(
                    "UPDATE destinations SET leased_until = 0, lease_owner = NULL,
                        delivered = destinations.delivered + s.delivered,
                        state = CASE WHEN (s.success OR s.refusing) AND state = 'dead' THEN 'alive' ELSE state END,
                        failures = CASE WHEN s.success THEN 0 WHEN s.refusing THEN 1 ELSE failures END,
                        failing_since = CASE WHEN s.success OR s.refusing THEN NULL ELSE failing_since END,
                        gone_since = CASE WHEN s.success OR s.refusing THEN NULL ELSE gone_since END,
                        last_error = COALESCE(s.error, CASE WHEN s.success THEN NULL ELSE last_error END),
                        last_success_at = CASE WHEN s.success THEN $2 ELSE last_success_at END,
                        priority = CASE WHEN destinations.generation = s.generation THEN 0 ELSE priority END,
                        next_attempt_at = CASE WHEN destinations.generation = s.generation AND NOT EXISTS (
                            SELECT 1 FROM deliveries w WHERE w.destination_id = destinations.id AND w.state = 'waiting'
                                AND w.not_before <= $2)
                            THEN (SELECT MIN(w.not_before) FROM deliveries w
                                WHERE w.destination_id = destinations.id AND w.state = 'waiting' AND w.not_before > 0)
                            ELSE $2 + s.wait END
                     FROM (",
                    $source,
                    ") s WHERE destinations.id = s.id AND destinations.lease_owner = $3"
                )
            };
        }
        execute!(
            self,
            [
                update!(
                    "SELECT value ->> 'id' AS id, value ->> 'generation' AS generation,
                        value ->> 'delivered' AS delivered, value ->> 'success' AS success,
                        value ->> 'refusing' AS refusing, value ->> 'wait' AS wait, value ->> 'error' AS error
                     FROM json_each($1)"
                ),
                update!(
                    "SELECT * FROM json_to_recordset($1::json)
                     AS r (id bigint, generation bigint, delivered bigint, success boolean, refusing boolean,
                         wait bigint, error text)"
                )
            ],
            rows,
            now(),
            owner
        )?;
        Ok(())
    }

    /// Returns the activities of the deliveries that were given up.
    async fn save_failed(&mut self, owner: &str, result: &BatchResult) -> Result<Vec<i64>> {
        let mut given_up = Vec::new();
        let (state, next_attempt_at, error) = match &result.verdict {
            DestinationHealth::Healthy
            | DestinationHealth::Refusing { .. }
            | DestinationHealth::Unknown
            | DestinationHealth::Postponed { .. } => return Ok(given_up),
            DestinationHealth::Failing {
                next_attempt_at,
                error,
            } => (DestinationState::Alive, Some(*next_attempt_at), error),
            DestinationHealth::Dead {
                next_attempt_at,
                error,
            } => (DestinationState::Dead, Some(*next_attempt_at), error),
            DestinationHealth::Gone { error } => (DestinationState::Alive, None, error),
            DestinationHealth::Refused { error } => (DestinationState::Refused, None, error),
        };
        if state == DestinationState::Dead {
            self.add_notice_of_dead(result.destination_id).await?;
            given_up = self
                .delete_all_but_last_delivery(result.destination_id)
                .await?;
        }
        if state == DestinationState::Refused {
            self.refuse_waiting(result.destination_id, error).await?;
        }
        let gone = matches!(result.verdict, DestinationHealth::Gone { .. });
        execute!(
            self,
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL, state = $3, priority = 0,
                failures = CASE WHEN $7 > 0 THEN 1 ELSE failures + 1 END,
                failing_since = CASE WHEN $4 THEN failing_since WHEN $7 > 0 THEN $5
                    ELSE COALESCE(failing_since, $5) END,
                gone_since = CASE WHEN $4 THEN COALESCE(gone_since, $5) ELSE gone_since END,
                next_attempt_at = COALESCE($6, (SELECT CASE WHEN MIN(w.not_before) > $5 THEN MIN(w.not_before)
                    WHEN MIN(w.not_before) >= 0 THEN $5 END
                    FROM deliveries w WHERE w.destination_id = destinations.id AND w.state = 'waiting')),
                delivered = delivered + $7, last_error = $8
             WHERE id = $1 AND lease_owner = $2 AND state <> 'blocked'",
            result.destination_id,
            owner,
            state.as_str(),
            gone,
            now(),
            next_attempt_at,
            result.delivered.len() as i64,
            error
        )?;
        Ok(given_up)
    }

    /// Returns the activities of the deleted deliveries. A closed publication keeps all of them, since each is the end of an
    /// actor.
    async fn delete_all_but_last_delivery(&mut self, destination_id: i64) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "DELETE FROM deliveries WHERE destination_id = $1 AND state = 'waiting' AND id <
                (SELECT MAX(id) FROM deliveries WHERE destination_id = $1 AND state = 'waiting')
                AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'closed') RETURNING activity_id",
            destination_id
        )
    }

    async fn refuse_waiting(&mut self, destination_id: i64, reason: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE deliveries SET state = 'refused', error = $2, not_before = 0, refused_at = $3
             WHERE destination_id = $1 AND state = 'waiting'",
            destination_id,
            reason,
            now()
        )?;
        Ok(())
    }
}

fn responsive_row(result: &BatchResult) -> Option<ResponsiveRow> {
    let row = ResponsiveRow {
        id: result.destination_id,
        generation: result.generation,
        delivered: result.delivered.len(),
        success: false,
        refusing: false,
        wait: 0,
        error: None,
    };
    Some(match &result.verdict {
        DestinationHealth::Healthy => ResponsiveRow {
            success: true,
            ..row
        },
        DestinationHealth::Refusing { error } => ResponsiveRow {
            refusing: true,
            error: Some(error.clone()),
            ..row
        },
        DestinationHealth::Unknown => row,
        DestinationHealth::Postponed { wait } => ResponsiveRow { wait: *wait, ..row },
        _ => return None,
    })
}

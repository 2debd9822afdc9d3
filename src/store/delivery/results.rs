//! Stores the results of delivery turns for deliveries and destinations, in batches.

use crate::store::database::{Conn, Raw, Result, now, on};
use serde::Serialize;

/// The state of a destination after a worker's turn.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It accepts deliveries; the remaining ones are due at once.
    Well,
    /// It responds but refuses every delivery; the remaining ones are due at once.
    Refusing { error: String },
    /// Nothing is known (the worker stopped): due at once, with clock and counts unchanged.
    Unknown,
    /// No attempt was made: due again after this many milliseconds.
    Postponed { wait: i64 },
    /// It failed: no attempt before `next_attempt_at`.
    Failing { next_attempt_at: i64, error: String },
    /// It has failed for so long that only one delivery is kept, as a probe at `next_attempt_at`.
    Dead { next_attempt_at: i64, error: String },
    /// It reported that it is gone; tried again with the next activity, or at once if one waits.
    Gone { error: String },
    /// It is not deliverable at all: its address is one that we never connect to.
    Refused { error: String },
}

impl Verdict {
    /// Returns whether an attempt to deliver failed.
    pub fn is_failure(&self) -> bool {
        !matches!(
            self,
            Verdict::Well | Verdict::Unknown | Verdict::Postponed { .. }
        )
    }
}

/// The result of a worker's turn with one destination.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub destination_id: i64,
    /// The generation at the time of the claim.
    pub generation: i64,
    pub delivered: Vec<i64>,
    /// Delivery, HTTP status if there was one, and reason.
    pub refused: Vec<(i64, Option<u16>, String)>,
    pub deferred: Vec<Deferral>,
    /// The `Update`s with new keys of local actors that it accepted.
    pub handovers: Vec<i64>,
    pub verdict: Verdict,
}

/// A delivery that waits while others to the same destination continue.
#[derive(Debug, Clone)]
pub struct Deferral {
    pub delivery: i64,
    pub until: i64,
    /// HTTP status and reason, if an attempt was made.
    pub failure: Option<(u16, String)>,
}

/// A destination that accepted a delivery or at least responded, as `settle_well` reads it.
#[derive(Serialize)]
struct WellRow {
    id: i64,
    generation: i64,
    delivered: usize,
    success: bool,
    refusing: bool,
    wait: i64,
    error: Option<String>,
}

impl Conn {
    /// Stores a batch of results and releases the leases.
    pub async fn settle(&mut self, owner: &str, batch: &[Settlement]) -> Result<()> {
        self.remove_deliveries(
            batch
                .iter()
                .flat_map(|turn| &turn.delivered)
                .copied()
                .collect(),
        )
        .await?;
        for turn in batch {
            for (id, status, reason) in &turn.refused {
                self.refuse_delivery(*id, status.map(i64::from), reason)
                    .await?;
            }
            for deferral in &turn.deferred {
                self.defer_delivery(deferral).await?;
            }
            for activity_id in &turn.handovers {
                self.add_key_handover(turn.destination_id, *activity_id)
                    .await?;
            }
        }
        let well: Vec<WellRow> = batch.iter().filter_map(well_row).collect();
        if !well.is_empty() {
            self.settle_well(owner, &well).await?;
        }
        for turn in batch {
            self.settle_unwell(owner, turn).await?;
        }
        let delivered: usize = batch.iter().map(|turn| turn.delivered.len()).sum();
        let failed = batch
            .iter()
            .filter(|turn| turn.verdict.is_failure())
            .count();
        self.count_deliveries(owner, delivered as i64, failed as i64)
            .await
    }

    async fn remove_deliveries(&mut self, ids: Vec<i64>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = serde_json::to_string(&ids).unwrap_or_default();
        match self.raw() {
            Raw::Sqlite(c) => {
                sqlx::query("DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each($1))")
                    .bind(ids)
                    .execute(c)
                    .await?;
            }
            Raw::Postgres(c) => {
                sqlx::query(
                    "DELETE FROM deliveries
                     WHERE id = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))",
                )
                .bind(ids)
                .execute(c)
                .await?;
            }
        }
        Ok(())
    }

    async fn refuse_delivery(&mut self, id: i64, status: Option<i64>, reason: &str) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE deliveries SET state = 'refused', status = $2, error = $3, attempts = attempts + 1,
                not_before = 0, refused_at = $4 WHERE id = $1"
        )
        .bind(id)
        .bind(status)
        .bind(reason)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    async fn defer_delivery(&mut self, deferral: &Deferral) -> Result<()> {
        let (status, error) = match &deferral.failure {
            Some((status, error)) => (Some(i64::from(*status)), Some(error.as_str())),
            None => (None, None),
        };
        on!(self, |c| {
            sqlx::query(
                "UPDATE deliveries SET not_before = $2, attempts = attempts + $3, status = COALESCE($4, status),
                error = COALESCE($5, error) WHERE id = $1 AND state = 'waiting'",
            )
            .bind(deferral.delivery)
            .bind(deferral.until)
            .bind(i64::from(deferral.failure.is_some()))
            .bind(status)
            .bind(error)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    async fn settle_well(&mut self, owner: &str, rows: &[WellRow]) -> Result<()> {
        let rows = serde_json::to_string(rows).unwrap_or_default();
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
        macro_rules! run {
            ($statement:expr, $c:expr) => {
                sqlx::query($statement)
                    .bind(rows)
                    .bind(now())
                    .bind(owner)
                    .execute($c)
                    .await
                    .map(drop)?
            };
        }
        match self.raw() {
            Raw::Sqlite(c) => run!(
                update!(
                    "SELECT value ->> 'id' AS id, value ->> 'generation' AS generation,
                        value ->> 'delivered' AS delivered, value ->> 'success' AS success,
                        value ->> 'refusing' AS refusing, value ->> 'wait' AS wait, value ->> 'error' AS error
                     FROM json_each($1)"
                ),
                c
            ),
            Raw::Postgres(c) => run!(
                update!(
                    "SELECT * FROM json_to_recordset($1::json)
                        AS r (id bigint, generation bigint, delivered bigint, success boolean, refusing boolean,
                            wait bigint, error text)"
                ),
                c
            ),
        }
        Ok(())
    }

    async fn settle_unwell(&mut self, owner: &str, turn: &Settlement) -> Result<()> {
        let (state, next_attempt_at, error) = match &turn.verdict {
            Verdict::Well
            | Verdict::Refusing { .. }
            | Verdict::Unknown
            | Verdict::Postponed { .. } => return Ok(()),
            Verdict::Failing {
                next_attempt_at,
                error,
            } => ("alive", Some(*next_attempt_at), error),
            Verdict::Dead {
                next_attempt_at,
                error,
            } => ("dead", Some(*next_attempt_at), error),
            Verdict::Gone { error } => ("alive", None, error),
            Verdict::Refused { error } => ("refused", None, error),
        };
        if state == "dead" {
            self.add_notice_of_dead(turn.destination_id).await?;
            self.keep_one_delivery(turn.destination_id).await?;
        }
        if state == "refused" {
            self.refuse_waiting(turn.destination_id, error).await?;
        }
        let gone = matches!(turn.verdict, Verdict::Gone { .. });
        on!(self, |c| {
            sqlx::query(
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL, state = $3, priority = 0,
                failures = CASE WHEN $7 > 0 THEN 1 ELSE failures + 1 END,
                failing_since = CASE WHEN $4 THEN failing_since WHEN $7 > 0 THEN $5
                    ELSE COALESCE(failing_since, $5) END,
                gone_since = CASE WHEN $4 THEN COALESCE(gone_since, $5) ELSE gone_since END,
                next_attempt_at = COALESCE($6, (SELECT CASE WHEN MIN(w.not_before) > $5 THEN MIN(w.not_before)
                    WHEN MIN(w.not_before) >= 0 THEN $5 END
                    FROM deliveries w WHERE w.destination_id = destinations.id AND w.state = 'waiting')),
                delivered = delivered + $7, last_error = $8
             WHERE id = $1 AND lease_owner = $2 AND state <> 'blocked'"
        )
        .bind(turn.destination_id)
        .bind(owner)
        .bind(state)
        .bind(gone)
        .bind(now())
        .bind(next_attempt_at)
        .bind(turn.delivered.len() as i64)
        .bind(error)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    async fn keep_one_delivery(&mut self, destination_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM deliveries WHERE destination_id = $1 AND state = 'waiting' AND id <
                (SELECT MAX(id) FROM deliveries WHERE destination_id = $1 AND state = 'waiting')"
        )
        .bind(destination_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    async fn refuse_waiting(&mut self, destination_id: i64, reason: &str) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE deliveries SET state = 'refused', error = $2, not_before = 0, refused_at = $3
             WHERE destination_id = $1 AND state = 'waiting'"
        )
        .bind(destination_id)
        .bind(reason)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }
}

fn well_row(turn: &Settlement) -> Option<WellRow> {
    let row = WellRow {
        id: turn.destination_id,
        generation: turn.generation,
        delivered: turn.delivered.len(),
        success: false,
        refusing: false,
        wait: 0,
        error: None,
    };
    Some(match &turn.verdict {
        Verdict::Well => WellRow {
            success: true,
            ..row
        },
        Verdict::Refusing { error } => WellRow {
            refusing: true,
            error: Some(error.clone()),
            ..row
        },
        Verdict::Unknown => row,
        Verdict::Postponed { wait } => WellRow { wait: *wait, ..row },
        _ => return None,
    })
}

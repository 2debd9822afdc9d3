//! Leases, by which workers share the destinations.

use super::destinations::Destination;
use crate::store::database::{Result, Tx, execute, fetch_all, now, to_json};

impl Tx {
    /// Leases up to `limit` due destinations of at least this priority to `owner` until `leased_until`; none while
    /// deliveries are held.
    pub async fn claim_destinations(
        &mut self,
        owner: &str,
        leased_until: i64,
        priority: i64,
        limit: i64,
    ) -> Result<Vec<Destination>> {
        macro_rules! claim {
            ($lock:literal) => {
                concat!(
                    "UPDATE destinations SET leased_until = $1, lease_owner = $2 WHERE id IN (
                     SELECT id FROM destinations
                     WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= $3 AND leased_until < $3
                        AND priority >= $5
                        AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'deliveries_held')
                     ORDER BY priority DESC, next_attempt_at LIMIT $4 ",
                    $lock,
                    ") RETURNING id, inbox, host, state, generation, priority, failures, failing_since, gone_since, style,
                        smallest_refused"
                )
            };
        }
        fetch_all!(
            self,
            [claim!(""), claim!("FOR UPDATE SKIP LOCKED")],
            leased_until,
            owner,
            now(),
            limit,
            priority
        )
    }

    /// Extends all leases of `owner` until `leased_until`.
    pub async fn renew_leases(&mut self, owner: &str, leased_until: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE destinations SET leased_until = $2 WHERE next_attempt_at IS NOT NULL AND lease_owner = $1",
            owner,
            leased_until
        )?;
        Ok(())
    }

    /// Adjusts all times after the clock was set back by so many milliseconds: no retry is later than `longest` from
    /// now, no lease longer than `lease`.
    pub async fn adjust_to_clock_change(
        &mut self,
        by: i64,
        longest: i64,
        lease: i64,
    ) -> Result<()> {
        let now = now();
        execute!(
            self,
            "UPDATE destinations SET next_attempt_at = CASE
                WHEN next_attempt_at - $1 BETWEEN $2 AND $3 THEN next_attempt_at - $1 ELSE $2 END
             WHERE next_attempt_at > $2 AND ($1 > 0 OR next_attempt_at > $3)",
            by,
            now,
            now + longest
        )?;
        execute!(
            self,
            "UPDATE deliveries SET not_before = CASE
                WHEN not_before - $1 BETWEEN $2 AND $3 THEN not_before - $1 ELSE $2 END
             WHERE state = 'waiting' AND not_before > 0 AND not_before > $2 AND ($1 > 0 OR not_before > $3)",
            by,
            now,
            now + longest
        )?;
        execute!(
            self,
            "UPDATE key_handovers SET taken_at = $1 WHERE taken_at > $1",
            now
        )?;
        execute!(
            self,
            "UPDATE destinations SET leased_until = $1 WHERE leased_until > $1",
            now + lease
        )?;
        Ok(())
    }

    /// Releases the leases of `owner` except those of these destinations.
    pub async fn release_leases_except(
        &mut self,
        owner: &str,
        destination_ids: &[i64],
    ) -> Result<()> {
        execute!(
            self,
            ids(
                "UPDATE destinations SET leased_until = 0, lease_owner = NULL
                 WHERE lease_owner = $1 AND id NOT IN ",
                "$2",
                ""
            ),
            owner,
            to_json(destination_ids)
        )?;
        Ok(())
    }

    /// Releases all leases, when the only node on a database starts.
    pub(in crate::store) async fn release_all_leases(&mut self) -> Result<()> {
        execute!(
            self,
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE leased_until > 0"
        )?;
        Ok(())
    }
}

//! The leases by which workers share the destinations.

use super::destinations::Destination;
use crate::store::database::{Conn, Raw, Result, now, on};

impl Conn {
    /// Leases up to `limit` due destinations to `owner` until `leased_until`.
    pub async fn claim_destinations(
        &mut self,
        owner: &str,
        leased_until: i64,
        limit: i64,
    ) -> Result<Vec<Destination>> {
        macro_rules! claim {
            ($lock:literal) => {
                concat!(
                    "UPDATE destinations SET leased_until = $1, lease_owner = $2 WHERE id IN (
                        SELECT id FROM destinations
                        WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= $3 AND leased_until < $3
                        ORDER BY priority DESC, next_attempt_at LIMIT $4 ",
                    $lock,
                    ") RETURNING id, inbox, host, state, generation, failures, failing_since, gone_since, style,
                        smallest_refused"
                )
            };
        }
        macro_rules! run {
            ($statement:expr, $c:expr) => {
                sqlx::query_as($statement)
                    .bind(leased_until)
                    .bind(owner)
                    .bind(now())
                    .bind(limit)
                    .fetch_all($c)
                    .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => run!(claim!(""), c),
            Raw::Postgres(c) => run!(claim!("FOR UPDATE SKIP LOCKED"), c),
        })
    }

    /// Keeps what `owner` has until `leased_until`.
    pub async fn renew_leases(&mut self, owner: &str, leased_until: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = $2 WHERE lease_owner = $1"
        )
        .bind(owner)
        .bind(leased_until)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The clock was set back by so many milliseconds: what was to be tried later is tried so much earlier, and
    /// none is later than `longest` from now, no lease longer than `lease`.
    pub async fn set_clocks_back(&mut self, by: i64, longest: i64, lease: i64) -> Result<()> {
        let now = now();
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET next_attempt_at = CASE
                WHEN next_attempt_at - $1 BETWEEN $2 AND $3 THEN next_attempt_at - $1 ELSE $2 END
             WHERE next_attempt_at > $2 AND ($1 > 0 OR next_attempt_at > $3)"
        )
        .bind(by)
        .bind(now)
        .bind(now + longest)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| {
            sqlx::query(
            "UPDATE deliveries SET not_before = CASE
                WHEN not_before - $1 BETWEEN $2 AND $3 THEN not_before - $1 ELSE $2 END
             WHERE state = 'waiting' AND not_before > 0 AND not_before > $2 AND ($1 > 0 OR not_before > $3)"
        )
        .bind(by)
        .bind(now)
        .bind(now + longest)
        .execute(c)
        .await
        .map(drop)
        })?;
        on!(self, |c| sqlx::query(
            "UPDATE key_handovers SET taken_at = $1 WHERE taken_at > $1"
        )
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = $1 WHERE leased_until > $1"
        )
        .bind(now + lease)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Gives back what `owner` has and does not work on.
    pub async fn release_all_but(&mut self, owner: &str, destination_ids: &[i64]) -> Result<()> {
        let ids = serde_json::to_string(destination_ids).unwrap_or_default();
        macro_rules! release {
            ($list:literal) => {
                concat!(
                    "UPDATE destinations SET leased_until = 0, lease_owner = NULL
                     WHERE lease_owner = $1 AND id NOT IN (",
                    $list,
                    ")"
                )
            };
        }
        macro_rules! run {
            ($statement:expr, $c:expr) => {
                sqlx::query($statement)
                    .bind(owner)
                    .bind(ids)
                    .execute($c)
                    .await
                    .map(drop)?
            };
        }
        match self.raw() {
            Raw::Sqlite(c) => run!(release!("SELECT value FROM json_each($2)"), c),
            Raw::Postgres(c) => run!(
                release!("SELECT value::bigint FROM json_array_elements_text($2::json)"),
                c
            ),
        }
        Ok(())
    }

    /// Gives back what no one works on any more: all leases, at the start of the only node on a database.
    pub(in crate::store) async fn release_leases(&mut self) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE leased_until > 0"
        )
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

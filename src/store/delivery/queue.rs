//! Deliveries wait in a queue for each destination, claimed by leases.

use crate::store::database::{Conn, Raw, Result, on};
use sqlx::FromRow;

/// A delivery that is next for its destination.
#[derive(Debug, Clone, FromRow)]
pub struct DueDelivery {
    pub id: i64,
    pub destination_id: i64,
    pub activity_id: i64,
    /// The number of failed attempts.
    pub attempts: i64,
    /// The time of the next attempt of an earlier, deferred activity about the same object.
    pub held_until: Option<i64>,
}

impl Conn {
    /// Returns the first `each` waiting deliveries of each of these destinations that are due by `now`, in order.
    pub async fn waiting_deliveries(
        &mut self,
        destination_ids: &[i64],
        each: i64,
        now: i64,
    ) -> Result<Vec<DueDelivery>> {
        let ids = serde_json::to_string(destination_ids).unwrap_or_default();
        // The object of an `Undo` of a local activity is that activity's address, which ends in its uid.
        macro_rules! select {
            ($list:literal) => {
                concat!(
                    "SELECT d.id, d.destination_id, d.activity_id, d.attempts,
                        (SELECT MAX(e.not_before) FROM deliveries e
                            JOIN activities ea ON ea.id = e.activity_id JOIN activities a ON a.id = d.activity_id
                            WHERE e.destination_id = d.destination_id AND e.state = 'waiting' AND e.not_before > 0
                                AND e.not_before > $3 AND e.id < d.id
                                AND (ea.object_uri = a.object_uri OR a.object_uri LIKE '%/' || ea.uid)) AS held_until
                     FROM (
                        SELECT t.id, COALESCE((SELECT w.id FROM deliveries w
                            WHERE w.destination_id = t.id AND w.state = 'waiting' AND w.not_before <= $3
                            ORDER BY w.id LIMIT 1 OFFSET $2), 9223372036854775807) AS last
                        FROM destinations t WHERE t.id IN (",
                    $list,
                    ")) t JOIN deliveries d ON d.destination_id = t.id AND d.state = 'waiting' AND d.id <= t.last
                        AND d.not_before <= $3
                    ORDER BY d.destination_id, d.id"
                )
            };
        }
        macro_rules! run {
            ($statement:expr, $c:expr) => {
                sqlx::query_as($statement)
                    .bind(ids)
                    .bind(each - 1)
                    .bind(now)
                    .fetch_all($c)
                    .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => run!(select!("SELECT value FROM json_each($1)"), c),
            Raw::Postgres(c) => run!(
                select!("SELECT value::bigint FROM json_array_elements_text($1::json)"),
                c
            ),
        })
    }

    /// When the next destination is due; `None` while nothing waits.
    pub async fn next_attempt(&mut self) -> Result<Option<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT MIN(CASE WHEN leased_until > next_attempt_at THEN leased_until ELSE next_attempt_at END)
             FROM destinations WHERE next_attempt_at IS NOT NULL"
        )
        .fetch_one(c)
        .await
        })?)
    }
}

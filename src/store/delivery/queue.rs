//! Deliveries, queued for each destination.

use crate::store::database::{Conn, Result, fetch_all, fetch_scalar, to_json};
use sqlx::FromRow;

/// The next delivery for a destination.
#[derive(Debug, Clone, FromRow)]
pub struct DueDelivery {
    pub id: i64,
    pub destination_id: i64,
    pub activity_id: i64,
    /// The number of failed attempts.
    pub attempts: i64,
    /// Above 0, it may overtake those without priority for the same destination.
    pub priority: i64,
    /// The time of the next attempt of an earlier, deferred activity about the same object.
    pub held_until: Option<i64>,
}

/// A due destination with urgent deliveries.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct UrgentDestination {
    pub id: i64,
    /// It has grown if something was enqueued since the destination was claimed.
    pub generation: i64,
    /// Whether it can be claimed.
    pub is_free: bool,
}

impl Conn {
    /// Returns the first `each` waiting deliveries of each of these destinations that are due by `now`, in order.
    pub async fn waiting_deliveries(
        &mut self,
        destination_ids: &[i64],
        each: i64,
        now: i64,
    ) -> Result<Vec<DueDelivery>> {
        // The object of an `Undo` of a local activity is that activity's address, which ends in its uid.
        macro_rules! held_until {
            ($destination:literal) => {
                concat!(
                    "(SELECT MAX(e.not_before) FROM deliveries e
                        JOIN activities ea ON ea.id = e.activity_id JOIN activities a ON a.id = d.activity_id
                        WHERE e.destination_id = ",
                    $destination,
                    " AND e.state = 'waiting' AND e.not_before > 0 AND e.not_before > $3 AND e.id < d.id
                            AND (ea.object_uri = a.object_uri OR a.object_uri LIKE '%/' || ea.uid)) AS held_until"
                )
            };
        }
        fetch_all!(
            self,
            [
                concat!(
                    "SELECT d.id, d.destination_id, d.activity_id, d.attempts, d.priority, ",
                    held_until!("d.destination_id"),
                    " FROM (
                        SELECT t.id, COALESCE((SELECT w.id FROM deliveries w
                            WHERE w.destination_id = t.id AND w.state = 'waiting' AND w.not_before <= $3
                            ORDER BY w.id LIMIT 1 OFFSET $2 - 1), 9223372036854775807) AS last
                        FROM destinations t WHERE t.id IN (SELECT value FROM json_each($1))
                     ) t JOIN deliveries d ON d.destination_id = t.id AND d.state = 'waiting' AND d.id <= t.last
                        AND d.not_before <= $3
                     ORDER BY d.destination_id, d.id"
                ),
                // This reads an index once for each destination, also without statistics.
                concat!(
                    "SELECT d.id, t.id AS destination_id, d.activity_id, d.attempts, d.priority, ",
                    held_until!("t.id"),
                    " FROM (SELECT value::bigint AS id FROM json_array_elements_text($1::json)) t CROSS JOIN LATERAL (
                        SELECT w.id, w.activity_id, w.attempts, w.priority FROM deliveries w
                        WHERE w.destination_id = t.id AND w.state = 'waiting' AND w.not_before <= $3
                        ORDER BY w.id LIMIT $2
                     ) d ORDER BY t.id, d.id"
                )
            ],
            to_json(destination_ids),
            each,
            now
        )
    }

    /// Returns the first `each` urgent deliveries that wait for each of these destinations and are due by `now`, in order.
    pub async fn urgent_deliveries(
        &mut self,
        destination_ids: &[i64],
        each: i64,
        now: i64,
    ) -> Result<Vec<DueDelivery>> {
        fetch_all!(
            self,
            [
                "SELECT d.id, d.destination_id, d.activity_id, d.attempts, d.priority, CAST(NULL AS BIGINT) AS held_until
                 FROM (
                    SELECT t.id, COALESCE((SELECT w.id FROM deliveries w
                        WHERE w.destination_id = t.id AND w.state = 'waiting' AND w.priority > 0
                        ORDER BY w.id LIMIT 1 OFFSET $2 - 1), 9223372036854775807) AS last
                    FROM destinations t WHERE t.id IN (SELECT value FROM json_each($1))
                 ) t JOIN deliveries d ON d.destination_id = t.id AND d.state = 'waiting' AND d.priority > 0
                    AND d.id <= t.last AND d.not_before <= $3
                 ORDER BY d.destination_id, d.id",
                "SELECT d.id, t.id AS destination_id, d.activity_id, d.attempts, d.priority,
                    CAST(NULL AS BIGINT) AS held_until
                 FROM (SELECT value::bigint AS id FROM json_array_elements_text($1::json)) t CROSS JOIN LATERAL (
                    SELECT w.id, w.activity_id, w.attempts, w.priority FROM deliveries w
                    WHERE w.destination_id = t.id AND w.state = 'waiting' AND w.priority > 0 AND w.not_before <= $3
                    ORDER BY w.id LIMIT $2
                 ) d ORDER BY t.id, d.id"
            ],
            to_json(destination_ids),
            each,
            now
        )
    }

    /// Returns up to `limit` due destinations with urgent deliveries: those that nobody has leased, and those that `owner`
    /// has, with their generations.
    pub async fn urgent_destinations(
        &mut self,
        owner: &str,
        limit: i64,
        now: i64,
    ) -> Result<Vec<UrgentDestination>> {
        fetch_all!(
            self,
            "SELECT id, generation, leased_until < $2 AS is_free FROM destinations
             WHERE next_attempt_at IS NOT NULL AND priority > 0 AND next_attempt_at <= $2
                AND (leased_until < $2 OR lease_owner = $1)
             ORDER BY priority DESC, next_attempt_at LIMIT $3",
            owner,
            now,
            limit
        )
    }

    /// Returns the time at which the next destination is due; `None` if nothing waits, or all deliveries are held.
    pub async fn next_attempt(&mut self) -> Result<Option<i64>> {
        fetch_scalar!(
            self,
            "SELECT MIN(CASE WHEN leased_until > next_attempt_at THEN leased_until ELSE next_attempt_at END)
             FROM destinations WHERE next_attempt_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'deliveries_held')"
        )
    }
}

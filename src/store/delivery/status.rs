//! Deliveries for the admin: totals, destinations, lists. All stay fast with a million rows.

use super::destinations::DestinationState;
use crate::store::database::{Conn, Result, fetch_all, fetch_one, now};
use sqlx::FromRow;

/// A destination for the admin's list.
#[derive(Debug, Clone, FromRow)]
pub struct DestinationStatus {
    pub inbox: String,
    pub host: String,
    pub state: DestinationState,
    pub waiting: i64,
    pub delivered: i64,
    pub failures: i64,
    pub failing_since: Option<i64>,
    pub next_attempt_at: Option<i64>,
    pub last_error: Option<String>,
}

/// Totals of all deliveries.
#[derive(Debug, Clone, FromRow)]
pub struct DeliveryOverview {
    pub destinations: i64,
    pub dead: i64,
    pub in_flight: i64,
    pub delivered: i64,
    pub waiting: i64,
    pub refused: i64,
    pub workers: i64,
    /// The time at which the oldest waiting delivery was enqueued.
    pub oldest: Option<i64>,
}

/// A delivery for the admin's lists.
#[derive(Debug, Clone, FromRow)]
pub struct ListedDelivery {
    pub id: i64,
    /// `waiting` or `refused`.
    pub state: String,
    pub inbox: String,
    pub kind: String,
    pub object_uri: String,
    pub created_at: i64,
    /// The time of the next attempt; `None` if it was refused.
    pub next_attempt_at: Option<i64>,
    pub status: Option<i64>,
    pub error: Option<String>,
}

impl Conn {
    pub async fn delivery_overview(&mut self) -> Result<DeliveryOverview> {
        fetch_one!(
            self,
            "SELECT COUNT(*) AS destinations,
                COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) AS dead,
                COALESCE(SUM(CASE WHEN leased_until > $1 THEN 1 ELSE 0 END), 0) AS in_flight,
                CAST(COALESCE(SUM(delivered), 0) AS BIGINT) AS delivered,
                (SELECT COUNT(*) FROM deliveries WHERE state = 'waiting') AS waiting,
                (SELECT COUNT(*) FROM deliveries WHERE state = 'refused') AS refused,
                (SELECT COUNT(*) FROM workers) AS workers,
                (SELECT created_at FROM deliveries WHERE state = 'waiting' ORDER BY id LIMIT 1) AS oldest
             FROM destinations",
            now()
        )
    }

    /// Returns the destinations that fail or have waiting deliveries, the longest-failing first; all of `host`, if it
    /// is given.
    pub async fn troubled_destinations(
        &mut self,
        host: Option<&str>,
        limit: i64,
    ) -> Result<Vec<DestinationStatus>> {
        fetch_all!(
            self,
            "SELECT d.inbox, d.host, d.state, d.delivered, d.failures, d.failing_since, d.next_attempt_at, d.last_error,
                (SELECT COUNT(*) FROM deliveries w WHERE w.destination_id = d.id AND w.state = 'waiting') AS waiting
             FROM (SELECT * FROM destinations
                WHERE CASE WHEN $1 IS NULL THEN next_attempt_at IS NOT NULL OR state <> 'alive' OR failures > 0
                    ELSE host = $1 END
                ORDER BY failing_since IS NULL, failing_since, id LIMIT $2) d
             ORDER BY d.failing_since IS NULL, d.failing_since, d.id",
            host,
            limit
        )
    }

    /// Returns the next `limit` deliveries with ids below `before`, newest first; only those of a host and in a state
    /// (`waiting`, `refused`), if these are given.
    pub async fn list_deliveries(
        &mut self,
        host: Option<&str>,
        state: Option<&str>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<ListedDelivery>> {
        macro_rules! list {
            ($from:literal) => {
                concat!(
                    "SELECT w.id, w.state, d.inbox, a.kind, a.object_uri, w.created_at, w.status, w.error,
                        CASE WHEN w.state = 'waiting' THEN d.next_attempt_at END AS next_attempt_at
                     FROM (SELECT * FROM deliveries WHERE id < $1 AND ",
                    $from,
                    " ORDER BY id DESC LIMIT $2) w
                     JOIN destinations d ON d.id = w.destination_id JOIN activities a ON a.id = w.activity_id
                     ORDER BY w.id DESC"
                )
            };
        }
        // One statement for each case, so that each uses its index.
        match (host, state) {
            (None, None) => fetch_all!(self, list!("TRUE"), before, limit),
            (None, Some("refused")) => {
                fetch_all!(self, list!("state = 'refused'"), before, limit)
            }
            (None, Some(_)) => fetch_all!(self, list!("state = 'waiting'"), before, limit),
            (Some(host), state) => fetch_all!(
                self,
                list!(
                    "destination_id IN (SELECT id FROM destinations WHERE host = $3)
                     AND state = COALESCE($4, state)"
                ),
                before,
                limit,
                host,
                state
            ),
        }
    }
}

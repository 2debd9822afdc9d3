//! Recent refusals by other servers, by host and reason.

use crate::store::database::{Conn, Result, fetch_all, fetch_scalar};
use sqlx::FromRow;

/// The refusals of one host for one reason.
#[derive(Debug, Clone, FromRow)]
pub struct Refusals {
    pub host: String,
    /// The HTTP status, if there was a response.
    pub status: Option<i64>,
    pub error: Option<String>,
    pub deliveries: i64,
    pub first_at: i64,
    pub last_at: i64,
    /// The time of the last delivery that the host accepted.
    pub last_success_at: Option<i64>,
}

impl Conn {
    /// Returns the refusals since a time, the most frequent first; only those of `host`, if it is given.
    pub async fn refusals_since(
        &mut self,
        since: i64,
        host: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Refusals>> {
        fetch_all!(
            self,
            "SELECT d.host, w.status, w.error, COUNT(*) AS deliveries, MIN(w.refused_at) AS first_at,
                MAX(w.refused_at) AS last_at,
                (SELECT MAX(o.last_success_at) FROM destinations o WHERE o.host = d.host) AS last_success_at
             FROM deliveries w JOIN destinations d ON d.id = w.destination_id
             WHERE w.state = 'refused' AND w.refused_at >= $1 AND d.host = COALESCE($2, d.host)
             GROUP BY d.host, w.status, w.error ORDER BY deliveries DESC, d.host LIMIT $3",
            since,
            host,
            limit
        )
    }

    /// Counts the distinct activities that were refused since a time; only by `host`, if it is given.
    pub async fn activities_refused_since(
        &mut self,
        since: i64,
        host: Option<&str>,
    ) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(DISTINCT w.activity_id) FROM deliveries w JOIN destinations d ON d.id = w.destination_id
             WHERE w.state = 'refused' AND w.refused_at >= $1 AND d.host = COALESCE($2, d.host)",
            since,
            host
        )
    }
}

//! The servers of readers.

use crate::store::database::{Conn, Result, fetch_all};
use sqlx::FromRow;

/// What came from a server, and went there.
#[derive(Debug, Clone, FromRow)]
pub struct HostStatistics {
    pub host: String,
    pub followers: i64,
    pub replies: i64,
    pub likes: i64,
    pub boosts: i64,
    /// The deliveries that it accepted, at any time.
    pub delivered: i64,
}

impl Conn {
    /// Returns the servers with the most followers, replies and reactions since a time.
    pub async fn host_statistics(&mut self, since: i64, limit: i64) -> Result<Vec<HostStatistics>> {
        fetch_all!(
            self,
            "SELECT t.host, t.followers, t.replies, t.likes, t.boosts, CAST(COALESCE((SELECT SUM(d.delivered)
                FROM destinations d WHERE d.host = t.host), 0) AS BIGINT) AS delivered
             FROM (SELECT host, CAST(SUM(followers) AS BIGINT) AS followers, CAST(SUM(replies) AS BIGINT) AS replies,
                    CAST(SUM(likes) AS BIGINT) AS likes, CAST(SUM(boosts) AS BIGINT) AS boosts FROM (
                SELECT r.host AS host, COUNT(*) AS followers, 0 AS replies, 0 AS likes, 0 AS boosts
                FROM followers f JOIN remote_actors r ON r.id = f.actor_id
                WHERE f.state = 'accepted' AND f.created_at >= $1 GROUP BY r.host
                UNION ALL SELECT r.host, 0, COUNT(*), 0, 0 FROM comments c JOIN remote_actors r ON r.id = c.actor_id
                WHERE c.state = 'visible' AND c.received_at >= $1 GROUP BY r.host
                UNION ALL SELECT r.host, 0, 0, SUM(CASE WHEN x.kind = 'like' THEN 1 ELSE 0 END),
                    SUM(CASE WHEN x.kind = 'boost' THEN 1 ELSE 0 END)
                FROM reactions x JOIN remote_actors r ON r.id = x.actor_id
                WHERE x.kind IN ('like', 'boost') AND x.created_at >= $1 GROUP BY r.host) parts
                GROUP BY host
                ORDER BY SUM(followers) + SUM(replies) + SUM(likes) + SUM(boosts) DESC, host LIMIT $2) t
             ORDER BY t.followers DESC, t.replies + t.likes + t.boosts DESC, t.host",
            since,
            limit
        )
    }
}

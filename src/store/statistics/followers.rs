//! The followers of local actors by day.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all};
use sqlx::FromRow;

/// The followers of a local actor at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct FollowerDay {
    /// `YYYY-MM-DD`, in the site's time zone.
    pub day: String,
    pub local_actor_id: i64,
    pub followers: i64,
    /// Those of them who came on that day.
    pub joined: i64,
    /// Made from the followers who were there when the counting began: those who had left are missing.
    pub estimated: bool,
}

/// The present followers of a local actor.
#[derive(Debug, Clone, FromRow)]
pub struct FollowerCount {
    pub local_actor_id: i64,
    pub username: String,
    pub followers: i64,
    /// Those who came since a time.
    pub joined: i64,
}

impl Conn {
    /// Returns the rows of an actor, or of all, from a day on, with the last one before it.
    pub async fn follower_days(
        &mut self,
        local_actor_id: Option<i64>,
        since: &str,
    ) -> Result<Vec<FollowerDay>> {
        fetch_all!(
            self,
            "SELECT d.day, d.local_actor_id, d.followers, d.joined, d.estimated FROM follower_days d
             WHERE d.local_actor_id = COALESCE($1, d.local_actor_id) AND d.day >= COALESCE((SELECT MAX(b.day)
                FROM follower_days b WHERE b.local_actor_id = d.local_actor_id AND b.day < $2), $2)
             ORDER BY d.day, d.local_actor_id",
            local_actor_id,
            since
        )
    }

    /// Returns the present followers of the publication and its authors, and how many of them came since a time.
    pub async fn follower_counts(&mut self, since: i64) -> Result<Vec<FollowerCount>> {
        fetch_all!(
            self,
            "SELECT a.id AS local_actor_id, a.username,
                (SELECT COUNT(*) FROM followers f WHERE f.local_actor_id = a.id AND f.state = 'accepted') AS followers,
                (SELECT COUNT(*) FROM followers f WHERE f.local_actor_id = a.id AND f.state = 'accepted'
                    AND f.created_at >= $1) AS joined
             FROM local_actors a WHERE a.kind IN ('site', 'author') AND a.gone_at IS NULL ORDER BY a.id",
            since
        )
    }
}

impl Tx {
    /// Stores the present followers as those of a day. It may be repeated.
    pub async fn save_follower_day(&mut self, day: &str, counts: &[FollowerCount]) -> Result<()> {
        for count in counts {
            execute!(
                self,
                "INSERT INTO follower_days (day, local_actor_id, followers, joined)
                 SELECT CAST($1 AS TEXT), a.id, $3, $4 FROM local_actors a WHERE a.id = $2
                 ON CONFLICT (day, local_actor_id) DO UPDATE SET followers = excluded.followers,
                    joined = excluded.joined, estimated = FALSE",
                day,
                count.local_actor_id,
                count.followers,
                count.joined
            )?;
        }
        Ok(())
    }
}

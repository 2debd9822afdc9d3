//! Who has reached which limit, for `pamphlet limits`; and the domains that budgets trust.

use crate::{
    content::registrable_domain,
    store::database::{Conn, Result, now, on},
};
use sqlx::FromRow;

/// The maximum number of rows: any stranger can add one.
const ROWS: i64 = 2000;

/// A subject that was quiet for so long begins to count anew, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Actors whose domain is filled in by one statement's result.
const BATCH: i64 = 1000;

/// The times that somebody has reached a limit.
#[derive(Debug, Clone, FromRow)]
pub struct LimitHit {
    /// The limit's key in the configuration.
    pub code: String,
    /// The actor, domain, host or address.
    pub subject: String,
    pub times: i64,
    pub first_at: i64,
    pub last_at: i64,
}

impl Conn {
    /// Adds to the times that somebody has reached a limit.
    pub async fn add_limit_hit(&mut self, hit: &LimitHit) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO limit_hits (code, subject, times, first_at, last_at) SELECT $1, $2, $3, $4, $5
                 WHERE (SELECT COUNT(*) FROM limit_hits) < $6
                    OR EXISTS (SELECT 1 FROM limit_hits WHERE code = $1 AND subject = $2)
                 ON CONFLICT (code, subject) DO UPDATE SET
                    times = CASE WHEN limit_hits.last_at < $7 THEN excluded.times
                        ELSE limit_hits.times + excluded.times END,
                    first_at = CASE WHEN limit_hits.last_at < $7 THEN excluded.first_at
                        ELSE limit_hits.first_at END,
                    last_at = excluded.last_at",
            )
            .bind(&hit.code)
            .bind(&hit.subject)
            .bind(hit.times)
            .bind(hit.first_at)
            .bind(hit.last_at)
            .bind(ROWS)
            .bind(now() - DAY)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Returns who has reached a limit since a time, the most frequent first.
    pub async fn limit_hits_since(&mut self, since: i64, limit: i64) -> Result<Vec<LimitHit>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT code, subject, times, first_at, last_at FROM limit_hits WHERE last_at >= $1
                 ORDER BY times DESC, code, subject LIMIT $2",
            )
            .bind(since)
            .bind(limit)
            .fetch_all(c)
            .await
        })?)
    }

    /// Deletes what was counted before a time.
    pub async fn forget_limit_hits(&mut self, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM limit_hits WHERE last_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns whether a registrable domain has an accepted follower, or a comment that the admin approved.
    pub async fn is_known_domain(&mut self, domain: &str) -> Result<bool> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM remote_actors a WHERE a.domain = $1
                    AND (EXISTS (SELECT 1 FROM followers f WHERE f.actor_id = a.id AND f.state = 'accepted')
                        OR EXISTS (SELECT 1 FROM comments c WHERE c.actor_id = a.id AND c.trained = 'ham')))",
            )
            .bind(domain)
            .fetch_one(c)
            .await
        })?)
    }

    /// Fills in the domains of actors that were stored before domains were. Returns the number of actors.
    pub async fn fill_domains(&mut self) -> Result<usize> {
        let mut filled = 0;
        loop {
            let hosts: Vec<String> = on!(self, |c| {
                sqlx::query_scalar(
                "SELECT DISTINCT host FROM remote_actors WHERE domain = '' AND host <> '' LIMIT $1"
            )
            .bind(BATCH)
            .fetch_all(c)
            .await
            })?;
            if hosts.is_empty() {
                return Ok(filled);
            }
            for host in hosts {
                filled += on!(self, |c| sqlx::query(
                    "UPDATE remote_actors SET domain = $2 WHERE host = $1 AND domain = ''"
                )
                .bind(&host)
                .bind(registrable_domain(&host))
                .execute(c)
                .await
                .map(|done| done.rows_affected() as usize))?;
            }
        }
    }
}

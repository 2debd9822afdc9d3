//! Limits that actors, domains, hosts or addresses reached, for `pamphlet limits`; and the domains that budgets trust.

use crate::{
    content::registrable_domain,
    store::database::{Conn, Result, Tx, execute, fetch_all, fetch_scalar, fetch_scalars, now},
};
use sqlx::FromRow;

/// The maximum number of rows: any stranger can add one.
const ROWS: i64 = 2000;

/// The time without a hit after which a subject is counted anew, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The number of hosts per batch in `fill_domains`.
const BATCH: i64 = 1000;

/// How often a subject reached a limit.
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
    /// Returns the limits reached since a time, the most frequent first.
    pub async fn limit_hits_since(&mut self, since: i64, limit: i64) -> Result<Vec<LimitHit>> {
        fetch_all!(
            self,
            "SELECT code, subject, times, first_at, last_at FROM limit_hits WHERE last_at >= $1
             ORDER BY times DESC, code, subject LIMIT $2",
            since,
            limit
        )
    }

    /// Returns whether a registrable domain has an accepted follower, or a comment that the admin approved.
    pub async fn is_known_domain(&mut self, domain: &str) -> Result<bool> {
        fetch_scalar!(
            self,
            // For two `EXISTS`, PostgreSQL would read all followers and comments.
            "SELECT EXISTS (SELECT 1 FROM remote_actors a WHERE a.domain = $1 AND COALESCE(
                (SELECT 1 FROM followers f WHERE f.actor_id = a.id AND f.state = 'accepted' LIMIT 1),
                (SELECT 1 FROM comments c WHERE c.actor_id = a.id AND c.trained = 'ham' LIMIT 1)) IS NOT NULL)",
            domain
        )
    }
}

impl Tx {
    /// Adds to the number of times that a subject reached a limit.
    pub async fn add_limit_hit(&mut self, hit: &LimitHit) -> Result<()> {
        execute!(
            self,
            "INSERT INTO limit_hits (code, subject, times, first_at, last_at) SELECT $1, $2, $3, $4, $5
             WHERE (SELECT COUNT(*) FROM limit_hits) < $6
                OR EXISTS (SELECT 1 FROM limit_hits WHERE code = $1 AND subject = $2)
             ON CONFLICT (code, subject) DO UPDATE SET
                times = CASE WHEN limit_hits.last_at < $7 THEN excluded.times
                    ELSE limit_hits.times + excluded.times END,
                first_at = CASE WHEN limit_hits.last_at < $7 THEN excluded.first_at
                    ELSE limit_hits.first_at END,
                last_at = excluded.last_at",
            &hit.code,
            &hit.subject,
            hit.times,
            hit.first_at,
            hit.last_at,
            ROWS,
            now() - DAY
        )?;
        Ok(())
    }

    /// Deletes the counts from before a time.
    pub async fn forget_limit_hits(&mut self, time: i64) -> Result<()> {
        execute!(self, "DELETE FROM limit_hits WHERE last_at < $1", time)?;
        Ok(())
    }

    /// Fills in the domains of actors from versions without that column. Returns the number of actors.
    pub async fn fill_domains(&mut self) -> Result<usize> {
        let mut filled = 0;
        loop {
            let hosts: Vec<String> = fetch_scalars!(
                self,
                "SELECT DISTINCT host FROM remote_actors WHERE domain = '' AND host <> '' LIMIT $1",
                BATCH
            )?;
            if hosts.is_empty() {
                return Ok(filled);
            }
            for host in hosts {
                filled += execute!(
                    self,
                    "UPDATE remote_actors SET domain = $2 WHERE host = $1 AND domain = ''",
                    &host,
                    registrable_domain(&host)
                )? as usize;
            }
        }
    }
}

//! The list of workers that deliver on this database.

use super::worker_lock::LOCKS;
use crate::store::database::{Conn, Raw, Result, now, on};

impl Conn {
    pub(super) async fn add_worker(&mut self, name: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO workers (name, started_at) VALUES ($1, $2)"
        )
        .bind(name)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The names of all workers, also of those that nobody has dismissed yet.
    pub async fn workers(&mut self) -> Result<Vec<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT name FROM workers ORDER BY started_at"
        )
        .fetch_all(c)
        .await)?)
    }

    /// Workers whose process is gone. On SQLite that is found out when the next one starts.
    pub async fn lost_workers(&mut self) -> Result<Vec<String>> {
        let Raw::Postgres(connection) = self.raw() else {
            return Ok(Vec::new());
        };
        Ok(sqlx::query_scalar(
            "SELECT name FROM workers WHERE name NOT IN (SELECT objid::text FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND classid::bigint = $1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        )
        .bind(i64::from(LOCKS))
        .fetch_all(connection)
        .await?)
    }

    /// Takes a worker off the list and gives back what it had leased.
    pub async fn dismiss_worker(&mut self, name: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE lease_owner = $1"
        )
        .bind(name)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query("DELETE FROM workers WHERE name = $1")
            .bind(name)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}

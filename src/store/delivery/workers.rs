//! The list of workers that deliver on this database.

use super::worker_lock::LOCKS;
use crate::store::database::{Conn, Raw, Result, Tx, execute, fetch_scalars, now};

impl Conn {
    /// Returns the names of all workers, including those that are gone and not yet removed.
    pub async fn workers(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(self, "SELECT name FROM workers ORDER BY started_at")
    }

    /// Returns the workers whose process is gone. On SQLite, the next worker finds that out when it starts.
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
}

impl Tx {
    pub(super) async fn add_worker(&mut self, name: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO workers (name, started_at) VALUES ($1, $2)",
            name,
            now()
        )?;
        Ok(())
    }

    /// Removes a worker and releases its leases.
    pub async fn remove_worker(&mut self, name: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE lease_owner = $1",
            name
        )?;
        execute!(self, "DELETE FROM workers WHERE name = $1", name)?;
        Ok(())
    }
}

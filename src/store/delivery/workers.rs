//! The list of workers that deliver on this database.

use super::worker_lock::LOCKS;
use crate::store::database::{
    Conn, Raw, Result, Store, Tx, execute, fetch_all, fetch_scalars, now,
};
use sqlx::FromRow;

/// A worker whose process runs.
#[derive(Debug, Clone, FromRow)]
pub struct RunningWorker {
    pub name: String,
    pub started_at: i64,
}

impl Conn {
    /// Returns the workers whose processes run, the oldest first.
    pub async fn running_workers(&mut self, store: &Store) -> Result<Vec<RunningWorker>> {
        if !store.is_worker_lock_held() {
            return Ok(Vec::new());
        }
        let lost = self.lost_workers().await?;
        let mut workers: Vec<RunningWorker> = fetch_all!(
            self,
            "SELECT name, started_at FROM workers ORDER BY started_at"
        )?;
        workers.retain(|worker| !lost.contains(&worker.name));
        Ok(workers)
    }

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
    /// Lists a worker, unless it is listed.
    pub async fn add_worker(&mut self, name: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO workers (name, started_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
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

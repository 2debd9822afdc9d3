//! Deliveries per minute of each worker.

use crate::store::database::{Conn, Result, Tx, execute, fetch_one, now};
use sqlx::FromRow;

/// The deliveries of all workers in a period.
#[derive(Debug, Clone, FromRow)]
pub struct Throughput {
    pub delivered: i64,
    pub failed: i64,
}

impl Conn {
    /// Returns the deliveries of all workers since the beginning of the minute of `since`.
    pub async fn throughput(&mut self, since: i64) -> Result<Throughput> {
        fetch_one!(
            self,
            "SELECT CAST(COALESCE(SUM(delivered), 0) AS BIGINT) AS delivered,
                CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed
             FROM delivery_minutes WHERE minute >= $1",
            minute_of(since)
        )
    }
}

impl Tx {
    /// Adds to a worker's deliveries in this minute.
    pub(in crate::store) async fn count_deliveries(
        &mut self,
        worker: &str,
        delivered: i64,
        failed: i64,
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO delivery_minutes (minute, worker, delivered, failed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (minute, worker) DO UPDATE SET
                delivered = delivery_minutes.delivered + excluded.delivered,
                failed = delivery_minutes.failed + excluded.failed",
            minute_of(now()),
            worker,
            delivered,
            failed
        )?;
        Ok(())
    }

    /// Deletes the counts of minutes before this time.
    pub async fn forget_throughput(&mut self, before: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM delivery_minutes WHERE minute < $1",
            before
        )?;
        Ok(())
    }
}

fn minute_of(time: i64) -> i64 {
    time - time.rem_euclid(60_000)
}

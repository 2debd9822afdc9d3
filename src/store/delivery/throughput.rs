//! Deliveries per minute of each worker.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// What workers did in a while.
#[derive(Debug, Clone, FromRow)]
pub struct Throughput {
    pub delivered: i64,
    pub failed: i64,
}

impl Conn {
    /// Adds to what a worker did in this minute.
    pub(in crate::store) async fn count_deliveries(
        &mut self,
        worker: &str,
        delivered: i64,
        failed: i64,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO delivery_minutes (minute, worker, delivered, failed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (minute, worker) DO UPDATE SET
                delivered = delivery_minutes.delivered + excluded.delivered,
                failed = delivery_minutes.failed + excluded.failed",
        )
        .bind(minute_of(now()))
        .bind(worker)
        .bind(delivered)
        .bind(failed)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// What all workers did since the beginning of the minute of `since`.
    pub async fn throughput(&mut self, since: i64) -> Result<Throughput> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(delivered), 0) AS BIGINT) AS delivered,
                CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed
             FROM delivery_minutes WHERE minute >= $1"
        )
        .bind(minute_of(since))
        .fetch_one(c)
        .await)?)
    }

    /// Forgets the counts of minutes before this time.
    pub async fn forget_throughput(&mut self, before: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM delivery_minutes WHERE minute < $1"
        )
        .bind(before)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

fn minute_of(time: i64) -> i64 {
    time - time.rem_euclid(60_000)
}

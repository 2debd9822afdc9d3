//! The ids of received activities, so that none is processed twice.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, now, on},
};

impl Conn {
    /// Stores that an activity was received, by its canonical id. Returns false if it was received before.
    pub async fn first_receipt(&mut self, activity_uri: &str) -> Result<bool> {
        Ok(on!(self, |c| {
            sqlx::query(
            "INSERT INTO received (activity_uri, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        )
        .bind(activity_uri)
        .bind(now())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?)
    }

    pub async fn was_received(&mut self, activity_uri: &str) -> Result<bool> {
        let found: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT received_at FROM received WHERE activity_uri = $1"
        )
        .bind(activity_uri)
        .fetch_optional(c)
        .await)?;
        Ok(found.is_some())
    }

    /// Forgets that an activity was received, because it was undone.
    pub async fn forget_receipt(&mut self, activity_uri: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM received WHERE activity_uri = $1"
        )
        .bind(canonical_id(activity_uri).as_ref())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Forgets receipts from before `time`: signatures that old are refused anyway.
    pub async fn forget_receipts(&mut self, time: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM received WHERE received_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}

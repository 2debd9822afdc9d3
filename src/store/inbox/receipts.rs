//! The ids of received activities, so that none is processed twice.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, Tx, execute, fetch_optional_scalar, now},
};

impl Conn {
    pub async fn was_received(&mut self, activity_uri: &str) -> Result<bool> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT received_at FROM received WHERE activity_uri = $1",
            activity_uri
        )?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Stores that an activity was received, by its canonical id. Returns false if it was received before.
    pub async fn add_receipt(&mut self, activity_uri: &str) -> Result<bool> {
        Ok(execute!(
            self,
            "INSERT INTO received (activity_uri, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            activity_uri,
            now()
        )? > 0)
    }

    /// Forgets that an activity was received, because it was undone.
    pub async fn remove_receipt(&mut self, activity_uri: &str) -> Result<()> {
        execute!(
            self,
            "DELETE FROM received WHERE activity_uri = $1",
            canonical_id(activity_uri).as_ref()
        )?;
        Ok(())
    }

    /// Forgets receipts from before `time`: requests with older signatures are rejected.
    pub async fn forget_receipts(&mut self, time: i64) -> Result<u64> {
        execute!(self, "DELETE FROM received WHERE received_at < $1", time)
    }
}

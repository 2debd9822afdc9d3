//! The ids of received activities, so that none is processed twice.

use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_optional_scalar, fetch_scalars, now, to_json,
    },
};
use std::collections::HashSet;

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
        Ok(!self.add_receipts(&[activity_uri]).await?.is_empty())
    }

    /// Stores that activities were received, by their canonical ids. Returns those that were not received before.
    pub async fn add_receipts(&mut self, activity_uris: &[&str]) -> Result<HashSet<String>> {
        // Two nodes that store the same ids wait for each other in the same order.
        let new: Vec<String> = fetch_scalars!(
            self,
            texts(
                "INSERT INTO received (activity_uri, received_at) SELECT value, $2 FROM ",
                "$1",
                " ids WHERE true ORDER BY value ON CONFLICT DO NOTHING RETURNING activity_uri"
            ),
            to_json(activity_uris),
            now()
        )?;
        Ok(new.into_iter().collect())
    }

    /// Forgets receipts of this transaction, because their activities changed nothing.
    pub async fn take_back_receipts(&mut self, activity_uris: &[&str]) -> Result<()> {
        if activity_uris.is_empty() {
            return Ok(());
        }
        execute!(
            self,
            texts("DELETE FROM received WHERE activity_uri IN ", "$1", ""),
            to_json(activity_uris)
        )?;
        Ok(())
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

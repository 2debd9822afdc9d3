//! The state of a process and of its machine, which ends with them: a restored database begins without it.

use super::load::Loader;
use crate::store::{
    DeliveryHold, HoldCause,
    database::{Result, execute, fetch_scalar, now},
};

/// The message of mails and webhook calls that waited in a backup.
const HELD: &str = "it waited when the backup was made, and may have been sent afterwards: `pamphlet mail retry` sends it";

impl Loader {
    /// Deletes the rows of workers and limits, ends all leases, and holds the mails and webhook calls that waited. Comments
    /// continue with numbers that are greater by `numbers`, so that none gets a number that another one had after the
    /// backup. Returns the number of messages that are held.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn reset(&mut self, numbers: i64) -> Result<u64> {
        let session = self.session().await?;
        for table in ["workers", "limit_hits", "activity_requests"] {
            if session.has_table(table).await? {
                session.run(format!("DELETE FROM {table}")).await?;
            }
        }
        execute!(
            session,
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE leased_until > 0 OR lease_owner IS NOT NULL"
        )?;
        execute!(
            session,
            "UPDATE articles SET last_comment_number = last_comment_number + $1",
            numbers
        )?;
        execute!(
            session,
            "UPDATE messages SET next_attempt_at = NULL, error = $1 WHERE next_attempt_at IS NOT NULL",
            HELD
        )
    }

    /// Returns the number of deliveries that wait.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_waiting_deliveries(&mut self) -> Result<u64> {
        let count: i64 = fetch_scalar!(
            self.session().await?,
            "SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'"
        )?;
        Ok(count.unsigned_abs())
    }

    /// Holds all deliveries from the first start on, until `pamphlet deliveries resume`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn hold_deliveries(&mut self) -> Result<()> {
        let hold = DeliveryHold::new(now(), HoldCause::Restore);
        execute!(
            self.session().await?,
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            DeliveryHold::SETTING,
            hold.to_setting()
        )?;
        Ok(())
    }
}

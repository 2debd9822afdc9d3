//! Counts of received activities that changed nothing, by reason.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all};

impl Conn {
    /// Returns how many activities were dropped, by the code of the reason.
    pub async fn dropped_counts(&mut self) -> Result<Vec<(String, i64)>> {
        fetch_all!(self, "SELECT what, times FROM inbox_counts ORDER BY what")
    }
}

impl Tx {
    /// Counts an activity that changed nothing, by the code of the reason.
    pub async fn count_dropped(&mut self, code: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO inbox_counts (what, times) VALUES ($1, 1)
             ON CONFLICT (what) DO UPDATE SET times = inbox_counts.times + 1",
            code
        )?;
        Ok(())
    }
}

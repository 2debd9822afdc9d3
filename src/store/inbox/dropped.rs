//! Counts of received activities that changed nothing, by reason.

use crate::store::database::{Conn, Result, on};

impl Conn {
    /// Counts an activity that changed nothing, by the code of the reason.
    pub async fn count_dropped(&mut self, code: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO inbox_counts (what, times) VALUES ($1, 1)
             ON CONFLICT (what) DO UPDATE SET times = inbox_counts.times + 1"
        )
        .bind(code)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns how many activities were dropped, by the code of the reason.
    pub async fn dropped_counts(&mut self) -> Result<Vec<(String, i64)>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT what, times FROM inbox_counts ORDER BY what"
        )
        .fetch_all(c)
        .await)?)
    }
}

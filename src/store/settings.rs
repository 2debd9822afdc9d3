//! What the database says of itself: single named values.

use super::{Conn, Result, conn::on};

impl Conn {
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT value FROM settings WHERE name = $1"
        )
        .bind(name)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn set_setting(&mut self, name: &str, value: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO settings (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

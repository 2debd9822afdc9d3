//! What the database says of itself: single named values.

use super::{
    conn::{Conn, on},
    error::Result,
    values::new_uid,
};

impl Conn {
    /// The secret that all nodes on this database sign with; made when it is first needed.
    pub async fn secret(&mut self) -> Result<String> {
        let new = format!("{}{}", new_uid(), new_uid());
        Ok(on!(self, |c| sqlx::query_scalar(
            "INSERT INTO settings (name, value) VALUES ('secret', $1)
             ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value"
        )
        .bind(&new)
        .fetch_one(c)
        .await)?)
    }

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

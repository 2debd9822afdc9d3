//! Single named values.

use super::{
    conn::{Conn, Tx},
    error::Result,
    statements::{execute, fetch_optional_scalar, fetch_scalar},
    values::new_uid,
};

impl Conn {
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(self, "SELECT value FROM settings WHERE name = $1", name)
    }
}

impl Tx {
    /// Returns the secret that all nodes on this database sign with. Creates it when it is first needed.
    pub async fn secret(&mut self) -> Result<String> {
        // Each command opens the node, and most only read: none of them shall wait for a disk.
        if let Some(secret) = self.setting("secret").await? {
            return Ok(secret);
        }
        let new = format!("{}{}", new_uid(), new_uid());
        fetch_scalar!(
            self,
            "INSERT INTO settings (name, value) VALUES ('secret', $1)
             ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value",
            &new
        )
    }

    pub async fn set_setting(&mut self, name: &str, value: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO settings (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value
        )?;
        Ok(())
    }

    /// Sets a value that is empty. A filled or missing one stays as it is.
    pub async fn fill_setting(&mut self, name: &str, value: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE settings SET value = $2 WHERE name = $1 AND value = ''",
            name,
            value
        )?;
        Ok(())
    }

    pub async fn delete_setting(&mut self, name: &str) -> Result<()> {
        execute!(self, "DELETE FROM settings WHERE name = $1", name)?;
        Ok(())
    }

    /// Deletes the values whose names are from `first` to `last`, in the order of their characters.
    pub async fn delete_settings_between(&mut self, first: &str, last: &str) -> Result<()> {
        execute!(
            self,
            [
                "DELETE FROM settings WHERE name >= $1 AND name <= $2",
                "DELETE FROM settings WHERE name COLLATE \"C\" >= $1 AND name COLLATE \"C\" <= $2"
            ],
            first,
            last
        )?;
        Ok(())
    }
}

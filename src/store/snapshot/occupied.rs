//! Whether a database has something that must not be replaced.

use super::{session::Session, tables::quoted};
use crate::store::database::{Conn, Result, Store, fetch_scalar};
use sqlx::AssertSqlSafe;

/// Tables with what people wrote, or what other servers know. The other tables have rows as soon as a publication is set
/// up.
const CONTENT: [&str; 16] = [
    "articles",
    "pages",
    "comments",
    "notes",
    "followers",
    "activities",
    "remote_actors",
    "media",
    "bin",
    "publications",
    "imports",
    "blocks",
    "allows",
    "filters",
    "guests",
    "api_tokens",
];

impl Store {
    /// Returns the first table of a database that has content; `None` if there is none, or no database. The database is
    /// neither created nor migrated.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn first_content(url: &str) -> Result<Option<&'static str>> {
        let mut conn = Store::look(url).await?;
        for table in CONTENT {
            if conn.has_rows(table).await? {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }
}

impl Session {
    /// Returns the first table that has content, while no other process can change it.
    pub(super) async fn first_content(&mut self) -> Result<Option<&'static str>> {
        for table in CONTENT {
            if !self.has_table(table).await? {
                continue;
            }
            let rows: i64 = fetch_scalar!(self, AssertSqlSafe(any_row(table)))?;
            if rows > 0 {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }
}

/// Returns the statement that counts at most one row of a table.
fn any_row(table: &str) -> String {
    format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT 1) AS rows",
        quoted(table)
    )
}

impl Conn {
    async fn has_rows(&mut self, table: &str) -> Result<bool> {
        let exists: i64 = fetch_scalar!(
            self,
            [
                "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
                "SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND relname = $1
                    AND relnamespace = CAST(current_schema() AS regnamespace)"
            ],
            table
        )?;
        if exists == 0 {
            return Ok(false);
        }
        let rows: i64 = fetch_scalar!(self, AssertSqlSafe(any_row(table)))?;
        Ok(rows > 0)
    }
}

//! Whether a database has something that must not be replaced.

use super::tables::quoted;
use crate::store::database::{Conn, Result, Store, fetch_scalar};
use sqlx::AssertSqlSafe;

/// Tables with what people wrote, or what other servers know. The other tables have rows as soon as a publication is set
/// up.
const CONTENT: [&str; 9] = [
    "articles",
    "pages",
    "comments",
    "notes",
    "followers",
    "activities",
    "remote_actors",
    "media",
    "bin",
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
        let statement = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT 1) AS rows",
            quoted(table)
        );
        let rows: i64 = fetch_scalar!(self, AssertSqlSafe(statement.clone()))?;
        Ok(rows > 0)
    }
}

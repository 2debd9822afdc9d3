//! Whether the database is in order, for `pamphlet doctor` and load balancers.

use super::{
    conn::{Conn, Raw},
    error::Result,
};

impl Conn {
    /// Returns whether the database takes writes. A standby does not, until it is the primary.
    pub async fn is_writable(&mut self) -> Result<bool> {
        match self.raw() {
            Raw::Sqlite(connection) => {
                sqlx::query("SELECT 1").execute(connection).await?;
                Ok(true)
            }
            Raw::Postgres(session) => {
                let read_only: String = sqlx::query_scalar("SHOW transaction_read_only")
                    .fetch_one(session)
                    .await?;
                Ok(read_only == "off")
            }
        }
    }

    /// Returns the damages that SQLite finds, at most 20. PostgreSQL checks its own pages: there are none.
    pub async fn damages(&mut self) -> Result<Vec<String>> {
        match self.raw() {
            Raw::Sqlite(connection) => {
                let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(20)")
                    .fetch_all(connection)
                    .await?;
                Ok(found.into_iter().filter(|line| line != "ok").collect())
            }
            Raw::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Returns the name and version of the database.
    pub async fn server_version(&mut self) -> Result<String> {
        let (name, version): (_, String) = match self.raw() {
            Raw::Sqlite(connection) => (
                "SQLite",
                sqlx::query_scalar("SELECT sqlite_version()")
                    .fetch_one(connection)
                    .await?,
            ),
            Raw::Postgres(connection) => (
                "PostgreSQL",
                sqlx::query_scalar("SHOW server_version")
                    .fetch_one(connection)
                    .await?,
            ),
        };
        Ok(format!("{name} {version}"))
    }
}

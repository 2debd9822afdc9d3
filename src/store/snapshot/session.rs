//! A connection of its own with one long transaction, apart from those that the node uses.

use crate::store::database::{Db, PgSession, Raw, Result, Store};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};

/// The access that a session has to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// One consistent view, which blocks no writer.
    Read,
    /// The only writer, without the checks of references on SQLite.
    Load,
}

/// A connection in a transaction. What it wrote is rolled back when it is dropped, unless it is committed.
pub(super) enum Session {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Session {
    pub(super) async fn begin(store: &Store, access: Access) -> Result<Session> {
        match store.db() {
            Db::Sqlite { readers, .. } => {
                let options = readers.connect_options();
                let options = match access {
                    Access::Read => options.as_ref().clone(),
                    // Rows come before those that they refer to. All references are checked at the end.
                    Access::Load => options
                        .as_ref()
                        .clone()
                        .read_only(false)
                        .foreign_keys(false),
                };
                let mut connection = options.connect().await?;
                let begin = match access {
                    // The first statement that reads chooses the moment: it reads the schema, of which the view is part.
                    Access::Read => "BEGIN; SELECT COUNT(*) FROM sqlite_master",
                    Access::Load => "BEGIN IMMEDIATE",
                };
                connection.execute(begin).await?;
                Ok(Session::Sqlite(connection))
            }
            Db::Postgres { direct, .. } => {
                let mut connection = direct.connect().await?;
                let begin = match access {
                    Access::Read => {
                        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT COUNT(*) FROM pg_class"
                    }
                    Access::Load => "BEGIN",
                };
                connection.execute(begin).await?;
                Ok(Session::Postgres(connection))
            }
        }
    }

    /// The driver's connection, for macros.
    pub(super) fn raw(&mut self) -> Raw<'_> {
        match self {
            Session::Sqlite(connection) => Raw::Sqlite(connection),
            Session::Postgres(connection) => Raw::Postgres(PgSession::direct(connection)),
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self, Session::Sqlite(_))
    }

    /// Runs a statement that the schema or this program made.
    pub(super) async fn run(&mut self, statement: String) -> Result<()> {
        let statement = sqlx::raw_sql(AssertSqlSafe(statement));
        match self {
            Session::Sqlite(connection) => statement.execute(connection).await.map(drop)?,
            Session::Postgres(connection) => statement.execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    /// Commits, and closes the connection.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.run("COMMIT".to_owned()).await?;
        self.close().await
    }

    /// Closes the connection, which rolls back what is not committed.
    pub(super) async fn close(self) -> Result<()> {
        match self {
            Session::Sqlite(connection) => connection.close().await?,
            Session::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}

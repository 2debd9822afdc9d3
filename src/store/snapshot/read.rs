//! Reads all tables at one moment, while the node goes on working.

use super::{
    Row,
    session::{Access, Session},
    tables::{Reference, Table, quoted},
    values,
};
use crate::store::database::{Result, Store, fetch_all, fetch_optional_scalar, fetch_scalar};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// All tables at one moment.
///
/// It is a transaction that only reads: no writer waits for it. As long as it is open, SQLite's `-wal` file grows with
/// each write, and PostgreSQL keeps old versions of rows.
pub struct Snapshot {
    session: Session,
    tables: Vec<Table>,
    schema: i64,
}

impl Store {
    /// Begins to read all tables as they are now, on a connection of its own.
    ///
    /// # Errors
    /// If the database fails, or has a column of an unknown type.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let mut session = Session::begin(self, Access::Read).await?;
        Ok(Snapshot {
            tables: session.tables().await?,
            schema: session.schema().await?,
            session,
        })
    }
}

impl Snapshot {
    /// Returns all tables, each after those that it refers to.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Returns the number of the newest migration.
    pub fn schema(&self) -> i64 {
        self.schema
    }

    /// Returns the references between tables.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn references(&mut self) -> Result<Vec<Reference>> {
        self.session.references().await
    }

    /// Returns whether the database is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.session.is_sqlite()
    }

    /// Returns the number of rows of a table.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count(&mut self, table: &Table) -> Result<u64> {
        let statement = format!("SELECT COUNT(*) FROM {}", quoted(&table.name));
        let count: i64 = fetch_scalar!(self.session, AssertSqlSafe(statement.clone()))?;
        Ok(count.unsigned_abs())
    }

    /// Returns the number of deliveries that wait.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_waiting_deliveries(&mut self) -> Result<u64> {
        let count: i64 = fetch_scalar!(
            self.session,
            "SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'"
        )?;
        Ok(count.unsigned_abs())
    }

    /// Returns the rows of a table in the order of its key. They are read as they are used, so that memory does not grow
    /// with the table.
    pub fn rows<'a>(&'a mut self, table: &'a Table) -> BoxStream<'a, Result<Row>> {
        let key: Vec<String> = table.key.iter().map(|column| quoted(column)).collect();
        let order = if key.is_empty() {
            String::new()
        } else {
            format!(" ORDER BY {}", key.join(", "))
        };
        let statement = AssertSqlSafe(format!(
            "SELECT {} FROM {}{order}",
            table.column_list(),
            quoted(&table.name)
        ));
        match &mut self.session {
            Session::Sqlite(connection) => sqlx::query(statement)
                .fetch(connection)
                .map(|row| values::from_sqlite(&row?, table))
                .boxed(),
            Session::Postgres(connection) => sqlx::query(statement)
                .fetch(connection)
                .map(|row| values::from_postgres(&row?, table))
                .boxed(),
        }
    }

    /// Returns the last id that each table assigned, which may belong to a deleted row.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn last_ids(&mut self) -> Result<BTreeMap<String, i64>> {
        let ids: Vec<(String, Option<i64>)> = fetch_all!(
            self.session,
            [
                "SELECT name, seq FROM sqlite_sequence",
                "SELECT CAST(t.relname AS TEXT), pg_sequence_last_value(s.oid)
                 FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
                 JOIN pg_class t ON t.oid = d.refobjid
                 WHERE s.relkind = 'S' AND t.relnamespace = CAST(current_schema() AS regnamespace)"
            ]
        )?;
        let known = |name: &str| self.tables.iter().any(|table| table.name == name);
        Ok(ids
            .into_iter()
            .filter_map(|(name, last)| Some((name, last?)))
            .filter(|(name, _)| known(name))
            .collect())
    }

    /// Returns a named value of the settings.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self.session,
            "SELECT value FROM settings WHERE name = $1",
            name
        )
    }

    /// Returns all rows of a small table.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn all(&mut self, table: &Table) -> Result<Vec<Row>> {
        self.rows(table).try_collect().await
    }

    /// Ends the transaction.
    ///
    /// # Errors
    /// If the connection can't be closed.
    pub async fn close(self) -> Result<()> {
        self.session.close().await
    }
}

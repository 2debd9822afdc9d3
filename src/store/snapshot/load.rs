//! Fills an empty database with the rows of another one.

use super::{
    Row,
    session::{Access, Session},
    tables::{Table, quoted},
    values::{Bound, bound},
};
use crate::store::database::{Raw, Result, Store, StoreError, fetch_all, fetch_scalar};
use sqlx::AssertSqlSafe;
use std::{collections::BTreeMap, fmt::Write};

/// The number of rows that one statement inserts.
const ROWS: usize = 50;
/// The length of the rows that one statement inserts, in characters.
const LENGTH: usize = 1024 * 1024;
/// The first random row id (see `new_row_id`). The numbers that a database counts are below it.
const FIRST_RANDOM_ID: i64 = 1 << 40;

/// Replaces everything in a database, in one transaction: when it is dropped without [`Loader::finish`], nothing is
/// changed.
///
/// Triggers do not run meanwhile, and references are checked at the end.
pub struct Loader {
    session: Session,
    tables: Vec<Table>,
    /// The statements that put triggers and references back.
    afterwards: Vec<String>,
    /// The number of texts that were changed because PostgreSQL can't store a NUL character.
    replaced: u64,
    /// The index of the table whose rows wait, these rows, and their length.
    current: usize,
    batch: Vec<Row>,
    batch_length: usize,
}

impl Store {
    /// Empties all tables of a database without content, and begins to fill them.
    ///
    /// # Errors
    /// If the database has content, or fails, or another process writes to it.
    pub async fn load(&self) -> Result<Loader> {
        let mut session = Session::begin(self, Access::Load).await?;
        let tables = session.tables().await?;
        let afterwards = if session.is_sqlite() {
            session.drop_triggers().await?
        } else {
            session.suspend_checks(&tables).await?
        };
        // Nothing else can write any more, so that no row is lost that came after an earlier check.
        if let Some(table) = session.first_content().await? {
            return Err(StoreError::Value(format!(
                "the database is not empty: its table {table} has rows. Name an empty one with --database-url"
            )));
        }
        for table in tables.iter().rev() {
            let delete = format!("DELETE FROM {}", quoted(&table.name));
            session.run(delete).await?;
        }
        Ok(Loader {
            session,
            tables,
            afterwards,
            replaced: 0,
            current: 0,
            batch: Vec::new(),
            batch_length: 0,
        })
    }
}

impl Loader {
    /// Returns all tables, each after those that it refers to.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Returns the number of texts in which a NUL character was replaced, because PostgreSQL can't store it.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Inserts a row, together with those that follow.
    ///
    /// # Errors
    /// If the row does not fit the table, or the database refuses one of those before it.
    pub async fn insert(&mut self, table: &str, row: Row) -> Result<()> {
        if self
            .tables
            .get(self.current)
            .is_none_or(|current| current.name != table)
        {
            self.flush().await?;
            let found = self.tables.iter().position(|known| known.name == table);
            self.current = found
                .ok_or_else(|| StoreError::Value(format!("the database has no table {table}")))?;
        }
        self.tables[self.current].check(&row).map_err(|problem| {
            StoreError::Value(format!("a row of the table {table} is wrong: {problem}"))
        })?;
        let texts = row.values().filter_map(|value| value.as_str());
        self.batch_length += texts.map(str::len).sum::<usize>();
        self.batch.push(row);
        if self.batch.len() >= ROWS || self.batch_length >= LENGTH {
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes the rows that wait.
    ///
    /// # Errors
    /// If the database refuses one of them.
    pub async fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.batch);
        self.batch_length = 0;
        let table = match self.tables.get(self.current) {
            Some(table) if !rows.is_empty() => table,
            _ => return Ok(()),
        };
        let statement = AssertSqlSafe(insertion(table, rows.len()));
        macro_rules! insert {
            ($connection:expr, |$text:ident| $cleaned:expr) => {{
                let mut query = sqlx::query(statement);
                for row in &rows {
                    for column in &table.columns {
                        query = match bound(column, row) {
                            Bound::Integer(value) => query.bind(value),
                            Bound::Real(value) => query.bind(value),
                            Bound::Boolean(value) => query.bind(value),
                            Bound::Text(value) => query.bind(value.map(|$text| $cleaned)),
                            Bound::Bytes(value) => query.bind(value),
                        };
                    }
                }
                query.execute($connection).await.map(drop)
            }};
        }
        let mut replaced = 0;
        let done = match self.session.raw() {
            Raw::Sqlite(connection) => insert!(connection, |text| text),
            Raw::Postgres(connection) => insert!(connection, |text| {
                if text.contains('\0') {
                    replaced += 1;
                    text.replace('\0', "\u{fffd}")
                } else {
                    text
                }
            }),
        };
        self.replaced += replaced;
        done.map_err(|error| refused(table, StoreError::from(error)))
    }

    /// Returns the number of the newest migration.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn schema(&mut self) -> Result<i64> {
        self.session.schema().await
    }

    /// Returns the number of rows of a table.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count(&mut self, table: &str) -> Result<u64> {
        self.flush().await?;
        let statement = format!("SELECT COUNT(*) FROM {}", quoted(table));
        let count: i64 = fetch_scalar!(self.session, AssertSqlSafe(statement.clone()))?;
        Ok(count.unsigned_abs())
    }

    /// Lets each table assign ids that are greater than its rows' and the one in `last_ids` by more than `margin`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn skip_ids(&mut self, last_ids: &BTreeMap<String, i64>, margin: i64) -> Result<()> {
        self.flush().await?;
        for table in self.session.counting_tables().await? {
            let last = last_ids.get(&table).copied().unwrap_or(0);
            let name = quoted(&table);
            let known =
                format!("(SELECT COALESCE(MAX(id), 0) FROM {name} WHERE id < {FIRST_RANDOM_ID})");
            if self.session.is_sqlite() {
                let literal = table.replace('\'', "''");
                // SQLite counts on from the greatest id in any case, also from a random one.
                self.session
                    .run(format!(
                        "DELETE FROM sqlite_sequence WHERE name = '{literal}';
                         INSERT INTO sqlite_sequence (name, seq) SELECT '{literal}', MAX({last}, {known}) + {margin}"
                    ))
                    .await?;
            } else {
                let last = if last < FIRST_RANDOM_ID { last } else { 0 };
                let literal = name.replace('\'', "''");
                self.session
                    .run(format!(
                        "SELECT setval(pg_get_serial_sequence('{literal}', 'id'), GREATEST(n, 1), n > 0)
                         FROM (SELECT GREATEST({last}, {known}) + {margin} AS n) AS last"
                    ))
                    .await?;
            }
        }
        Ok(())
    }

    /// Writes the rows that wait. Returns the connection.
    pub(super) async fn session(&mut self) -> Result<&mut Session> {
        self.flush().await?;
        Ok(&mut self.session)
    }

    /// Marks all articles and pages for the search, puts triggers and references back, checks the references, and
    /// commits.
    ///
    /// # Errors
    /// If a row refers to another one that is missing, or the database fails. Then nothing is changed.
    pub async fn finish(mut self) -> Result<()> {
        self.flush().await?;
        self.session.index_again().await?;
        for statement in std::mem::take(&mut self.afterwards) {
            self.session.run(statement).await?;
        }
        if self.session.is_sqlite() {
            self.session.check_references().await?;
        } else {
            // PostgreSQL plans statements for empty tables until it has counted the rows.
            self.session.run("ANALYZE".to_owned()).await?;
        }
        self.session.commit().await
    }
}

/// Returns the statement that inserts so many rows.
fn insertion(table: &Table, rows: usize) -> String {
    let mut statement = format!(
        "INSERT INTO {} ({}) VALUES ",
        quoted(&table.name),
        table.column_list()
    );
    let width = table.columns.len();
    for row in 0..rows {
        for column in 0..width {
            let before = match (row, column) {
                (0, 0) => "(",
                (_, 0) => "), (",
                _ => ", ",
            };
            // A text is always complete.
            let _ = write!(statement, "{before}${}", row * width + column + 1);
        }
    }
    statement.push(')');
    statement
}

/// Adds to an error in which table it happened.
fn refused(table: &Table, error: StoreError) -> StoreError {
    let message =
        |problem: &str| format!("a row of the table {} was refused: {problem}", table.name);
    match error {
        StoreError::Duplicate(problem) | StoreError::Missing(problem) => {
            StoreError::Value(message(&problem))
        }
        StoreError::Database(error) => StoreError::Value(message(&error.to_string())),
        other => other,
    }
}

impl Session {
    /// Removes all triggers of SQLite. Returns the statements that create them again.
    async fn drop_triggers(&mut self) -> Result<Vec<String>> {
        let triggers: Vec<(String, String)> = fetch_all!(
            self,
            [
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid",
                "SELECT '', '' WHERE FALSE"
            ]
        )?;
        let mut statements = Vec::with_capacity(triggers.len());
        for (name, statement) in triggers {
            self.run(format!("DROP TRIGGER {}", quoted(&name))).await?;
            statements.push(statement);
        }
        Ok(statements)
    }

    /// Turns triggers off and removes the references of PostgreSQL. Returns the statements that put them back, which check
    /// all rows.
    async fn suspend_checks(&mut self, tables: &[Table]) -> Result<Vec<String>> {
        let references: Vec<(String, String, String)> = fetch_all!(
            self,
            [
                "SELECT '', '', '' WHERE FALSE",
                "SELECT CAST(t.relname AS TEXT), CAST(c.conname AS TEXT), pg_get_constraintdef(c.oid)
                 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
                 WHERE c.contype = 'f' AND t.relnamespace = CAST(current_schema() AS regnamespace)
                 ORDER BY c.oid"
            ]
        )?;
        let mut statements = Vec::new();
        for (table, name, definition) in references {
            let (table, name) = (quoted(&table), quoted(&name));
            self.run(format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))
                .await?;
            statements.push(format!(
                "ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            ));
        }
        for table in tables {
            let table = quoted(&table.name);
            self.run(format!("ALTER TABLE {table} DISABLE TRIGGER USER"))
                .await?;
            statements.push(format!("ALTER TABLE {table} ENABLE TRIGGER USER"));
        }
        Ok(statements)
    }

    /// Returns the tables whose ids the database counts.
    async fn counting_tables(&mut self) -> Result<Vec<String>> {
        let tables: Vec<(String,)> = fetch_all!(
            self,
            [
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'",
                "SELECT CAST(t.relname AS TEXT) FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
                 WHERE t.relkind = 'r' AND c.attname = 'id' AND c.attidentity <> ''
                    AND t.relnamespace = CAST(current_schema() AS regnamespace)"
            ]
        )?;
        Ok(tables.into_iter().map(|(name,)| name).collect())
    }

    /// Lets the search read everything again.
    async fn index_again(&mut self) -> Result<()> {
        if !self.has_table("search_entries").await? {
            return Ok(());
        }
        if self.is_sqlite() {
            self.run("INSERT INTO search_index (search_index) VALUES ('delete-all')".to_owned())
                .await?;
        }
        self.run(
            "DELETE FROM search_entries;
             INSERT INTO search_entries (kind, ref_id) SELECT 'article', id FROM articles ORDER BY published_at DESC, id DESC;
             INSERT INTO search_entries (kind, ref_id) SELECT 'page', id FROM pages ORDER BY id"
                .to_owned(),
        )
        .await
    }

    /// Checks that each row of SQLite refers to rows that exist.
    async fn check_references(&mut self) -> Result<()> {
        let broken: Vec<(String, Option<i64>, String)> = fetch_all!(
            self,
            [
                "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 1",
                "SELECT '', CAST(0 AS BIGINT), '' WHERE FALSE"
            ]
        )?;
        match broken.first() {
            None => Ok(()),
            Some((table, row, parent)) => Err(StoreError::Value(format!(
                "the row {} of the table {table} refers to a row of the table {parent} that is missing",
                row.unwrap_or_default()
            ))),
        }
    }
}

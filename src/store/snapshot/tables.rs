//! The tables and their columns, as the schema of the database has them.

use super::session::Session;
use crate::store::database::{Result, StoreError, fetch_all, fetch_scalar};
use std::collections::{BTreeMap, BTreeSet};

/// Tables that are made from others: the index of the search. They are neither read nor loaded, but made anew.
const DERIVED: [&str; 1] = ["search_entries"];

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub key: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

/// The type of a column, the same on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Integer,
    Real,
    Boolean,
    Text,
    Bytes,
}

/// A column whose values are those of a column of another table, or of the same one.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reference {
    pub table: String,
    pub column: String,
    pub target: String,
    pub target_column: String,
}

impl ColumnKind {
    /// Returns the type that a database calls by this name.
    fn of(name: &str) -> Option<ColumnKind> {
        match name.to_lowercase().as_str() {
            "integer" | "bigint" | "smallint" => Some(ColumnKind::Integer),
            "real" | "double precision" => Some(ColumnKind::Real),
            "boolean" => Some(ColumnKind::Boolean),
            "text" | "character varying" => Some(ColumnKind::Text),
            "blob" | "bytea" => Some(ColumnKind::Bytes),
            _ => None,
        }
    }
}

impl Table {
    /// Returns whether it has a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.name == column)
    }

    /// Returns the names of its columns for a statement.
    pub(super) fn column_list(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| quoted(&c.name)).collect();
        names.join(", ")
    }
}

/// Returns a name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column as the databases describe it: table, column, type, position in the primary key.
type Described = (String, String, String, Option<i64>);

impl Session {
    /// Returns the number of the newest migration that the database has.
    pub(super) async fn schema(&mut self) -> Result<i64> {
        fetch_scalar!(self, "SELECT MAX(version) FROM _sqlx_migrations")
    }

    /// Returns all tables but the derived ones, in an order in which each comes after those that it refers to.
    pub(super) async fn tables(&mut self) -> Result<Vec<Table>> {
        let described: Vec<Described> = fetch_all!(
            self,
            [
                "SELECT t.name, c.name, c.type, NULLIF(c.pk, 0) FROM pragma_table_list t, pragma_table_info(t.name) c
                 WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!'
                    AND t.name NOT LIKE '!_sqlx!_%' ESCAPE '!'
                 ORDER BY t.name, c.cid",
                "SELECT CAST(t.relname AS TEXT), CAST(c.attname AS TEXT), format_type(c.atttypid, NULL),
                    CAST(array_position(CAST(k.indkey AS SMALLINT[]), c.attnum) AS BIGINT)
                 FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
                 LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary
                 WHERE t.relkind IN ('r', 'p') AND t.relnamespace = CAST(current_schema() AS regnamespace)
                    AND c.attnum > 0 AND NOT c.attisdropped AND c.attgenerated = ''
                    AND CAST(t.relname AS TEXT) NOT LIKE '!_sqlx!_%' ESCAPE '!'
                 ORDER BY CAST(t.relname AS TEXT) COLLATE \"C\", c.attnum"
            ]
        )?;
        let mut tables = group(described)?;
        tables.retain(|table| !DERIVED.contains(&table.name.as_str()));
        Ok(in_order(tables, &self.references().await?))
    }

    /// Returns the references between tables. All of them have one column.
    pub(super) async fn references(&mut self) -> Result<Vec<Reference>> {
        fetch_all!(
            self,
            [
                "SELECT t.name AS \"table\", f.\"from\" AS \"column\", f.\"table\" AS target,
                    COALESCE(f.\"to\", 'id') AS target_column
                 FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
                 WHERE t.schema = 'main' AND t.type = 'table'",
                "SELECT CAST(t.relname AS TEXT) AS \"table\", CAST(a.attname AS TEXT) AS \"column\",
                    CAST(f.relname AS TEXT) AS target, CAST(b.attname AS TEXT) AS target_column
                 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
                 JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
                 WHERE c.contype = 'f' AND t.relnamespace = CAST(current_schema() AS regnamespace)"
            ]
        )
    }

    /// Returns whether the database has a table.
    pub(super) async fn has_table(&mut self, name: &str) -> Result<bool> {
        let found: i64 = fetch_scalar!(
            self,
            [
                "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
                "SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND relname = $1
                    AND relnamespace = CAST(current_schema() AS regnamespace)"
            ],
            name
        )?;
        Ok(found > 0)
    }
}

/// Collects the columns of each table.
fn group(described: Vec<Described>) -> Result<Vec<Table>> {
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, String)>> = Vec::new();
    for (table, column, kind, in_key) in described {
        let is_derived = DERIVED.contains(&table.as_str());
        let kind = match ColumnKind::of(&kind) {
            Some(kind) => kind,
            None if is_derived => continue,
            None => {
                return Err(StoreError::Value(format!(
                    "the column {column} of the table {table} has the type {kind}, which no backup can have"
                )));
            }
        };
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table {
                name: table,
                columns: Vec::new(),
                key: Vec::new(),
            });
            keys.push(Vec::new());
        }
        if let (Some(table), Some(key)) = (tables.last_mut(), keys.last_mut()) {
            key.extend(in_key.map(|position| (position, column.clone())));
            table.columns.push(Column { name: column, kind });
        }
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort();
        table.key = key.into_iter().map(|(_, column)| column).collect();
    }
    Ok(tables)
}

/// Sorts tables by name, and each after those that it refers to. A table may refer to itself.
fn in_order(tables: Vec<Table>, references: &[Reference]) -> Vec<Table> {
    let mut waiting: BTreeMap<String, Table> = tables
        .into_iter()
        .map(|table| (table.name.clone(), table))
        .collect();
    let mut sorted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let blocked: BTreeSet<&str> = references
            .iter()
            .filter(|one| one.table != one.target && waiting.contains_key(&one.target))
            .map(|one| one.table.as_str())
            .collect();
        let free = waiting
            .keys()
            .find(|name| !blocked.contains(name.as_str()))
            // References in a circle: the checks at the end need no order.
            .or_else(|| waiting.keys().next())
            .cloned();
        sorted.extend(free.and_then(|name| waiting.remove(&name)));
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Table {
        Table {
            name: name.to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
        }
    }

    #[test]
    fn tables_come_after_those_that_they_refer_to() {
        let reference = |from: &str, to: &str| Reference {
            table: from.to_owned(),
            column: String::new(),
            target: to.to_owned(),
            target_column: String::new(),
        };
        let tables = ["a", "b", "c", "d"].map(named).to_vec();
        let references = [
            reference("a", "c"),
            reference("a", "a"),
            reference("c", "d"),
        ];
        let sorted = in_order(tables.clone(), &references);
        let names: Vec<&str> = sorted.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["b", "d", "c", "a"]);
        let circle = [reference("a", "b"), reference("b", "a")];
        assert_eq!(in_order(tables, &circle).len(), 4);
    }

    #[test]
    fn columns_have_the_same_types_on_both_databases() {
        for (sqlite, postgres) in [
            ("INTEGER", "bigint"),
            ("BIGINT", "bigint"),
            ("REAL", "double precision"),
            ("BOOLEAN", "boolean"),
            ("TEXT", "text"),
            ("BLOB", "bytea"),
        ] {
            assert_eq!(ColumnKind::of(sqlite), ColumnKind::of(postgres), "{sqlite}");
            assert!(ColumnKind::of(sqlite).is_some());
        }
        assert_eq!(ColumnKind::of("tsvector"), None);
    }
}

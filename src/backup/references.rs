//! Checks rows against the schema: their columns, their types, and that each refers to rows that exist.

use super::error::BackupError;
use crate::store::{Reference, Row, Store, StoreError, Table};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The tables of a version of the database, and the references between their rows.
pub(super) struct References {
    tables: HashMap<String, Table>,
    /// The references of each table.
    of: HashMap<String, Vec<Reference>>,
    /// The values of the columns that others refer to, and the values that they refer to and have not been seen yet. Ids
    /// are numbers, so that each takes some bytes.
    seen: BTreeMap<(String, String), HashSet<i64>>,
    wanted: BTreeMap<(String, String), HashMap<i64, String>>,
}

impl References {
    /// Returns those of the database after a migration.
    ///
    /// # Errors
    /// If the temporary database that has them can't be made.
    pub(super) async fn of(schema: i64) -> Result<References, BackupError> {
        let folder = tempfile::tempdir().map_err(|error| {
            BackupError::Store(StoreError::Location(format!(
                "no temporary folder can be made: {error}"
            )))
        })?;
        let url = format!("sqlite://{}/schema.sqlite", folder.path().display());
        let store = Store::open_at(&url, schema).await?;
        let mut snapshot = store.snapshot().await?;
        let mut of: HashMap<String, Vec<Reference>> = HashMap::new();
        let mut seen = BTreeMap::new();
        for reference in snapshot.references().await? {
            let target = (reference.target.clone(), reference.target_column.clone());
            seen.insert(target, HashSet::new());
            of.entry(reference.table.clone())
                .or_default()
                .push(reference);
        }
        let tables = snapshot
            .tables()
            .iter()
            .map(|table| (table.name.clone(), table.clone()))
            .collect();
        snapshot.close().await?;
        store.close().await;
        Ok(References {
            tables,
            of,
            seen,
            wanted: BTreeMap::new(),
        })
    }

    /// Checks a row.
    ///
    /// # Errors
    /// A description of what is wrong.
    pub(super) fn see(&mut self, table: &str, row: &Row) -> Result<(), String> {
        let known = self.tables.get(table);
        let known = known.ok_or_else(|| format!("the table {table} is unknown"))?;
        known
            .check(row)
            .map_err(|problem| format!("a row of the table {table} is wrong: {problem}"))?;
        for ((target, column), values) in &mut self.seen {
            if target == table
                && let Some(value) = row.get(column).and_then(Value::as_i64)
            {
                values.insert(value);
            }
        }
        for reference in self.of.get(table).into_iter().flatten() {
            let Some(value) = row.get(&reference.column).and_then(Value::as_i64) else {
                continue;
            };
            let target = (reference.target.clone(), reference.target_column.clone());
            if self
                .seen
                .get(&target)
                .is_none_or(|values| !values.contains(&value))
            {
                let from = format!("{table}.{}", reference.column);
                self.wanted.entry(target).or_default().insert(value, from);
            }
        }
        Ok(())
    }

    /// Checks that everything that rows refer to was seen.
    ///
    /// # Errors
    /// A description of the first row that is missing.
    pub(super) fn end(self) -> Result<(), String> {
        for (target, values) in &self.wanted {
            let seen = self.seen.get(target);
            for (value, from) in values {
                if seen.is_none_or(|seen| !seen.contains(value)) {
                    return Err(format!(
                        "a row refers by {from} to the row {value} of the table {}, which is missing",
                        target.0
                    ));
                }
            }
        }
        Ok(())
    }
}

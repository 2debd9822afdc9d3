//! Values of rows as JSON.

use super::{
    Row,
    tables::{Column, ColumnKind, Table},
};
use crate::store::database::{Result, StoreError};
use data_encoding::BASE64;
use serde_json::Value;
use sqlx::{Row as _, TypeInfo, ValueRef, postgres::PgRow, sqlite::SqliteRow};

/// Reads a row of SQLite, where a column can have values of other types than its own.
pub(super) fn from_sqlite(row: &SqliteRow, table: &Table) -> Result<Row> {
    let mut values = Row::new();
    for (index, column) in table.columns.iter().enumerate() {
        let raw = row.try_get_raw(index)?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            let stored = raw.type_info().name().to_owned();
            sqlite_value(row, index, column, &stored)?
                .ok_or_else(|| misfit(table, column, &values, &stored))?
        };
        values.insert(column.name.clone(), value);
    }
    Ok(values)
}

/// Reads a value. Returns `None` if it can't be a value of the column.
fn sqlite_value(
    row: &SqliteRow,
    index: usize,
    column: &Column,
    stored: &str,
) -> Result<Option<Value>> {
    let bytes = |row: &SqliteRow| row.try_get_unchecked::<Vec<u8>, _>(index);
    Ok(match (column.kind, stored) {
        (ColumnKind::Integer, "INTEGER") => {
            Some(Value::from(row.try_get_unchecked::<i64, _>(index)?))
        }
        (ColumnKind::Boolean, "INTEGER" | "BOOLEAN") => {
            Some(Value::from(row.try_get_unchecked::<i64, _>(index)? != 0))
        }
        (ColumnKind::Real, "REAL" | "INTEGER") => {
            Some(Value::from(row.try_get_unchecked::<f64, _>(index)?))
        }
        (ColumnKind::Text, "TEXT" | "BLOB") => String::from_utf8(bytes(row)?).ok().map(Value::from),
        (ColumnKind::Bytes, "BLOB" | "TEXT") => Some(Value::from(BASE64.encode(&bytes(row)?))),
        _ => None,
    })
}

/// Returns the error about a value that another program wrote: no other database could store it.
fn misfit(table: &Table, column: &Column, row: &Row, stored: &str) -> StoreError {
    let key = table.key.iter().filter_map(|name| row.get(name));
    let key: Vec<String> = key.map(ToString::to_string).collect();
    StoreError::Value(format!(
        "the row {} of the table {} has a value of the type {stored} in the column {}, where none belongs: correct it",
        key.join(", "),
        table.name,
        column.name
    ))
}

/// Reads a row of PostgreSQL.
pub(super) fn from_postgres(row: &PgRow, table: &Table) -> Result<Row> {
    let mut values = Row::new();
    for (index, column) in table.columns.iter().enumerate() {
        let value = match column.kind {
            ColumnKind::Integer => row.try_get::<Option<i64>, _>(index)?.map(Value::from),
            ColumnKind::Boolean => row.try_get::<Option<bool>, _>(index)?.map(Value::from),
            ColumnKind::Real => row.try_get::<Option<f64>, _>(index)?.map(Value::from),
            ColumnKind::Text => row.try_get::<Option<String>, _>(index)?.map(Value::from),
            ColumnKind::Bytes => row
                .try_get::<Option<Vec<u8>>, _>(index)?
                .map(|bytes| Value::from(BASE64.encode(&bytes))),
        };
        values.insert(column.name.clone(), value.unwrap_or(Value::Null));
    }
    Ok(values)
}

impl Table {
    /// Checks that a row has the columns of this table and no others, each with a value of its type.
    ///
    /// # Errors
    /// A description of what is wrong.
    pub fn check(&self, row: &Row) -> std::result::Result<(), String> {
        if let Some(unknown) = row.keys().find(|name| !self.has(name)) {
            return Err(format!("it has the unknown column {unknown}"));
        }
        for column in &self.columns {
            let Some(value) = row.get(&column.name) else {
                return Err(format!("its column {} is missing", column.name));
            };
            let fits = match (column.kind, value) {
                (_, Value::Null) => true,
                (ColumnKind::Integer, value) => value.is_i64(),
                (ColumnKind::Real, value) => value.is_number(),
                (ColumnKind::Boolean, value) => value.is_boolean(),
                (ColumnKind::Text, value) => value.is_string(),
                (ColumnKind::Bytes, Value::String(text)) => BASE64.decode(text.as_bytes()).is_ok(),
                (ColumnKind::Bytes, _) => false,
            };
            if !fits {
                return Err(format!(
                    "its column {} has a value of another type",
                    column.name
                ));
            }
        }
        Ok(())
    }
}

/// A value as it is bound to a statement.
pub(super) enum Bound {
    Integer(Option<i64>),
    Real(Option<f64>),
    Boolean(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// Returns the value of a column for a statement. A value of another type, which [`Table::check`] finds, is none.
pub(super) fn bound(column: &Column, row: &Row) -> Bound {
    let value = row.get(&column.name).unwrap_or(&Value::Null);
    match column.kind {
        ColumnKind::Integer => Bound::Integer(value.as_i64()),
        ColumnKind::Real => Bound::Real(value.as_f64()),
        ColumnKind::Boolean => Bound::Boolean(value.as_bool()),
        ColumnKind::Text => Bound::Text(value.as_str().map(str::to_owned)),
        ColumnKind::Bytes => Bound::Bytes(
            value
                .as_str()
                .and_then(|text| BASE64.decode(text.as_bytes()).ok()),
        ),
    }
}

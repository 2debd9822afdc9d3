//! Macros that run one statement on either database: `fetch_*!` reads rows or single columns, `execute!` writes.
//!
//! The first argument is the connection, the second the statement, the others are its parameters in order. A statement
//! is one text for both databases, `[sqlite, postgres]`, or one with a JSON list in it: `ids(before, "$1", after)` for
//! numbers and `texts(before, "$1", after)` for texts stand for `before (the elements of the list $1) after`. A statement
//! about many things at once is `rows("$1", [column type, ...], statement)`: in it, the table `r` has the objects of the
//! JSON list $1. They are macros, because sqlx takes statements that are literals, and a connection of either type.

/// Runs a statement as `$how` says: sqlx's function to make it, and its method to run it.
macro_rules! run {
    ($how:tt, $conn:expr, ids($before:expr, $list:literal, $after:expr) $(, $value:expr)* $(,)?) => {
        $crate::store::database::run!(
            $how,
            $conn,
            [
                concat!($before, "(SELECT value FROM json_each(", $list, "))", $after),
                concat!(
                    $before,
                    "(SELECT value::bigint FROM json_array_elements_text(",
                    $list,
                    "::json))",
                    $after
                )
            ]
            $(, $value)*
        )
    };
    ($how:tt, $conn:expr, texts($before:expr, $list:literal, $after:expr) $(, $value:expr)* $(,)?) => {
        $crate::store::database::run!(
            $how,
            $conn,
            [
                concat!($before, "(SELECT value FROM json_each(", $list, "))", $after),
                concat!(
                    $before,
                    "(SELECT value FROM json_array_elements_text(",
                    $list,
                    "::json))",
                    $after
                )
            ]
            $(, $value)*
        )
    };
    (
        $how:tt,
        $conn:expr,
        rows($list:literal, [$first:ident $first_type:ident $(, $column:ident $type:ident)* $(,)?], [$sqlite:expr, $postgres:expr $(,)?])
        $(, $value:expr)* $(,)?
    ) => {
        $crate::store::database::run!(
            $how,
            $conn,
            [
                // Each use of `value` writes the element anew, so it is read once.
                concat!(
                    "WITH elements AS MATERIALIZED (SELECT jsonb(value) AS value FROM json_each(", $list, ")), \
                     r AS MATERIALIZED (SELECT value ->> '", stringify!($first), "' AS ", stringify!($first),
                    $(", value ->> '", stringify!($column), "' AS ", stringify!($column),)*
                    " FROM elements) ",
                    $sqlite
                ),
                concat!(
                    "WITH r AS MATERIALIZED (SELECT * FROM json_to_recordset(", $list, "::json) AS r (",
                    stringify!($first), " ", stringify!($first_type),
                    $(", ", stringify!($column), " ", stringify!($type),)*
                    ")) ",
                    $postgres
                )
            ]
            $(, $value)*
        )
    };
    ($how:tt, $conn:expr, rows($list:literal, $columns:tt, $rest:expr) $(, $value:expr)* $(,)?) => {
        $crate::store::database::run!($how, $conn, rows($list, $columns, [$rest, $rest]) $(, $value)*)
    };
    (
        ($query:ident $fetch:ident $($then:tt)*),
        $conn:expr,
        [$sqlite:expr, $postgres:expr $(,)?]
        $(, $value:expr)* $(,)?
    ) => {
        match $conn.raw() {
            $crate::store::database::Raw::Sqlite(c) => {
                sqlx::$query($sqlite)$(.bind($value))*.$fetch(c).await $($then)*
            }
            $crate::store::database::Raw::Postgres(c) => {
                sqlx::$query($postgres)$(.bind($value))*.$fetch(c).await $($then)*
            }
        }
        .map_err($crate::store::StoreError::from)
    };
    ($how:tt, $conn:expr, $statement:expr $(, $value:expr)* $(,)?) => {
        $crate::store::database::run!($how, $conn, [$statement, $statement] $(, $value)*)
    };
}
pub(in crate::store) use run;

/// Reads all rows.
macro_rules! fetch_all {
    ($($call:tt)*) => {
        $crate::store::database::run!((query_as fetch_all), $($call)*)
    };
}
pub(in crate::store) use fetch_all;

/// Reads the only row.
macro_rules! fetch_one {
    ($($call:tt)*) => {
        $crate::store::database::run!((query_as fetch_one), $($call)*)
    };
}
pub(in crate::store) use fetch_one;

/// Reads the first row, if there is one.
macro_rules! fetch_optional {
    ($($call:tt)*) => {
        $crate::store::database::run!((query_as fetch_optional), $($call)*)
    };
}
pub(in crate::store) use fetch_optional;

/// Reads the first column of all rows.
macro_rules! fetch_scalars {
    ($($call:tt)*) => {
        $crate::store::database::run!((query_scalar fetch_all), $($call)*)
    };
}
pub(in crate::store) use fetch_scalars;

/// Reads the first column of the only row.
macro_rules! fetch_scalar {
    ($($call:tt)*) => {
        $crate::store::database::run!((query_scalar fetch_one), $($call)*)
    };
}
pub(in crate::store) use fetch_scalar;

/// Reads the first column of the first row, if there is one.
macro_rules! fetch_optional_scalar {
    ($($call:tt)*) => {
        $crate::store::database::run!((query_scalar fetch_optional), $($call)*)
    };
}
pub(in crate::store) use fetch_optional_scalar;

/// Writes. Returns the number of changed rows.
macro_rules! execute {
    ($($call:tt)*) => {
        $crate::store::database::run!((query execute .map(|done| done.rows_affected())), $($call)*)
    };
}
pub(in crate::store) use execute;

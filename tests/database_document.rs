//! docs/database.md lists the tables and columns that a fresh database has.

use crate::support::{Database, both_databases, postgres, sql};
use pamphlet::store::Store;
use rstest_reuse::apply;
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = include_str!("../docs/database.md");

/// The type of each column, as docs/database.md writes it.
type Columns = BTreeMap<String, String>;

/// A public table as docs/database.md describes it.
#[derive(Default)]
struct Table {
    columns: Columns,
    /// Whether it has other columns, which are the node's.
    has_others: bool,
}

/// Returns the cells of a row of a Markdown table.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

/// Returns the words in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// Returns the tables that have a heading and a list of their columns.
fn public_tables() -> BTreeMap<String, Table> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for section in DOCUMENT.split("\n### ").skip(1) {
        let (name, text) = section.split_once('\n').unwrap();
        let rows = text.lines().skip_while(|line| cells(line).is_none());
        let table = tables.entry(name.to_owned()).or_default();
        for row in rows.map_while(cells).skip(2) {
            table.has_others |= row[0] == "all others";
            let columns = quoted(row[0]).map(|column| (column, row[1].to_owned()));
            table.columns.extend(columns);
        }
    }
    tables
}

/// Returns the tables that the last section lists.
fn own_tables() -> BTreeSet<String> {
    let (_, section) = DOCUMENT.split_once("## The node's own tables").unwrap();
    let rows = section.lines().filter_map(cells);
    rows.flat_map(|row| quoted(row[0]).collect::<Vec<_>>())
        .collect()
}

/// Returns the URL of a database that was just made.
async fn fresh_database(database: Database, folder: &tempfile::TempDir) -> String {
    let url = match database {
        Database::Sqlite => format!("sqlite://{}/fresh.sqlite", folder.path().display()),
        Database::Postgres => postgres::new_database().await,
    };
    Store::open(&url).await.unwrap().close().await;
    url
}

/// Returns the columns of all tables but those of sqlx, of SQLite's full-text index and of the database itself.
async fn schema(database: Database, url: &str) -> BTreeMap<String, Columns> {
    let query = match database {
        Database::Sqlite => {
            "SELECT t.name || '|' || c.name || '|' || c.type || '|' || (c.\"notnull\" OR c.pk > 0)
             FROM sqlite_master t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '_sqlx_%'
               AND t.name NOT LIKE 'search_index%'"
        }
        Database::Postgres => {
            "SELECT CONCAT_WS('|', table_name, column_name, data_type, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END)
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'"
        }
    };
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    for row in sql::texts(url, query).await {
        let [table, column, kind, required] = row.split('|').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let columns = tables.entry(table.to_owned()).or_default();
        columns.insert(
            column.to_owned(),
            documented_type(column, kind, required == "1"),
        );
    }
    tables
}

/// Returns the type as docs/database.md writes it. Times are integers, and named by what happened `at` them.
fn documented_type(column: &str, kind: &str, required: bool) -> String {
    let kind = match kind.to_lowercase().as_str() {
        "integer" | "bigint" if column.ends_with("_at") || column.ends_with("_from") => "time",
        "integer" | "bigint" => "integer",
        "text" => "text",
        "boolean" => "boolean",
        other => other,
    }
    .to_owned();
    if required { kind } else { kind + " or null" }
}

#[apply(both_databases)]
async fn each_public_table_has_the_columns_that_are_documented(#[case] database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_database(database, &folder).await;
    let schema = schema(database, &url).await;
    let documented = public_tables();
    assert_eq!(documented.len(), 6);
    for (name, table) in documented {
        let mut real = schema[&name].clone();
        if table.has_others {
            real.retain(|column, _| table.columns.contains_key(column));
        }
        assert_eq!(real, table.columns, "{name}");
    }
}

#[apply(both_databases)]
async fn each_table_is_documented(#[case] database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_database(database, &folder).await;
    let real: BTreeSet<String> = schema(database, &url).await.into_keys().collect();
    let mut documented = own_tables();
    documented.extend(public_tables().into_keys());
    assert_eq!(real, documented);
}

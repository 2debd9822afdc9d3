//! The plans of all statements that ran, and those that read or sort a large table.

use super::database::Database;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A table with more rows is large.
const LARGE: i64 = 2_000;

/// Statements that read a large table for a good reason: a part of each, and the reason.
const EXPECTED: [(&str, &str); 6] = [
    (
        "AS destinations,",
        "`deliveries status` adds up all hosts, of which there are few",
    ),
    ("AS failed_messages", "`status` counts"),
    ("FROM remote_actors r", "statistics of all hosts"),
    (
        "DELETE FROM spellings",
        "few ids have another spelling than the canonical one",
    ),
    ("GROUP BY t.tag", "tags are counted"),
    (
        "LOWER(c.content) LIKE",
        "a search for a part of a word has no index",
    ),
];

/// Returns the statements in a log with the longest time of each, in milliseconds.
pub(crate) fn statements(logs: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for line in logs.lines() {
        let Some(statement) = statement_in(line) else {
            continue;
        };
        let seconds = line.split("elapsed_secs=").nth(1).unwrap_or_default();
        let seconds = seconds.split_whitespace().next().unwrap_or_default();
        let milliseconds = seconds.parse().unwrap_or(0.0) * 1000.0;
        let longest: &mut f64 = found.entry(statement).or_default();
        *longest = longest.max(milliseconds);
    }
    found
}

/// Returns the statement of a line of the log. Short ones are their own summary.
fn statement_in(line: &str) -> Option<String> {
    let text = |name: &str| {
        let quoted = line.split_once(name)?.1;
        serde_json::Deserializer::from_str(quoted)
            .into_iter::<String>()
            .next()?
            .ok()
    };
    let statement = text("db.statement=").filter(|text| !text.is_empty());
    let statement = statement.or_else(|| text("summary="))?;
    Some(statement.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Returns a line for each step of a plan that reads or sorts a large table.
pub(crate) async fn findings(database: &Database, logs: &str) -> BTreeSet<String> {
    let findings = if database.is_sqlite() {
        of_sqlite(database, logs).await
    } else {
        of_postgres(logs)
    };
    let is_new = |finding: &String| EXPECTED.iter().all(|(part, _)| !finding.contains(part));
    findings.into_iter().filter(is_new).collect()
}

async fn of_sqlite(database: &Database, logs: &str) -> BTreeSet<String> {
    let large = large_tables(database).await;
    let partial = partial_indexes(database).await;
    let mut findings = BTreeSet::new();
    for statement in statements(logs).into_keys() {
        for step in database.sqlite_plan(&statement).await.unwrap_or_default() {
            let mut words = step.split(' ');
            if words.next() != Some("SCAN") {
                continue;
            }
            let name = words.next().unwrap_or_default();
            let is_partial = step
                .rsplit(' ')
                .next()
                .is_some_and(|index| partial.contains(index));
            if !is_partial
                && large
                    .iter()
                    .any(|table| stands_for(&statement, name, table))
            {
                findings.insert(format!("{step}: {statement}"));
            }
        }
    }
    findings
}

/// Returns whether a name in a plan is that of a table, or its alias in the statement.
fn stands_for(statement: &str, name: &str, table: &str) -> bool {
    name == table
        || statement.contains(&format!("{table} {name} "))
        || statement.contains(&format!("{table} AS {name} "))
}

async fn large_tables(database: &Database) -> Vec<String> {
    let mut large = Vec::new();
    for table in database.names("table").await {
        if table.starts_with("search_index") || table.starts_with("sqlite") {
            continue;
        }
        if database
            .number(&format!("SELECT COUNT(*) FROM {table}"))
            .await
            > LARGE
        {
            large.push(table);
        }
    }
    large
}

/// Indexes of a part of a table. Reading all of one is not reading the table.
async fn partial_indexes(database: &Database) -> BTreeSet<String> {
    database.names("index").await.into_iter().collect()
}

/// Reads the plans that PostgreSQL sent as notices, with the rows that each step had.
fn of_postgres(logs: &str) -> BTreeSet<String> {
    let mut findings = BTreeSet::new();
    for text in logs.split(" plan:\n").skip(1) {
        let end = text.find("\n}").map_or(text.len(), |end| end + 2);
        let Ok(plan) = serde_json::from_str::<Value>(&text[..end]) else {
            continue;
        };
        let statement = plan["Query Text"].as_str().unwrap_or_default();
        let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        steps(&plan["Plan"], &mut |step| {
            findings.insert(format!("{step}: {statement}"));
        });
    }
    findings
}

/// Reports each step below a node of a plan that reads or sorts many rows.
fn steps(node: &Value, report: &mut dyn FnMut(String)) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let rows = (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
    if matches!(kind, "Seq Scan" | "Sort") && rows > LARGE as f64 {
        let table = node["Relation Name"].as_str().unwrap_or_default();
        report(format!("{kind} {table}, {rows} rows"));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        steps(child, report);
    }
}

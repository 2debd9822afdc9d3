//! Direct access to a node's database, for what a test can't do through the node.

use super::TestNode;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// The tables that a request could change, without those that the node fills and empties by itself.
const TABLES: [&str; 21] = [
    "activities",
    "approvals",
    "articles",
    "authors",
    "blocks",
    "comment_edits",
    "comments",
    "destinations",
    "features",
    "followers",
    "inbox_counts",
    "interactions",
    "local_actors",
    "notices",
    "quotes",
    "reactions",
    "received",
    "remote_actors",
    "remote_keys",
    "tombstones",
    "withheld_reactions",
];

/// Runs the same code on a connection to either database.
macro_rules! with {
    ($url:expr, |$connection:ident| $body:expr) => {
        if $url.starts_with("sqlite") {
            let mut $connection = SqliteConnection::connect($url).await.unwrap();
            let done = $body;
            $connection.close().await.unwrap();
            done
        } else {
            let mut $connection = PgConnection::connect($url).await.unwrap();
            let done = $body;
            $connection.close().await.unwrap();
            done
        }
    };
}

/// Runs statements that both databases take.
pub(crate) async fn run(database_url: &str, statements: &str) {
    let text = statements.to_owned();
    with!(database_url, |connection| sqlx::raw_sql(AssertSqlSafe(
        text
    ))
    .execute(&mut connection)
    .await
    .map(drop)
    .unwrap());
}

/// Returns the number that a query selects.
pub(crate) async fn number(database_url: &str, query: &str) -> Option<i64> {
    let text = query.to_owned();
    with!(database_url, |connection| sqlx::query_scalar::<
        _,
        Option<i64>,
    >(AssertSqlSafe(text))
    .fetch_optional(&mut connection)
    .await
    .unwrap()
    .flatten())
}

/// Returns the texts that a query selects, one for each row.
pub(crate) async fn texts(database_url: &str, query: &str) -> Vec<String> {
    let text = query.to_owned();
    with!(database_url, |connection| sqlx::query_scalar::<_, String>(
        AssertSqlSafe(text)
    )
    .fetch_all(&mut connection)
    .await
    .unwrap())
}

/// The connection to PostgreSQL that a test keeps: it reads again and again until something has happened, and a new
/// connection takes longer than most queries.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<PgConnection>>);

/// Runs the same code on a connection to a node's database, which is kept if it is one to PostgreSQL.
macro_rules! with_kept {
    ($node:expr, |$connection:ident| $body:expr) => {
        if $node.database_url.starts_with("sqlite") {
            with!(&$node.database_url, |$connection| $body.unwrap())
        } else {
            let mut kept = $node.connection.0.lock().await;
            // A server that was restarted has closed it.
            let done = match kept.take() {
                Some(mut $connection) => $body.ok().map(|done| (done, $connection)),
                None => None,
            };
            let (done, connection) = match done {
                Some(done) => done,
                None => {
                    let mut $connection = PgConnection::connect(&$node.database_url).await.unwrap();
                    ($body.unwrap(), $connection)
                }
            };
            *kept = Some(connection);
            done
        }
    };
}

impl TestNode {
    /// Runs statements, and wakes the node.
    pub(crate) async fn sql(&self, statements: &str) {
        run(&self.database_url, statements).await;
        self.node.store.wake();
    }

    /// Returns the number that a query selects.
    pub(crate) async fn number(&self, query: &str) -> Option<i64> {
        with_kept!(self, |connection| sqlx::query_scalar::<_, Option<i64>>(
            AssertSqlSafe(query.to_owned())
        )
        .fetch_optional(&mut connection)
        .await)
        .flatten()
    }

    /// Returns the texts that a query selects, one for each row.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        with_kept!(self, |connection| sqlx::query_scalar::<_, String>(
            AssertSqlSafe(query.to_owned())
        )
        .fetch_all(&mut connection)
        .await)
    }

    /// Returns the number of rows of each table.
    pub(crate) async fn rows(&self) -> BTreeMap<String, i64> {
        let counts = TABLES.map(|table| format!("SELECT '{table} ' || COUNT(*) FROM {table}"));
        let texts = self.texts(&counts.join(" UNION ALL ")).await;
        let pairs = texts.iter().map(|text| text.split_once(' ').unwrap());
        pairs
            .map(|(table, count)| (table.to_owned(), count.parse().unwrap()))
            .collect()
    }
}

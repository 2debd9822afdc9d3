//! The database that is measured, and statements beside the node.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};
use std::path::Path;

/// A database of either kind.
pub(crate) struct Database {
    pub(crate) url: String,
}

impl Database {
    /// Makes an empty SQLite file in a folder, or empties the PostgreSQL database at `postgres`.
    pub(crate) async fn create(postgres: Option<&str>, folder: &Path) -> Database {
        let Some(url) = postgres else {
            let file = folder.join("pamphlet.sqlite");
            // A file of an earlier run that was kept.
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", file.display()));
            }
            let url = format!("sqlite://{}", file.display());
            return Database { url };
        };
        let database = Database {
            url: url.to_owned(),
        };
        let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'million_benchmark'";
        let is_ours = "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'million_benchmark'";
        assert!(
            database.number(tables).await == 0 || database.number(is_ours).await == 1,
            "the database has tables that are not of this benchmark"
        );
        database
            .run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE million_benchmark ()")
            .await;
        database.explain_statements().await;
        database
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    /// Has PostgreSQL tell each connection the plans of its statements.
    async fn explain_statements(&self) {
        let name = self.url.rsplit('/').next().unwrap_or_default();
        let name = name.split('?').next().unwrap_or_default();
        for (setting, value) in [
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_format", "json"),
            ("auto_explain.log_analyze", "on"),
            ("auto_explain.log_timing", "off"),
            ("auto_explain.log_level", "notice"),
        ] {
            self.run(&format!("ALTER DATABASE {name} SET {setting} = '{value}'"))
                .await;
        }
    }

    /// Runs statements.
    pub(crate) async fn run(&self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        if self.is_sqlite() {
            let mut connection = self.sqlite().await;
            let fast =
                "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY";
            connection.execute(fast).await.unwrap();
            sqlx::raw_sql(statements)
                .execute(&mut connection)
                .await
                .unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            // Its own statements are not explained.
            let _ = connection
                .execute("SET auto_explain.log_min_duration = -1")
                .await;
            sqlx::raw_sql(statements)
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }

    /// Returns the number that a statement selects.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()));
        if self.is_sqlite() {
            return query.fetch_one(&mut self.sqlite().await).await.unwrap();
        }
        let query = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()));
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        query.fetch_one(&mut connection).await.unwrap()
    }

    /// Returns the steps of a statement's plan on SQLite; `None` if it can't be explained.
    pub(crate) async fn sqlite_plan(&self, statement: &str) -> Option<Vec<String>> {
        let statement = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let mut connection = self.sqlite().await;
        let rows = sqlx::raw_sql(statement).fetch_all(&mut connection).await;
        let steps = rows.ok()?.into_iter().map(|row| row.get("detail"));
        Some(steps.collect())
    }

    /// Returns the names of all tables, or of the indexes that have a condition, on SQLite.
    pub(crate) async fn names(&self, kind: &'static str) -> Vec<String> {
        let statement = "SELECT name FROM sqlite_master WHERE type = $1 AND ($1 = 'table' OR sql LIKE '%WHERE%')";
        let names = sqlx::query_scalar(statement).bind(kind);
        names.fetch_all(&mut self.sqlite().await).await.unwrap()
    }

    async fn sqlite(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.url).await.unwrap()
    }
}

//! How long it takes to enqueue one article for 1,000,000 followers on 20,000 servers.
//!
//!     cargo bench --bench enqueue
//!     PAMPHLET_BENCH_POSTGRES=postgres://... cargo bench --bench enqueue     # an empty database
//!
//! Prints milliseconds, first with no destination known as due, then again with all of them due.

use pamphlet::{
    config::{Config, Overrides},
    node::Node,
    store::{NewActivity, Store, new_uid},
};
use std::time::Instant;

const FOLLOWERS: i64 = 1_000_000;
const HOSTS: i64 = 20_000;

/// Rows by the database itself: a million calls would measure the calls.
const NUMBERS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    run(
        "SQLite",
        &format!("sqlite://{}/bench.sqlite", folder.path().display()),
    )
    .await;
    match std::env::var("PAMPHLET_BENCH_POSTGRES") {
        Ok(url) => run("PostgreSQL", &url).await,
        Err(_) => println!("PostgreSQL: not measured, PAMPHLET_BENCH_POSTGRES names no database"),
    }
}

async fn run(name: &str, url: &str) {
    let overrides = Overrides {
        public_url: Some("https://blog.example".into()),
        database_url: Some(url.to_owned()),
        without_file: true,
        ..Overrides::default()
    };
    let config = Config::load_with(&overrides, &|_| None).unwrap();
    let store = Store::open(url).await.unwrap();
    let node = Node::open(config, store).await.unwrap();
    fill(url, node.site_id()).await;
    for round in ["first", "again"] {
        let mut tx = node.store.begin().await.unwrap();
        let activity = NewActivity {
            uid: new_uid(),
            local_actor_id: node.site_id(),
            kind: "Create",
            object_uri: "https://blog.example/articles/1".into(),
            body: "{}".into(),
            public: true,
        };
        let id = tx.add_activity(&activity).await.unwrap();
        let start = Instant::now();
        let deliveries = tx.enqueue_to_followers(id, node.site_id()).await.unwrap();
        let enqueued = start.elapsed();
        tx.commit().await.unwrap();
        let committed = start.elapsed();
        assert_eq!(deliveries, HOSTS as u64);
        println!(
            "{name}, {round}: {deliveries} deliveries for {FOLLOWERS} followers in {} ms, committed after {} ms",
            enqueued.as_millis(),
            committed.as_millis()
        );
    }
}

async fn fill(url: &str, site: i64) {
    let statements = [
        format!(
            "{NUMBERS} INSERT INTO destinations (inbox, host)
             SELECT 'https://h' || i || '.example/inbox', 'h' || i || '.example' FROM n"
        ),
        format!(
            "{NUMBERS} INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, inbox, fetched_at)
             SELECT 'https://h' || (i % {HOSTS}) || '.example/u/' || i, 'h' || (i % {HOSTS}) || '.example', 'Person',
                'u' || i, 'h' || (i % {HOSTS}) || '.example', 'u' || i, 'https://h' || (i % {HOSTS}) || '.example/inbox', 0
             FROM n"
        ),
        format!(
            "{NUMBERS} INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, created_at)
             SELECT {site}, i, 1 + (i % {HOSTS}), 'https://example/follows/' || i, 0 FROM n"
        ),
    ];
    let counts = [HOSTS, FOLLOWERS, FOLLOWERS];
    if url.starts_with("sqlite") {
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(url)
            .await
            .unwrap();
        for (statement, count) in statements.into_iter().zip(counts) {
            let statement = sqlx::AssertSqlSafe(statement);
            sqlx::query(statement)
                .bind(count)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        sqlx::query("ANALYZE")
            .execute(&mut connection)
            .await
            .unwrap();
    } else {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url)
            .await
            .unwrap();
        for (statement, count) in statements.into_iter().zip(counts) {
            let statement = sqlx::AssertSqlSafe(statement);
            sqlx::query(statement)
                .bind(count)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        sqlx::query("ANALYZE")
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

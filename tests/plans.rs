//! The plans of statements on SQLite: none that a page, a command or a loop runs reads a whole table that grows with the
//! followers and comments. SQLite plans without looking at the rows, so that a small database shows it.
//! `cargo bench --bench million` checks PostgreSQL too, with a million rows.

use crate::support::{Database, Program, eventually, http_client, sql};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use std::collections::BTreeSet;

/// Tables that have a row for each follower, comment, activity or deletion.
const GROWING: [&str; 11] = [
    "activities",
    "comments",
    "deliveries",
    "followers",
    "reactions",
    "received",
    "rechecks",
    "remote_actors",
    "remote_keys",
    "tombstones",
    "withheld_reactions",
];

/// Parts of statements that may read such a table.
const EXPECTED: [&str; 4] = [
    // It ends at the first delivery that waits.
    "AS oldest",
    // It is run once, after an upgrade from a version without spellings.
    "SELECT uri FROM comments UNION ALL SELECT url FROM comments",
    // Few comments are hidden.
    "state = 'hidden' AND reason = 'its author is blocked'",
    // Few reactions are withheld.
    "FROM withheld_reactions WHERE reason = 'blocked'",
];

/// Steps that may read all comments, of which almost all are visible.
const BROAD: [&str; 2] = ["comments_by_time (state=?)", "comments_by_state (state=?)"];

const ROWS: &str = "
    INSERT INTO destinations (id, inbox, host) VALUES (1, 'https://a.example/inbox', 'a.example');
    INSERT INTO remote_actors (id, uri, host, domain, kind, username, handle_host, name, inbox, fetched_at)
    VALUES (1, 'https://a.example/users/a', 'a.example', 'a.example', 'Person', 'a', 'a.example', 'A',
        'https://a.example/users/a/inbox', 1);
    INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, created_at)
    SELECT id, 1, 1, 'https://a.example/follows/1', 1 FROM local_actors WHERE kind = 'site';
    INSERT INTO comments (id, article_id, number, uri, actor_id, author_name, author_handle, content, state, published_at,
        received_at)
    SELECT 1, id, 1, 'https://a.example/notes/1', 1, 'A', '@a@a.example', '<p>A comment.</p>', 'visible', 1, 1
    FROM articles;
    UPDATE articles SET last_comment_number = 1;
    INSERT INTO reactions (actor_id, article_id, kind, uri, created_at)
    SELECT 1, id, 'like', 'https://a.example/likes/1', 1 FROM articles";

#[tokio::test]
async fn no_statement_reads_a_whole_table_that_grows() {
    let mut program = Program::new(Database::Sqlite).await;
    program.set("RUST_LOG", "warn,sqlx::query=trace");
    program.serve().await;
    program.file(
        "one.md",
        "---\ntitle: One\ntags: [film]\n---\nSome words.\n",
    );
    let mut log = run(&program, &["post", "publish", "one.md"]).await;
    let published = "SELECT COUNT(*) FROM publications";
    eventually("the article is published", || async {
        (sql::number(&program.database_url, published).await == Some(1)).then_some(())
    })
    .await;
    sql::run(&program.database_url, ROWS).await;
    let page = "SELECT path FROM publications";
    let page = sql::texts(&program.database_url, page).await.remove(0);
    for path in [
        "/",
        &page,
        &format!("{page}/reactions"),
        "/archive",
        "/tags/film",
        "/feed.atom",
        "/sitemap.xml",
        "/users/blog/followers",
        "/users/blog/followers?page=first",
        "/users/blog/followers?page=5",
        "/users/blog/outbox",
        "/users/blog/outbox?page=first",
        "/users/blog/outbox?page=5",
        "/users/blog/featured",
    ] {
        request(&program, path).await;
    }
    for arguments in [
        &["followers", "list"] as &[&str],
        &["followers", "requests"],
        &["comments", "list"],
        &["comments", "list", "--state", "held"],
        &["comments", "list", "--host", "a.example"],
        &["comments", "show", "1"],
        &["reactions", "list"],
        &["deliveries", "status"],
        &["deliveries", "list"],
        &["block", "add", "b.example"],
        &["comments", "delete", "1", "--yes"],
        &["post", "delete", "one", "--yes"],
    ] {
        log += &run(&program, arguments).await;
    }
    program.terminate().await;
    log += &program.output("serve.err");
    let statements: BTreeSet<String> = log.lines().filter_map(statement_in).collect();
    for part in ["FROM followers f", "lease_owner", "DELETE FROM tombstones"] {
        let is_there = statements.iter().any(|statement| statement.contains(part));
        assert!(is_there, "{part} was not logged");
    }
    let scans = scans(&program.database_url, &statements).await;
    assert!(scans.is_empty(), "{scans:#?}");
}

async fn run(program: &Program, arguments: &[&str]) -> String {
    let output = program.run(arguments).await;
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {log}");
    log
}

async fn request(program: &Program, path: &str) {
    let client = http_client().build().unwrap();
    for accept in ["text/html", "application/activity+json"] {
        let request = client.get(format!("{}{path}", program.origin));
        let response = request.header("accept", accept).send().await.unwrap();
        let is_fine = response.status().is_success() || response.status().is_redirection();
        assert!(is_fine, "{path}: {}", response.status());
    }
}

/// Returns the statement of a line of the log. A short one is its own summary.
fn statement_in(line: &str) -> Option<String> {
    let text = |name: &str| {
        let quoted = line.split_once(name)?.1;
        let mut texts = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
        texts.next()?.ok()
    };
    let whole = text("db.statement=").filter(|statement| !statement.is_empty());
    whole.or_else(|| text("summary="))
}

/// Returns the steps that read a whole growing table, each with its statement.
async fn scans(database_url: &str, statements: &BTreeSet<String>) -> Vec<String> {
    let mut connection = SqliteConnection::connect(database_url).await.unwrap();
    let partial = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'";
    let partial: Vec<String> = sqlx::query_scalar(partial)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let mut scans = Vec::new();
    for statement in statements {
        let in_one_line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        if EXPECTED.iter().any(|part| in_one_line.contains(part)) {
            continue;
        }
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        // Statements such as BEGIN have no plan.
        let Ok(steps) = sqlx::raw_sql(explain).fetch_all(&mut connection).await else {
            continue;
        };
        for step in steps {
            let step: String = step.get("detail");
            let is_partial = partial.iter().any(|index| step.ends_with(index.as_str()));
            let is_broad = BROAD.iter().any(|end| step.ends_with(end));
            if is_broad || (is_scan_of_growing(&step, statement) && !is_partial) {
                scans.push(format!("{step}: {statement}"));
            }
        }
    }
    scans
}

/// Returns whether a step reads all of a growing table, by its name or its alias in the statement.
fn is_scan_of_growing(step: &str, statement: &str) -> bool {
    let mut words = step.split(' ');
    if words.next() != Some("SCAN") {
        return false;
    }
    let name = words.next().unwrap_or_default();
    let has_alias = |table: &str| {
        [" ", " AS "].iter().any(|joint| {
            let named = format!("{table}{joint}{name}");
            [" ", ")", "\n", ","]
                .iter()
                .any(|end| statement.contains(&format!("{named}{end}")))
        })
    };
    GROWING
        .iter()
        .any(|table| name == *table || has_alias(table))
}

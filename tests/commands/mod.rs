//! An admin's mistakes and an admin's scripts: what the command line says, and what it leaves behind.

mod databases;
mod files;
mod json;
mod setup;
mod mistakes;

use crate::support::{Database, Program, sql};
use std::process::Output;

/// What looks like a program's insides and not like a sentence to a person.
const INSIDES: &[&str] = &[
    "panicked",
    "RUST_BACKTRACE",
    "stack backtrace",
    ".rs:",
    "Error {",
    "Error(",
    "Os {",
    "Some(",
    "None",
    "Err(",
    "Database(",
    "kind:",
    "source:",
];

/// A command that fails must say why in one sentence, with these words in it; what it said.
fn assert_failure(what: &str, output: &Output, words: &[&str]) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{what}: {said}");
    assert!(
        output.stdout.is_empty(),
        "{what}: a failure is said on stderr alone"
    );
    assert!(said.starts_with("pamphlet: "), "{what}: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{what}: {said}");
    assert!(said.len() < 500, "{what}: {said}");
    for word in words {
        assert!(said.contains(word), "{what}: {word:?} is not in: {said}");
    }
    assert_sentence(what, &said);
    said
}

fn assert_sentence(what: &str, said: &str) {
    for inside in INSIDES {
        assert!(!said.contains(inside), "{what}: {inside:?} is in: {said}");
    }
}

async fn rows(program: &Program, table: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM {table}");
    sql::number(&program.database_url, &query).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_usage_error_shows_the_usage_and_exits_with_2() {
    let program = Program::new(Database::Sqlite).await;
    let cases: [(&str, &[&str]); 13] = [
        ("nothing", &[]),
        ("an unknown command", &["publish"]),
        ("an unknown subcommand", &["post", "write"]),
        ("a group without its command", &["post"]),
        ("an unknown option", &["post", "list", "--all"]),
        ("a missing argument", &["post", "publish"]),
        (
            "one argument too many",
            &["post", "publish", "a.md", "b.md"],
        ),
        ("a word for a number", &["comments", "show", "first"]),
        ("a limit of 0", &["post", "list", "--limit", "0"]),
        (
            "a huge limit",
            &["post", "list", "--limit", "99999999999999999999"],
        ),
        ("an unknown state", &["comments", "list", "--state", "lost"]),
        (
            "a bad user name",
            &["author", "add", "no spaces", "--name", "N"],
        ),
        ("an option without its value", &["--config"]),
    ];
    for (what, arguments) in cases {
        let output = program.run(arguments).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{what}: {said}");
        assert!(output.stdout.is_empty(), "{what}");
        assert!(
            said.contains("Usage: pamphlet") || said.contains("--help"),
            "{what}: {said}"
        );
        assert_sentence(what, &said);
    }
    assert!(
        !program.folder.path().join("pamphlet.sqlite").exists(),
        "a database was made"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_and_version_are_no_failures() {
    let program = Program::new(Database::Sqlite).await;
    for arguments in [["--help"], ["--version"], ["help"]] {
        let output = program.run(&arguments).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("amphlet"));
        assert!(output.stderr.is_empty());
    }
}

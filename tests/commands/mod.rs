//! An admin's mistakes and an admin's scripts: what the command line says, and what it leaves behind.

mod configuration;
mod databases;
mod document;
mod files;
mod json;
mod life;
mod mistakes;
mod places;
mod questions;
mod setup;
mod shells;
mod terminal;

use crate::support::{Database, Program, sql};
use std::process::Output;

/// Texts that show a program's internals instead of a sentence.
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

/// Runs a command that must fail with one sentence that contains these words. Returns its output.
fn assert_failure(what: &str, output: &Output, words: &[&str]) -> String {
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{what}: {printed}");
    assert!(
        output.stdout.is_empty(),
        "{what}: a failure is said on stderr alone"
    );
    assert!(printed.starts_with("pamphlet: "), "{what}: {printed}");
    assert_eq!(printed.trim_end().lines().count(), 1, "{what}: {printed}");
    assert!(printed.len() < 500, "{what}: {printed}");
    for word in words {
        assert!(
            printed.contains(word),
            "{what}: {word:?} is not in: {printed}"
        );
    }
    assert_sentence(what, &printed);
    printed
}

/// Checks that a failure's message has these words.
fn assert_printed_words(what: &str, output: &Output, words: &[&str]) {
    let printed = String::from_utf8_lossy(&output.stderr);
    for word in words {
        assert!(
            printed.contains(word),
            "{what}: {word:?} is not in: {printed}"
        );
    }
}

fn assert_sentence(what: &str, printed: &str) {
    for inside in INSIDES {
        assert!(
            !printed.contains(inside),
            "{what}: {inside:?} is in: {printed}"
        );
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
        ("one argument too many", &["post", "delete", "a", "b"]),
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
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{what}: {printed}");
        assert!(output.stdout.is_empty(), "{what}");
        assert!(
            printed.contains("Usage: pamphlet") || printed.contains("--help"),
            "{what}: {printed}"
        );
        assert_sentence(what, &printed);
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

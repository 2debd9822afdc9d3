//! Commands that write, publish, schedule and find articles.

mod elsewhere;
mod finding;
mod many;
mod new;
mod schedule;
mod terminal;

use crate::support::{Program, sql};
use std::process::Output;

/// Returns what a command printed on stderr, and checks its exit code.
fn complaint(output: &Output, code: i32) -> String {
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{printed}");
    printed
}

async fn number(program: &Program, query: &str) -> i64 {
    sql::number(&program.database_url, query).await.unwrap()
}

/// Writes a file into a folder of the publication's folder.
fn file_in(program: &Program, folder: &str, name: &str, text: &str) {
    let folder = program.folder.path().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// Runs a command with `--json`, which must succeed.
async fn json(program: &Program, arguments: &[&str]) -> serde_json::Value {
    let mut all = arguments.to_vec();
    all.push("--json");
    serde_json::from_str(&program.admin(&all).await).unwrap()
}

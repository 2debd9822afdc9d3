//! What it costs a node, and those who use it, when one hostile domain attacks it with everything at once.
//!
//!     cargo bench --bench attack                          # SQLite, two minutes
//!     cargo bench --bench attack -- postgres              # a cluster of its own
//!     cargo bench --bench attack -- postgres://... 30     # an empty database, seconds
//!
//! A thousand subdomains of one domain attack while 50 honest servers follow, reply and read (see
//! tests/support/attack/). Prints the figures beside the most that they may be. docs/limits.md quotes them.

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)] // a benchmark needs only a part of it
mod support;

use std::time::Duration;
use support::{
    Database, Program,
    attack::{self, Plan},
};

#[tokio::main(worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = arguments.iter().find_map(|argument| argument.parse().ok());
    let database = arguments
        .iter()
        .find(|argument| argument.as_str() == "postgres" || argument.contains("://"));
    let program = match database.map(String::as_str) {
        Some("postgres") => Program::new(Database::Postgres).await,
        Some(url) => Program::on(tempfile::tempdir().unwrap(), url.to_owned()),
        None => Program::new(Database::Sqlite).await,
    };
    let plan = Plan {
        duration: Duration::from_secs(seconds.unwrap_or(120)),
        honest_servers: 50,
        pause: Duration::from_secs(1),
    };
    println!("{}", attack::run(program, plan).await);
}

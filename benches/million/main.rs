//! How times grow with the size of a publication: 1,000,000 followers on 20,000 hosts, 10,000 articles, 1,000,000 comments.
//!
//!     cargo bench --bench million
//!     cargo bench --bench million -- postgres://...            # an empty database, whose user is a superuser
//!     cargo bench --bench million -- --divide 10 --keep /tmp/million
//!
//! Fills a database twice, first with a hundredth of everything, and measures pages, documents, commands and the start of
//! the node at both sizes. Prints the two times beside each other, then the statements that read or sort a large table,
//! and those that took longest in the loops of the node. `--divide` makes everything smaller by a factor. `--keep` keeps
//! the folder with the SQLite databases and the logs. Deliveries are held until the end, since the hosts do not exist.

mod commands;
mod database;
mod fill;
mod node;
mod pages;
mod plans;
mod report;

use database::Database;
use fill::Size;
use node::Node;
use report::Report;
use std::{path::PathBuf, time::Duration};

/// How long the node runs before its memory is read, and with deliveries at the end.
const SETTLING: Duration = Duration::from_secs(8);

struct Options {
    postgres: Option<String>,
    divide: i64,
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() {
    let options = options();
    let temporary = tempfile::tempdir().unwrap();
    let folder = options
        .keep
        .clone()
        .unwrap_or_else(|| temporary.path().to_owned());
    let full = Size::full(options.divide);
    let mut report = Report::default();
    for (name, size) in [("hundredth", full.hundredth()), ("full", full)] {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        println!("{name}: {size:?}");
        let database = Database::create(options.postgres.as_deref(), &folder).await;
        measure(&database, size, &folder, &mut report).await;
    }
    report.print();
}

/// Fills a database, and adds a column of times to the report.
async fn measure(database: &Database, size: Size, folder: &std::path::Path, report: &mut Report) {
    report.begin_column();
    let program = commands::Program::new(folder, &database.url);
    node::create(folder, &database.url).await;
    fill::fill(database, size).await;
    commands::hold_deliveries(&program);
    let mut node = Node::start(&program);
    report.add("start of serve, to the first response", node.started_after);
    tokio::time::sleep(SETTLING).await;
    println!("  memory: {}", node.memory());
    pages::measure(size, report);
    commands::measure(&program, size, report);
    let published = commands::publish(&program, database).await;
    report.add("post publish, to the end of the outbox", published);
    commands::resume_deliveries(&program);
    tokio::time::sleep(SETTLING).await;
    node.stop();
    let logs = program.logs();
    report.add_statements(plans::statements(&logs));
    report.set_findings(plans::findings(database, &logs).await);
}

fn options() -> Options {
    let mut options = Options {
        postgres: None,
        divide: 1,
        keep: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--divide" => {
                let factor = arguments.next().and_then(|text| text.parse().ok());
                options.divide = factor.expect("a factor");
            }
            "--keep" => options.keep = Some(arguments.next().expect("a folder").into()),
            url if url.starts_with("postgres") => options.postgres = Some(argument),
            // `cargo bench` adds `--bench`.
            _ => {}
        }
    }
    options
}

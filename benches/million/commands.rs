//! Commands, as processes from start to end.

use super::{database::Database, fill::Size, report::Report};
use std::{
    cell::Cell,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// How often each command runs.
const RUNS: usize = 3;

/// What logs each statement: with its plan on PostgreSQL, where the database explains it.
const LOG: &str = "warn,sqlx::query=trace,sqlx::postgres::notice=info";

/// The program with its configuration. It logs statements to files.
pub(crate) struct Program {
    folder: PathBuf,
    database: String,
    runs: Cell<usize>,
}

impl Program {
    pub(crate) fn new(folder: &Path, database: &str) -> Program {
        Program {
            folder: folder.to_owned(),
            database: database.to_owned(),
            runs: Cell::new(0),
        }
    }

    /// Returns a command whose log goes to a new file of this name.
    pub(crate) fn command(&self, arguments: &[&str], name: &str) -> Command {
        self.runs.set(self.runs.get() + 1);
        let log = format!("{:03}-{name}.log", self.runs.get());
        let log = File::create(self.folder.join(log)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("RUST_LOG", LOG)
            .env("PAMPHLET_DATABASE_URL", &self.database)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        command
    }

    /// Runs a command to its end, which must be a success.
    pub(crate) fn run(&self, arguments: &[&str]) -> Duration {
        let begun = Instant::now();
        let status = self.command(arguments, "command").status().unwrap();
        assert!(
            status.success(),
            "{arguments:?} failed: see {}",
            self.folder.display()
        );
        begun.elapsed()
    }

    /// Returns all that was logged.
    pub(crate) fn logs(&self) -> String {
        let files = std::fs::read_dir(&self.folder).unwrap();
        let mut logs = String::new();
        for file in files {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "log") {
                logs += &std::fs::read_to_string(path).unwrap();
            }
        }
        logs
    }
}

/// Measures the commands that only look.
pub(crate) fn measure(program: &Program, size: Size, report: &mut Report) {
    let busiest = format!("article-{}", size.busiest());
    let lists: [&[&str]; 24] = [
        &["post", "list"],
        &["post", "list", "--tag", "tag7"],
        &["post", "show", "article-7"],
        &["post", "history", "article-7"],
        &["post", "search", "kettle"],
        &["tag", "list"],
        &["followers", "list"],
        &["followers", "requests"],
        &["comments", "list"],
        &["comments", "list", "--search", "kettle"],
        &["comments", "list", "--search", "nowhere"],
        &["comments", "list", "--state", "held"],
        &["comments", "list", "--article", &busiest],
        &["comments", "list", "--host", "h7.example"],
        &["comments", "show", "77"],
        &["reactions", "list"],
        &["deliveries", "status"],
        &["deliveries", "list"],
        &["deliveries", "refused"],
        &["status"],
        &["stats"],
        &["stats", "hosts"],
        &["notices", "list"],
        &["log"],
    ];
    for arguments in lists {
        let mut times: Vec<Duration> = (0..RUNS).map(|_| program.run(arguments)).collect();
        times.sort_unstable();
        report.add(&arguments.join(" "), times[RUNS / 2]);
    }
    for arguments in [
        &["comments", "hide", "78"] as &[&str],
        &["comments", "approve", "78"],
        &["comments", "delete", "79", "--yes"],
        &["block", "add", "h9.example"],
        &["block", "remove", "h9.example"],
        &["post", "delete", "article-11", "--yes"],
    ] {
        report.add(&arguments.join(" "), program.run(arguments));
    }
}

/// Publishes an article. Returns the time until its deliveries are queued, at the earliest that of the command.
pub(crate) async fn publish(program: &Program, database: &Database) -> Duration {
    let file = program.folder.join("new.md");
    std::fs::write(&file, "---\ntitle: A new article\n---\nSome words.\n").unwrap();
    let begun = Instant::now();
    program.run(&["post", "publish", "new.md"]);
    while database.number("SELECT COUNT(*) FROM changes").await > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "nothing is published"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

pub(crate) fn hold_deliveries(program: &Program) {
    program.run(&["deliveries", "pause"]);
}

pub(crate) fn resume_deliveries(program: &Program) {
    program.run(&["deliveries", "resume"]);
}

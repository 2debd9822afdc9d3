//! Snapshots of commands: all that they printed, as a text that is the same in each run and on each database.
//!
//! `assert_printed!("post_list", node.transcript(&["post", "list"]).await)` compares with tests/snapshots/post_list.snap.
//! `INSTA_UPDATE=always cargo test --test behaviour NAME` writes the snapshots anew: look at what changed.

use super::{Commands, Program, TestNode};
use std::process::Output;

/// The folder of the snapshots.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");

/// What differs between two runs, as a regular expression, and what stands for it. Replacements are about as long as the
/// text, so that tables keep their shape.
pub(crate) const FILTERS: &[(&str, &str)] = &[
    (r"/tmp/\.tmp\w{6}", "/tmp/[FOLDER]"),
    (r"\b(localhost|127\.0\.0\.1):\d{4,5}\b", "$1:[PORT]"),
    (r"\b[0-9a-f]{64}\b", "[HASH]"),
    (r"\b[0-9a-f]{32}\b", "[UID]"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIMESTAMP]"),
    (
        r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? [A-Z]{3,5}\b",
        "[TIME WITH ZONE]",
    ),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\b", "[TIME]"),
    (r"\b\d+(\.\d+)? ?(ms|µs)\b", "[DURATION]"),
    (r"\(pid \d+\)", "(pid [PID])"),
    // The beginning of an identifier, a new key, and a post of another server in a test.
    (r"\b[0-9a-f]{8,31}…", "[UID]…"),
    (r"#(rsa|ed25519)-[0-9a-f]{8}\b", "#$1-[KEY]"),
    (r"(/@\w+/notes|/users/\w+/activities)/\d+\b", "$1/[NUMBER]"),
    (
        r"\b\d+(\.\d+)? delivered per second",
        "[RATE] delivered per second",
    ),
    (r"/20\d\d/\d\d/", "/[YEAR]/[MONTH]/"),
    (
        r"\bpamphlet 0\.\d+\.\d+( \([^)]*\)|\+\w+)?",
        "pamphlet [VERSION]",
    ),
];

/// Compares a text with a snapshot in tests/snapshots. Both databases have the same one.
#[macro_export]
macro_rules! assert_printed {
    ($name:expr, $text:expr) => {
        $crate::assert_printed!($name, $text, &[])
    };
    ($name:expr, $text:expr, $filters:expr) => {{
        let text: String = $text;
        let own: &[(&str, &str)] = $filters;
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path($crate::support::snapshot::FOLDER);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_input_file();
        for (pattern, replacement) in own.iter().chain($crate::support::snapshot::FILTERS) {
            settings.add_filter(pattern, *replacement);
        }
        settings.bind(|| insta::assert_snapshot!($name, text));
    }};
}

/// Returns a command with all that it printed: its output, its errors and its exit code if that is not 0.
pub(crate) fn transcript_of(arguments: &[&str], output: &Output) -> String {
    let mut text = format!("$ pamphlet {}\n", command_line(arguments));
    text.push_str(&String::from_utf8_lossy(&output.stdout));
    let errors = String::from_utf8_lossy(&output.stderr);
    if !errors.is_empty() {
        text.push_str("[stderr]\n");
        text.push_str(&errors);
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[exit {code}]\n")),
        None => text.push_str("[killed]\n"),
    }
    text
}

/// Returns the arguments as an admin would type them.
fn command_line(arguments: &[&str]) -> String {
    let typed = arguments.iter().map(|argument| {
        let is_plain = |c: char| c.is_alphanumeric() || "-_./:@=,+%".contains(c);
        if !argument.is_empty() && argument.chars().all(is_plain) {
            (*argument).to_owned()
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    });
    typed.collect::<Vec<_>>().join(" ")
}

impl TestNode {
    /// Runs a command, and returns all that it printed. It may fail.
    pub(crate) async fn transcript(&self, arguments: &[&str]) -> String {
        transcript_of(arguments, &self.cli(arguments).await)
    }
}

impl Commands {
    /// Runs a command, and returns all that it printed. It may fail.
    pub(crate) async fn transcript(&self, arguments: &[&str]) -> String {
        transcript_of(arguments, &self.run(arguments).await)
    }
}

impl Program {
    /// Runs a command, and returns all that it printed. It may fail.
    pub(crate) async fn transcript(&self, arguments: &[&str]) -> String {
        self.commands().transcript(arguments).await
    }
}

/// Returns a `PATH` in which shells find the binary under test.
pub(crate) fn binaries() -> String {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_pamphlet")).parent();
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", folder.unwrap().display())
}

//! docs/cli.md: its day of an admin is lived, and its reference and its table of documents are what the program prints.
//!
//! `UPDATE_DOCS=1 cargo test --test behaviour commands::document` writes them anew: look at what changed.

use crate::support::{
    Actor, Database, Peer, Program, TestNode, eventually,
    snapshot::{FILTERS, binaries},
};
use regex::Regex;
use std::{
    process::{Command, Stdio},
    sync::Mutex,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md");

const REFERENCE: &str = "<!-- `pamphlet man --markdown` prints all from here on. -->\n";

/// Only one test writes the file at once.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares a part of the document, between two texts, with what it should be; or writes it.
pub(super) fn assert_part(begin: &str, end: Option<&str>, wanted: &str) {
    let _writing = WRITING.lock();
    let text = std::fs::read_to_string(FILE).unwrap();
    let start = text.find(begin).expect("docs/cli.md has this part") + begin.len();
    let stop = end.map_or(text.len(), |end| start + text[start..].find(end).unwrap());
    if text[start..stop] == *wanted {
        return;
    }
    if updates() {
        let new = format!("{}{wanted}{}", &text[..start], &text[stop..]);
        std::fs::write(FILE, new).unwrap();
        return;
    }
    for (old, new) in text[start..stop].lines().zip(wanted.lines()) {
        assert_eq!(
            old, new,
            "docs/cli.md is stale: see tests/commands/document.rs"
        );
    }
    panic!("docs/cli.md is stale: see tests/commands/document.rs");
}

fn updates() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reference_is_what_the_program_prints() {
    let program = Program::new(Database::Sqlite).await;
    let printed = program.admin(&["man", "--markdown"]).await;
    assert_part(REFERENCE, None, &format!("\n{printed}"));
}

/// A part of the day.
enum Part<'a> {
    /// A file that the admin writes: its name and its text.
    File(&'a str, &'a str),
    /// What others do.
    Event(&'a str),
    /// Commands with their output.
    Console(&'a str),
}

/// Reads the parts of the day.
fn parts(text: &str) -> Vec<Part<'_>> {
    let start = text.find("<!-- day -->").unwrap();
    let end = text.find("<!-- end of the day -->").unwrap();
    let day = &text[start..end];
    let pattern = r"(?s)```markdown (\S+)\n(.*?)```|<!-- event: (.*?) -->|```console\n(.*?)```";
    let found = Regex::new(pattern).unwrap();
    let parts = found.captures_iter(day).map(|part| {
        let group = |index: usize| part.get(index).map(|group| &day[group.range()]);
        match (group(1), group(3)) {
            (Some(name), _) => Part::File(name, group(2).unwrap()),
            (_, Some(event)) => Part::Event(event),
            _ => Part::Console(group(4).unwrap()),
        }
    });
    parts.collect()
}

/// The node of the day, and the people of the day.
struct Day {
    node: TestNode,
    peer: Peer,
    ana: Actor,
    pest: Actor,
    article: Option<String>,
}

impl Day {
    async fn begin(database: Database) -> Day {
        let node = TestNode::start_with(
            database,
            "[site]\nname = \"On Paper\"\ntime_zone = \"Europe/Berlin\"\n",
        )
        .await;
        let peer = Peer::start("social").await;
        Day {
            ana: peer.actor("ana").await,
            pest: peer.actor("pest").await,
            node,
            peer,
            article: None,
        }
    }

    /// Lets something happen, and waits until the node has noticed.
    async fn happen(&mut self, event: &str) {
        let (inbox, blog) = (self.node.inbox(), self.node.blog());
        match event {
            "ana follows" => drop(self.ana.follow(&inbox, &blog).await),
            "the article arrives" => {
                let create = self.peer.wait_for("Create").await;
                let id = create.activity["object"]["id"].as_str().unwrap();
                self.article = Some(id.to_owned());
                self.settle().await;
            }
            "ana replies" => {
                let text = "<p>Lovely. Is it “Aloud” or “Allowed” in the second line?</p>";
                self.reply(false, text).await;
            }
            "pest replies" => self.reply(true, "<p>Buy my pills at a low price</p>").await,
            "the correction arrives" => {
                self.peer.wait_for("Update").await;
                self.settle().await;
            }
            "the reply arrives" => {
                eventually("the note arrives", || async {
                    let created = self.peer.received_of("Create");
                    (created.len() > 1).then_some(())
                })
                .await;
                self.settle().await;
            }
            other => panic!("the day has an unknown event: {other}"),
        }
    }

    async fn reply(&self, by_pest: bool, text: &str) {
        let who = if by_pest { &self.pest } else { &self.ana };
        let on = self.article.as_ref().unwrap();
        who.comment(&self.node.inbox(), on, text).await;
    }

    /// Waits until nothing is left to be delivered.
    async fn settle(&self) {
        eventually("everything is delivered", || async {
            let status = self.node.admin_json(&["deliveries", "status"]).await;
            (status["waiting"] == 0).then_some(())
        })
        .await;
    }

    /// Runs the commands of a block. Returns them with their output.
    async fn run(&self, block: &str) -> String {
        let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
        let mut printed = String::new();
        for command in commands {
            let output = if command.contains("preview") {
                self.preview(command).await
            } else {
                self.shell(command).await
            };
            printed.push_str(&format!("$ {command}\n{output}"));
        }
        self.as_documented(&printed)
    }

    fn command(&self, script: &str) -> Command {
        let script = script
            .replace(
                "https://social.friends.example",
                &format!("http://{}", self.peer.authority),
            )
            .replace("social.friends.example", &self.peer.authority);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{script} 2>&1")])
            .current_dir(self.node.folder.path())
            .env("PATH", binaries())
            .env("USER", "admin")
            .env_remove("SUDO_USER")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        shell
    }

    async fn shell(&self, script: &str) -> String {
        let mut command = self.command(script);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        String::from_utf8(output.await.unwrap().stdout).unwrap()
    }

    /// Runs a command that shows a page until it is interrupted.
    async fn preview(&self, script: &str) -> String {
        let log = self.node.folder.path().join("preview.log");
        let mut command = self.command(&format!("exec {script}"));
        command.stdout(std::fs::File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let printed = eventually("the preview is there", || async {
            let printed = std::fs::read_to_string(&log).unwrap();
            printed.contains("Ctrl+C").then_some(printed)
        })
        .await;
        let url = Regex::new(r"http://\S+").unwrap();
        let url = url.find(&printed).unwrap().as_str().to_owned();
        let page = self.node.client().get(&url).send().await.unwrap();
        assert_eq!(page.status(), 200);
        child.kill().unwrap();
        child.wait().unwrap();
        printed
    }

    /// Replaces the addresses of the test by those of the document, which are as long.
    fn as_documented(&self, text: &str) -> String {
        let authority = self.node.origin.trim_start_matches("http://");
        let folder = format!("{}/", self.node.folder.path().display());
        text.replace(&self.node.origin, "https://example.org")
            .replace(authority, "example.org")
            .replace(
                &format!("http://{}", self.peer.authority),
                "https://social.friends.example",
            )
            .replace(&self.peer.authority, "social.friends.example")
            .replace(&folder, "")
    }
}

/// Replaces what differs between two days.
fn timeless(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, replacement) in FILTERS {
        let found = Regex::new(pattern).unwrap();
        text = found.replace_all(&text, *replacement).into_owned();
    }
    text
}

async fn live_the_day(database: Database) {
    let document = std::fs::read_to_string(FILE).unwrap();
    let mut day = Day::begin(database).await;
    let mut replaced = Vec::new();
    for part in parts(&document) {
        match part {
            Part::File(name, text) => drop(day.node.file(name, text)),
            Part::Event(event) => day.happen(event).await,
            Part::Console(block) => {
                let printed = day.run(block).await;
                if updates() {
                    replaced.push((block.to_owned(), printed));
                } else {
                    assert_eq!(
                        timeless(&printed),
                        timeless(block),
                        "docs/cli.md is stale: see tests/commands/document.rs"
                    );
                }
            }
        }
    }
    for (old, new) in replaced {
        if timeless(&old) != timeless(&new) {
            let (old, new) = (
                format!("```console\n{old}```"),
                format!("```console\n{new}```"),
            );
            let _writing = WRITING.lock();
            let text = std::fs::read_to_string(FILE).unwrap();
            std::fs::write(FILE, text.replacen(&old, &new, 1)).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_day_of_an_admin_goes_as_told() {
    live_the_day(Database::Sqlite).await;
}

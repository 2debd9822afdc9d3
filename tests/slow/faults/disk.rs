//! An SQLite file that another program has locked, and a disk that is full.

use super::TEXT;
use crate::support::{Crowd, Database, Peer, Program, eventually, peer::Actor, sql};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use std::{
    process::Command,
    time::{Duration, Instant},
};

/// A running node with an article, and an actor that replies to it.
struct Scene {
    program: Program,
    crowd: Crowd,
    reader: Actor,
    inbox: String,
    article: String,
}

impl Scene {
    async fn of(mut program: Program, start: Command) -> Scene {
        program.spawn_node(start);
        program.wait_until_healthy().await;
        let crowd = Crowd::start().await;
        crowd.follow(&program.database_url, &["reader"]).await;
        let file = program.file("news.md", TEXT).display().to_string();
        let shown = program.admin(&["post", "publish", &file, "--json"]).await;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        let scene = Scene {
            reader: Peer::start("replier").await.actor("reader").await,
            inbox: format!("{}/inbox", program.origin),
            article: shown["id"].as_str().unwrap().to_owned(),
            program,
            crowd,
        };
        scene.crowd.wait_at("reader", 1).await;
        assert_eq!(scene.reply("Before.").await, 202);
        scene
    }

    /// Sends a new reply, which must get a response within ten seconds. Returns its status.
    async fn reply(&self, text: &str) -> u16 {
        let begun = Instant::now();
        let note = self.reader.note(&self.article, &format!("<p>{text}</p>"));
        let create = self.reader.activity("Create", note);
        let reply = self.reader.send(&self.inbox, &create).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(10), "an answer took {took:?}");
        if reply.status == 503 {
            assert!(reply.head.contains("retry-after: "), "{}", reply.head);
        }
        reply.status
    }

    async fn replies(&self, count: usize, text: &str) -> Vec<u16> {
        let all = (0..count).map(|number| self.reply_numbered(text, number));
        futures::future::join_all(all).await
    }

    async fn reply_numbered(&self, text: &str, number: usize) -> u16 {
        self.reply(&format!("{text} {number}")).await
    }

    /// Checks that readers notice nothing.
    async fn pages_are_shown(&self) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let begun = Instant::now();
        let page = client.get(&self.program.origin).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    /// Checks that the node works as before, without a restart, and that it stored what it accepted.
    async fn all_is_well(mut self, accepted: usize) {
        eventually("replies are accepted again", || async {
            (self.reply("Again.").await == 202).then_some(())
        })
        .await;
        assert!(self.program.is_running());
        let text = TEXT.replace("News", "More");
        let file = self.program.file("more.md", text).display().to_string();
        self.program.admin(&["post", "publish", &file]).await;
        self.crowd.wait_at("reader", 2).await;
        let url = self.program.database_url.clone();
        let stored = sql::number(&url, "SELECT COUNT(*) FROM comments").await;
        assert!(stored.unwrap() as usize > accepted);
        assert_eq!(sql::texts(&url, "PRAGMA integrity_check").await, ["ok"]);
        let (status, _) = self.program.terminate().await;
        assert!(status.success());
        assert!(!self.program.output("serve.err").contains("panicked"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_503_and_passes_by_itself() {
    let program = Program::new(Database::Sqlite).await;
    let start = program.commands().command(&["serve"]);
    let scene = Scene::of(program, start).await;
    let url = scene.program.database_url.clone();
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let begun = Instant::now();
    let (statuses, ()) = tokio::join!(scene.replies(8, "Locked"), scene.pages_are_shown());
    assert_eq!(statuses, [503; 8]);
    let left = Duration::from_secs(10).saturating_sub(begun.elapsed());
    tokio::time::sleep(left).await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let log = scene.program.output("serve.err");
    assert!(log.contains("database is locked"), "{log}");
    scene.all_is_well(1).await;
}

/// Limits the size of the files that the node may write. To the node, this is a full disk.
fn limit_files(scene: &Scene, bytes: &str) {
    let process = scene.program.process_id().to_string();
    let done = Command::new("prlimit")
        .args(["--pid", &process, &format!("--fsize={bytes}:unlimited")])
        .status();
    assert!(done.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_503_and_passes_by_itself() {
    let program = Program::new(Database::Sqlite).await;
    // The signal that comes with the limit on files, and not with a full disk, is kept away.
    let start = program.commands().shell("trap '' XFSZ; exec \"$0\" serve");
    let scene = Scene::of(program, start).await;
    let wal = scene.program.folder.path().join("pamphlet.sqlite-wal");
    let length = std::fs::metadata(&wal).unwrap().len();
    assert!(length > 100_000, "the log of the node has room: {length}");
    limit_files(&scene, &length.to_string());
    let mut accepted = 1;
    // The first write may still fit into the file.
    for round in 0..20 {
        let statuses = scene.replies(8, &format!("Full {round}")).await;
        assert!(
            statuses.iter().all(|status| [202, 503].contains(status)),
            "{statuses:?}"
        );
        accepted += statuses.iter().filter(|status| **status == 202).count();
        if statuses == [503; 8] {
            break;
        }
        assert!(round < 19, "the disk is not full");
    }
    scene.pages_are_shown().await;
    let log = scene.program.output("serve.err");
    assert!(log.contains("the database is busy or unreachable"), "{log}");
    limit_files(&scene, "unlimited");
    scene.all_is_well(accepted).await;
}

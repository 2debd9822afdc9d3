//! A backup of a running node with rows in all tables comes back as an equal database of either kind.

use super::rows;
use crate::support::{
    Database, Peer, TestNode, both_databases, eventually, node::pamphlet, postgres,
    sample_site::SampleSite, sql,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{path::PathBuf, process::Output};
use tempfile::TempDir;

pub(super) const PASSPHRASE: &str = "five quite random words here";

/// An empty database of either kind, with a configuration like that of a node.
pub(super) struct Target {
    pub folder: TempDir,
    pub url: String,
    config: PathBuf,
}

impl Target {
    pub(super) async fn new(database: Database, like: &TestNode) -> Target {
        let folder = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/restored.sqlite", folder.path().display()),
            Database::Postgres => postgres::new_database().await,
        };
        let config = folder.path().join("pamphlet.toml");
        let text = std::fs::read_to_string(&like.config_file)
            .unwrap()
            .replace(&like.database_url, &url)
            .replace(
                &like.folder.path().display().to_string(),
                &folder.path().display().to_string(),
            );
        std::fs::write(&config, text).unwrap();
        std::fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        Target {
            folder,
            url,
            config,
        }
    }

    pub(super) async fn run(&self, arguments: &[&str]) -> Output {
        let (config, folder) = (self.config.clone(), self.folder.path().to_owned());
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        let run = move || pamphlet(&config, &folder, &arguments);
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    pub(super) async fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.run(&all).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(super) async fn restore(&self, backup: &str) -> Value {
        self.json(&[
            "backup",
            "restore",
            backup,
            "--passphrase-file",
            "passphrase",
        ])
        .await
    }
}

/// Runs `backup create`, and returns the path of the new file and its report.
pub(super) async fn back_up(node: &TestNode, name: &str) -> (String, Value) {
    let passphrase = node.file("passphrase", PASSPHRASE);
    let path = node.folder.path().join(name).display().to_string();
    let arguments = ["backup", "create", &path, "--passphrase-file", &passphrase];
    let report = node.admin_json(&arguments).await;
    (path, report)
}

/// Returns the names and contents of the media files in a folder.
fn media(folder: &TempDir) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder.path().join("media"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[apply(both_databases)]
async fn a_backup_comes_back_as_an_equal_database_of_either_kind(#[case] database: Database) {
    let site = SampleSite::open(database, "en").await;
    let SampleSite {
        mut node, article, ..
    } = site;
    let peer = Peer::start("reader").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    peer.wait_for("Accept").await;
    rows::fill(&node, &peer).await;
    node.admin(&["deliveries", "pause"]).await;
    node.admin(&["note", "What waits in the backup."]).await;
    eventually("the note waits", || async {
        (node.number("SELECT COUNT(*) FROM deliveries").await > Some(0)).then_some(())
    })
    .await;

    // While comments come in, each backup is one moment: the database accepts its references.
    let (inbox, id) = (node.inbox(), article.id.clone());
    let commenting = tokio::spawn(async move {
        for number in 0..40 {
            let text = format!("<p>Comment {number}</p>");
            reader.comment(&inbox, &id, &text).await;
        }
    });
    let (busy, report) = back_up(&node, "busy.age").await;
    commenting.await.unwrap();
    let target = Target::new(database, &node).await;
    target.restore(&busy).await;
    let comments = sql::number(&target.url, "SELECT COUNT(*) FROM comments").await;
    assert_eq!(json!(comments), report["tables"]["comments"]);

    node.stop().await;
    let expected = rows::all_rows(&node.database_url).await;
    let filled = expected.values().filter(|rows| !rows.is_empty()).count();
    assert!(filled >= 45, "{filled} tables have rows");
    let (backup, report) = back_up(&node, "quiet.age").await;
    assert_eq!(report["missing"], json!([]));
    assert!(report["files"].as_u64().unwrap() > 5, "{report}");
    let last = |url: String| async move {
        sql::number(&url, "SELECT MAX(id) FROM articles")
            .await
            .unwrap()
    };
    let before = last(node.database_url.clone()).await;
    let waiting = "SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'";
    let waiting = sql::number(&node.database_url, waiting).await.unwrap();
    assert!(waiting > 0);
    for other in [Database::Sqlite, Database::Postgres] {
        let target = Target::new(other, &node).await;
        // A damaged file of an earlier attempt is replaced.
        let damaged = target.folder.path().join("media");
        std::fs::create_dir(&damaged).unwrap();
        std::fs::write(damaged.join(&media(&node.folder)[0].0), "damaged").unwrap();
        let restored = target.restore(&backup).await;
        assert_eq!(restored["waiting_deliveries"], waiting, "{restored}");
        assert_eq!(restored["held_messages"], 1);
        rows::compare(&expected, &rows::restored_rows(&target.url).await);
        assert_eq!(media(&target.folder), media(&node.folder));
        // Triggers work again, and ids that others may have seen are not given out twice.
        sql::run(
            &target.url,
            "INSERT INTO articles (slug, title, markdown) VALUES ('after', 'After', 'Text.')",
        )
        .await;
        assert!(last(target.url.clone()).await > before + 10_000);
        let changes = "SELECT COUNT(*) FROM changes WHERE kind = 'article' AND uid = (SELECT uid FROM articles
            WHERE slug = 'after')";
        assert_eq!(sql::number(&target.url, changes).await, Some(1));
        let unindexed = "SELECT COUNT(*) FROM search_entries WHERE indexed <> version";
        let articles = "SELECT (SELECT COUNT(*) FROM articles) + (SELECT COUNT(*) FROM pages)";
        assert_eq!(
            sql::number(&target.url, unindexed).await,
            sql::number(&target.url, articles).await
        );
        if other != database {
            resume_after_restore(&target, waiting).await;
        }
    }
}

/// Deliveries of the backup are sent or dropped as the admin decides.
async fn resume_after_restore(target: &Target, waiting: i64) {
    let status = target.json(&["deliveries", "status"]).await;
    assert_eq!(status["held"]["held_because"], "restore");
    let undecided = target.run(&["deliveries", "resume"]).await;
    assert_eq!(undecided.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&undecided.stderr).into_owned();
    assert!(complaint.contains("--drop-waiting"), "{complaint}");
    let resumed = target
        .json(&["deliveries", "resume", "--drop-waiting"])
        .await;
    let expected = json!({"was_held": true, "dropped": waiting, "waiting": 0});
    assert_eq!(resumed, expected);
    let again = target.json(&["deliveries", "resume"]).await;
    assert_eq!(again["was_held"], false);
    let left = "SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'";
    assert_eq!(sql::number(&target.url, left).await, Some(0));
}

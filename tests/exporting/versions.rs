//! Exports of other versions: an older one is imported and upgraded, a newer one is refused before anything is touched.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, postgres, sql};
use pamphlet::store::Store;
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The place of an import: a data folder, and a database without tables.
struct Place {
    data: TempDir,
    url: String,
}

impl Place {
    async fn new(database: Database) -> Place {
        let data = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/other.sqlite", data.path().display()),
            Database::Postgres => postgres::new_database().await,
        };
        Place { data, url }
    }

    /// Returns the arguments that import an export here.
    fn import<'a>(&'a self, export: &'a Path) -> [&'a str; 7] {
        let data = self.data.path().to_str().unwrap();
        let export = export.to_str().unwrap();
        [
            "import",
            "site",
            export,
            "--data",
            data,
            "--database-url",
            &self.url,
        ]
    }

    /// Returns whether nothing was made here.
    async fn is_untouched(&self) -> bool {
        let is_empty = std::fs::read_dir(self.data.path())
            .unwrap()
            .next()
            .is_none();
        let tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'";
        is_empty
            && (self.url.starts_with("sqlite") || sql::number(&self.url, tables).await == Some(0))
    }
}

/// Writes `value` as the first file of an export.
fn write_header(export: &Path, value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap();
    std::fs::write(export.join("pamphlet.json"), text).unwrap();
}

fn read_header(export: &Path) -> Value {
    let text = std::fs::read_to_string(export.join("pamphlet.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Makes a database of version 5190dd5 (see `fixtures/upgrade/ORIGIN.md`) of this node, with a follower at `peer`. Returns
/// its URL.
async fn old_database(node: &TestNode, database: Database, peer: &Peer) -> String {
    let (dump, url) = match database {
        Database::Sqlite => {
            let file = node.folder.path().join("old.sqlite");
            (
                include_str!("../fixtures/upgrade/old.sqlite.sql"),
                format!("sqlite://{}", file.display()),
            )
        }
        Database::Postgres => (
            include_str!("../fixtures/upgrade/old.postgres.sql"),
            postgres::new_database().await,
        ),
    };
    let authority = node.origin.strip_prefix("http://").unwrap();
    let dump = dump
        .replace("follower.localhost:18081", &peer.authority)
        .replace("localhost:18080", authority);
    let creating = match database {
        Database::Sqlite => format!("{url}?mode=rwc"),
        Database::Postgres => url.clone(),
    };
    sql::run(&creating, &dump).await;
    url
}

/// Writes an export of an old database, with the tables that exports have now. Returns its folder and the numbers of rows.
async fn old_export(node: &TestNode, url: &str) -> (PathBuf, BTreeMap<String, usize>) {
    let new = ["export", "site", "new", "--with-keys", "--with-private"];
    node.admin(&new).await;
    let mut header = read_header(&node.folder.path().join("new"));
    let folder = node.folder.path().join("old");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let store = Store::open_unmigrated(url).await.unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    let mut counts = BTreeMap::new();
    for table in snapshot.tables().to_vec() {
        if header["tables"].get(&table.name).is_none() {
            continue;
        }
        let rows = snapshot.all(&table).await.unwrap();
        let lines = rows.iter().map(|row| serde_json::to_string(row).unwrap());
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        std::fs::write(folder.join(format!("data/{}.jsonl", table.name)), lines).unwrap();
        counts.insert(table.name, rows.len());
    }
    assert!(snapshot.schema() < Store::newest_schema());
    header["program"] = json!("0.0.1");
    header["schema"] = json!(snapshot.schema());
    header["tables"] = json!(counts);
    header["last_ids"] = json!(snapshot.last_ids().await.unwrap());
    snapshot.close().await.unwrap();
    store.close().await;
    write_header(&folder, &header);
    let end = json!({"media": 0, "missing": []}).to_string();
    std::fs::write(folder.join("end.json"), end).unwrap();
    (folder, counts)
}

#[apply(both_databases)]
async fn an_older_export_is_imported_and_upgraded(#[case] database: Database) {
    let peer = Peer::start("follower").await;
    peer.actor("reader").await;
    let mut node = TestNode::start(database).await;
    let old = old_database(&node, database, &peer).await;
    let (export, counts) = old_export(&node, &old).await;
    assert!(counts["articles"] > 20 && counts["followers"] > 0 && counts["local_keys"] > 0);

    // Its rows do not fit the tables of this version: a database that has them is named, and not filled.
    let occupied = Place::new(database).await;
    Store::open(&occupied.url).await.unwrap().close().await;
    let refused = node.cli(&occupied.import(&export)).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{complaint}");
    assert!(
        complaint.contains("tables of another version than the export")
            && complaint.contains("--database-url"),
        "{complaint}"
    );
    let rows = sql::number(&occupied.url, "SELECT COUNT(*) FROM articles").await;
    assert_eq!(rows, Some(0));

    let place = Place::new(database).await;
    let report = node.admin_json(&place.import(&export)).await;
    assert_eq!(report["tables"], json!(counts), "{report}");
    assert_eq!(report["actors_with_new_keys"], 0, "{report}");
    let schema = sql::number(&place.url, "SELECT MAX(version) FROM _sqlx_migrations").await;
    assert_eq!(schema, Some(Store::newest_schema()));
    for table in ["articles", "comments", "followers", "local_keys", "notes"] {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let found = sql::number(&place.url, &count).await;
        assert_eq!(found, Some(counts[table] as i64), "{table}");
    }

    // The node goes on with it: the same pages and keys, and nobody is told anything anew.
    node.stop().await;
    let config = std::fs::read_to_string(&node.config_file).unwrap();
    let config = config.replace(&node.database_url, &place.url).replace(
        &format!("data = \"{}\"", node.folder.path().display()),
        &format!("data = \"{}\"", place.data.path().display()),
    );
    std::fs::write(&node.config_file, config).unwrap();
    node.database_url.clone_from(&place.url);
    node.restart().await;
    eventually("everything is settled", || async {
        let left = "SELECT (SELECT COUNT(*) FROM changes WHERE due_at < 3000000000000) + (SELECT COUNT(*) FROM deliveries)
            + (SELECT COUNT(*) FROM publications WHERE state = 'live' AND hash NOT LIKE '2:%')";
        (node.number(left).await == Some(0)).then_some(())
    })
    .await;
    assert!(peer.received().is_empty());
    let page = node.page("/2026/10/plain").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("An old article"), "{}", page.text);
    node.publish("---\ntitle: After the move\n---\n\nA text.\n")
        .await;
    let create = peer.wait_for("Create").await;
    assert_eq!(create.activity["object"]["name"], "After the move");
    assert!(create.verified.is_ok(), "{:?}", create.verified);
}

#[apply(both_databases)]
async fn a_newer_export_is_refused_and_nothing_is_touched(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.publish("---\ntitle: An article\n---\n\nA text.\n")
        .await;
    let folder = node.folder.path().join("site");
    node.admin(&["export", "site", "site", "--with-keys"]).await;
    let header = read_header(&folder);
    assert_eq!(header["schema"], Store::newest_schema());
    for (name, value) in [
        ("pamphlet_site", json!(2)),
        ("schema", json!(Store::newest_schema() + 1)),
    ] {
        let mut newer = header.clone();
        newer[name] = value;
        newer["program"] = json!("99.1.2");
        write_header(&folder, &newer);
        let archive = node.folder.path().join(format!("{name}.tar.gz"));
        let packed = Command::new("tar")
            .arg("-C")
            .arg(&folder)
            .arg("-czf")
            .arg(&archive)
            .arg(".")
            .status();
        assert!(packed.unwrap().success());
        for export in [&folder, &archive] {
            let place = Place::new(database).await;
            let refused = node.cli(&place.import(export)).await;
            let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(1), "{name}: {complaint}");
            assert!(
                complaint.contains("newer version of Pamphlet (99.1.2)")
                    && complaint.contains("install that version"),
                "{name}: {complaint}"
            );
            assert!(place.is_untouched().await, "{name}: {complaint}");
        }
    }
    // It was only the version.
    write_header(&folder, &header);
    let place = Place::new(database).await;
    let report = node.admin_json(&place.import(&folder)).await;
    assert_eq!(report["tables"]["articles"], 1, "{report}");
}

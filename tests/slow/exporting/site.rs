//! A site for another machine comes back as an equal one, on either database.

use crate::support::{
    Actor, Database, Guest, Peer, TestNode, both_databases, eventually, postgres,
    sample_site::SampleSite,
};
use rstest_reuse::apply;
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// Rows that the sample lacks: a deleted article, a renamed page, a block, a log, a draft.
const MORE: &str = "
    INSERT INTO articles (slug, title, markdown, status) VALUES ('later', 'Later', 'Text', 'draft');
    INSERT INTO article_paths (path, article_uid) SELECT '/2010/08/plain.html', uid FROM articles WHERE slug = 'plain';
    UPDATE pages SET slug = 'about-us' WHERE slug = 'about';
    UPDATE articles SET title = 'Changed' WHERE slug = 'plain';
";

async fn sample(database: Database) -> (SampleSite, Peer, Actor) {
    let site = SampleSite::open(database, "en").await;
    let node = &site.node;
    node.sql(MORE).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Follow", json!(node.blog())),
        )
        .await;
    peer.wait_for("Accept").await;
    let gone = node
        .publish("---\ntitle: Gone\nslug: gone\ndate: 2026-02-01\n---\n\nA text.\n")
        .await;
    peer.wait_for("Create").await;
    node.admin(&["post", "delete", &gone.slug, "--yes"]).await;
    peer.wait_for("Delete").await;
    node.admin(&["block", "add", "spam.example"]).await;
    let guest = Guest::at(node, "203.0.113.10");
    let fields = [
        ("name", "Mailer"),
        ("mail", "mailer@example.org"),
        ("text", "A thought."),
    ];
    guest.write(&site.article, &fields).await;
    settled(node).await;
    (site, peer, reader)
}

async fn settled(node: &TestNode) {
    eventually("everything is sent", || async {
        let left = "SELECT (SELECT COUNT(*) FROM changes WHERE due_at < 3000000000000) + (SELECT COUNT(*) FROM deliveries)";
        (node.number(left).await == Some(0)).then_some(())
    })
    .await;
}

/// Returns the files of an export, without those that have its time. Rows are sorted: databases compare texts differently.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap();
            let name = name.display().to_string();
            let mut content = std::fs::read(entry.path()).unwrap();
            if name.ends_with(".jsonl") {
                let mut rows: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
                rows.sort_unstable();
                content = rows.join(&b'\n');
            }
            (name, content)
        })
        .filter(|(name, _)| name != "pamphlet.json")
        .collect()
}

/// The place of an import: a data folder and a database.
struct Other {
    data: tempfile::TempDir,
    url: String,
}

impl Other {
    async fn new(database: Database) -> Other {
        let data = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/other.sqlite", data.path().display()),
            Database::Postgres => postgres::new_database().await,
        };
        Other { data, url }
    }

    /// Returns a command's arguments with the options that let it work here.
    fn with<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let data = self.data.path().to_str().unwrap();
        [arguments, &["--data", data, "--database-url", &self.url]].concat()
    }
}

#[apply(both_databases)]
async fn a_site_comes_back_equal_on_either_database(#[case] database: Database) {
    let (site, peer, reader) = sample(database).await;
    let mut node = site.node;
    let path = |name: &str| node.folder.path().join(name);
    let all = ["--with-keys", "--with-private"];
    let export = |name: &'static str| {
        ["export", "site", name]
            .into_iter()
            .chain(all)
            .collect::<Vec<_>>()
    };
    let report = node.admin_json(&export("first")).await;
    assert_eq!(report["missing"], json!([]));
    assert_eq!(report["waiting_deliveries"], 0);
    let first = files(&path("first"));
    let text = |files: &BTreeMap<String, Vec<u8>>, name: &str| {
        String::from_utf8(files[name].clone()).unwrap()
    };
    let markdown = text(&first, "content/2026/05/trotsky.md");
    assert!(markdown.contains("\nauthor: "), "{markdown}");
    assert!(
        first.contains_key("content/_drafts/later.md")
            && first.contains_key("content/pages/about-us.md")
    );
    assert!(text(&first, "data/guests.jsonl").contains("mailer@example.org"));
    node.admin(&export("site.tar.gz")).await;

    let before = peer.received().len();
    let (article, actor) = (
        node.page(&site.article.url).await.text,
        node.document(&node.blog()).await.json(),
    );
    let mut others = Vec::new();
    for target in [Database::Sqlite, Database::Postgres] {
        let other = Other::new(target).await;
        let imported = node
            .admin_json(&other.with(&["import", "site", "site.tar.gz"]))
            .await;
        assert_eq!(imported["actors_with_new_keys"], 0);
        let name = format!("again-{}", others.len());
        let again = [&["export", "site", name.as_str()], &all[..]].concat();
        node.admin(&other.with(&again)).await;
        let second = files(&path(&name));
        for (name, content) in &first {
            let other = second.get(name).unwrap_or_else(|| panic!("no {name}"));
            assert!(
                content == other,
                "{name}:\n{}\n{}",
                String::from_utf8_lossy(content),
                String::from_utf8_lossy(other)
            );
        }
        assert_eq!(first.len(), second.len());
        // A publication is mixed with no other one.
        let refused = node.cli(&other.with(&["import", "site", "first"])).await;
        let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && complaint.contains("is not empty"),
            "{complaint}"
        );
        others.push(other);
    }

    // The node goes on with the imported publication: the same pages, addresses and keys, and nobody got anything.
    node.stop().await;
    let other = others.remove(usize::from(database == Database::Sqlite));
    let config = std::fs::read_to_string(&node.config_file).unwrap();
    let config = config.replace(&node.database_url, &other.url).replace(
        &format!("data = \"{}\"", node.folder.path().display()),
        &format!("data = \"{}\"", other.data.path().display()),
    );
    std::fs::write(&node.config_file, config).unwrap();
    node.database_url.clone_from(&other.url);
    node.restart().await;
    settled(&node).await;
    let without_token = |html: &str| {
        let (before, after) = html.split_once("name=\"token\" value=\"").unwrap();
        format!("{before}{}", after.split_once('"').unwrap().1)
    };
    assert_eq!(
        without_token(&node.page(&site.article.url).await.text),
        without_token(&article)
    );
    assert_eq!(node.document(&node.blog()).await.json(), actor);
    assert_eq!(node.page("/2026/02/gone").await.status, 410);
    assert_eq!(
        node.page("/2010/08/plain.html").await.header("location"),
        node.url("/2026/04/plain")
    );
    assert_eq!(
        node.page("/about").await.header("location"),
        node.url("/about-us")
    );
    assert_eq!(peer.received().len(), before);
    node.publish("---\ntitle: After the move\n---\n\nA text.\n")
        .await;
    eventually("the next article arrives", || async {
        (peer.received_of("Create").len() == 2).then_some(())
    })
    .await;
    let creates = peer.received_of("Create");
    assert!(creates[1].verified.is_ok(), "{:?}", creates[1].verified);
    reader
        .comment(&node.inbox(), &site.article.id, "<p>Still here.</p>")
        .await;
    let numbers = "SELECT MAX(number) FROM comments";
    eventually("the comment gets the next number", || async {
        (node.number(numbers).await > Some(4)).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn an_export_without_keys_has_no_secrets_and_gets_new_ones(#[case] database: Database) {
    let (site, _peer, _reader) = sample(database).await;
    let node = &site.node;
    node.admin(&["export", "site", "public"]).await;
    let folder = node.folder.path().join("public");
    let all: String = files(&folder)
        .iter()
        .filter(|(name, _)| name.starts_with("data/"))
        .map(|(_, content)| String::from_utf8_lossy(content).into_owned())
        .collect();
    assert!(
        !all.contains("mailer@example.org")
            && !all.contains("pkcs8")
            && !all.contains("\"secret\"")
    );
    assert!(
        !folder.join("data/local_keys.jsonl").exists() && !folder.join("data/log.jsonl").exists()
    );
    let other = Other::new(database).await;
    let imported = node
        .admin_json(&other.with(&["import", "site", "public"]))
        .await;
    assert_eq!(imported["actors_with_new_keys"], 2, "{imported}");
    let keys = node.admin(&other.with(&["keys", "list"])).await;
    assert!(keys.contains("#rsa-"), "{keys}");

    // An export that is incomplete, foreign, newer, or of another publication is refused before a database is created.
    let header = std::fs::read_to_string(folder.join("pamphlet.json")).unwrap();
    let rows = std::fs::read_to_string(folder.join("data/comments.jsonl")).unwrap();
    let cut: String = rows
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect();
    node.admin(&["export", "site", "whole.tar.gz"]).await;
    let whole = std::fs::read(node.folder.path().join("whole.tar.gz")).unwrap();
    let half = node.folder.path().join("half.tar.gz");
    std::fs::write(&half, &whole[..whole.len() - 20]).unwrap();
    let text = node.file("text.md", "no export");
    let newer = header.replace("\"pamphlet_site\": 1", "\"pamphlet_site\": 2");
    let elsewhere = header.replace("@blog@", "@other@");
    let entries = std::fs::read_dir(folder.join("static/media")).unwrap();
    let picture = entries.map(|entry| entry.unwrap().file_name()).min();
    let picture = format!("static/media/{}", picture.unwrap().to_string_lossy());
    // An archive that was packed again, with a table cut.
    let repacked = node.folder.path().join("repacked.tar.gz");
    let original = std::fs::read(folder.join("data/comments.jsonl")).unwrap();
    std::fs::write(folder.join("data/comments.jsonl"), &cut).unwrap();
    let mut tar = std::process::Command::new("tar");
    let tar = tar
        .arg("-C")
        .arg(&folder)
        .arg("-czf")
        .arg(&repacked)
        .arg(".");
    assert!(tar.status().unwrap().success());
    std::fs::write(folder.join("data/comments.jsonl"), original).unwrap();
    // The name of each, the export, a file in it with its new text, and a part of the message.
    type Case<'a> = (&'a str, PathBuf, Option<(&'a str, &'a str)>, &'a str);
    let cases: [Case<'_>; 9] = [
        (
            "cut",
            folder.clone(),
            Some(("data/comments.jsonl", &cut)),
            "is incomplete: data/comments.jsonl has",
        ),
        (
            "broken",
            folder.clone(),
            Some(("data/comments.jsonl", "{")),
            "data/comments.jsonl, line 1, is no row",
        ),
        (
            "newer",
            folder.clone(),
            Some(("pamphlet.json", &newer)),
            "newer version of Pamphlet",
        ),
        (
            "elsewhere",
            folder.clone(),
            Some(("pamphlet.json", &elsewhere)),
            "the export is of @other@",
        ),
        (
            "short",
            folder.clone(),
            Some((&picture, "x")),
            "has 1 bytes instead of",
        ),
        (
            "unnamed",
            folder.clone(),
            Some(("data/others.jsonl", "{}")),
            "the file data/others.jsonl, which its first file does not name",
        ),
        (
            "repacked",
            repacked,
            None,
            "is incomplete: data/comments.jsonl has",
        ),
        ("half", half, None, "is incomplete"),
        ("foreign", text.into(), None, "is no export of"),
    ];
    for (name, path, change, expected) in cases {
        let original = change.map(|(file, text)| {
            let file = folder.join(file);
            let original = std::fs::read(&file).ok();
            std::fs::write(&file, text).unwrap();
            (file, original)
        });
        let other = Other::new(Database::Sqlite).await;
        let refused = node
            .cli(&other.with(&["import", "site", path.to_str().unwrap()]))
            .await;
        let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(complaint.contains(expected), "{name}: {complaint}");
        assert!(!other.data.path().join("other.sqlite").exists(), "{name}");
        match original {
            Some((file, Some(original))) => std::fs::write(file, original).unwrap(),
            Some((file, None)) => std::fs::remove_file(file).unwrap(),
            None => {}
        }
    }
}

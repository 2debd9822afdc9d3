//! A folder of Markdown files, brought over once.

use super::{arrivals, counts, import, messages, write, write_picture};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use std::path::PathBuf;

fn folder(node: &TestNode) -> PathBuf {
    let folder = node.folder.path().join("site");
    write(
        &folder,
        "posts/trains/index.md",
        "---\ntitle: On trains\ndate: 2010-08-07\nauthor: Ada Lovelace\ntags: [travel]\naliases: [/blog/trains.html]\n\
         image: a.png\nimage_alt: A\n---\nA picture: ![A](a.png), and [ships](/blog/ships.html#end).\n",
    );
    write_picture(&folder, "posts/trains/a.png", 10);
    write(
        &folder,
        "posts/ships.md",
        "---\ntitle: On ships\ndate: 2011-01-02\naliases: [/blog/ships.html]\n---\n![B](/images/b.png)\n",
    );
    write_picture(&folder, "static/images/b.png", 20);
    write(
        &folder,
        "posts/vessels.md",
        "---\ntitle: On ships\nslug: on-ships\ndate: 2012-01-02\n---\nThe same slug.\n",
    );
    write(
        &folder,
        "drafts/unfinished.md",
        "---\ntitle: Unfinished\ndraft: true\n---\nA draft.\n",
    );
    write(
        &folder,
        "pages/about.md",
        "---\ntitle: About\n---\nAbout us.\n",
    );
    write(
        &folder,
        "pages/archive.md",
        "---\ntitle: Archive\n---\nAn address that the node has itself.\n",
    );
    write(&folder, "broken.md", "---\ntitle: [\n---\nText.\n");
    folder
}

/// The story of an admin who moves here: a rehearsal, the import, and imports again after changes on both sides.
#[apply(both_databases)]
async fn a_folder_is_published_silently_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let folder = folder(&node);
    let site = folder.to_str().unwrap();
    let before = node.rows().await;

    let output = node
        .cli(&["import", "markdown", site, "--dry-run", "--json"])
        .await;
    assert_eq!(output.status.code(), Some(1));
    let rehearsal: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&rehearsal, "articles"), [3, 0, 0], "{rehearsal}");
    assert_eq!(node.rows().await, before);

    let output = node.cli(&["import", "markdown", site]).await;
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("broken.md"), "{printed}");
    std::fs::remove_file(folder.join("broken.md")).unwrap();

    let report = import(&node, &["markdown", site]).await;
    assert_eq!(counts(&report, "articles"), [0, 0, 3], "{report}");
    assert_eq!(counts(&report, "drafts"), [0, 0, 1], "{report}");
    assert_eq!(counts(&report, "pages"), [0, 0, 2], "{report}");
    assert_eq!(report["files"], 0, "{report}");

    // A published article is complete, with old addresses that lead to it.
    let trains = node.page("/2010/08/on-trains").await;
    assert_eq!(trains.status, 200);
    assert!(trains.text.contains("/media/"), "{}", trains.text);
    assert!(
        trains.text.contains("href=\"/2011/01/on-ships#end\""),
        "{}",
        trains.text
    );
    assert!(
        trains.text.contains("/authors/ada_lovelace"),
        "{}",
        trains.text
    );
    assert!(
        node.page("/2012/01/on-ships-2")
            .await
            .text
            .contains("The same slug")
    );
    assert_eq!(node.page("/drafts/unfinished").await.status, 404);
    assert_eq!(node.page("/about").await.status, 200);
    assert_eq!(node.page("/page-archive").await.status, 200);
    let old = node.get_as("/blog/trains.html", "text/html").await;
    assert_eq!(old.status, 301);
    assert!(old.header("location").ends_with("/2010/08/on-trains"));
    eventually("the outbox lists them", || async {
        (node
            .number("SELECT COUNT(*) FROM publications WHERE state = 'live'")
            .await
            == Some(3))
        .then_some(())
    })
    .await;
    assert_eq!(arrivals(&node, &crowd).await, ["Create the-last-one"]);

    // A change of the source comes over; what was changed here stays, and is reported.
    write(
        &folder,
        "posts/ships.md",
        "---\ntitle: On ships\ndate: 2011-01-02\n---\nNew words.\n",
    );
    let edited = node.file(
        "edited.md",
        "---\ntitle: On trains\ndate: 2010-08-07\n---\nOur words.\n",
    );
    node.admin(&["post", "edit", "on-trains", &edited, "--quiet"])
        .await;
    write(
        &folder,
        "posts/trains/index.md",
        "---\ntitle: On trains\ndate: 2010-08-07\n---\nTheir words.\n",
    );
    let report = import(&node, &["markdown", site]).await;
    assert_eq!(counts(&report, "articles"), [0, 1, 1], "{report}");
    let conflicts = messages(&report, "conflicts");
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert!(
        conflicts[0].contains("posts/trains/index.md"),
        "{conflicts:?}"
    );
    assert!(
        node.page("/2010/08/on-trains")
            .await
            .text
            .contains("Our words")
    );
    assert!(
        node.page("/2011/01/on-ships")
            .await
            .text
            .contains("New words")
    );
}

/// With `--tell` followers get complete articles; `--as-drafts` publishes nothing.
#[apply(both_databases)]
async fn an_import_is_announced_only_when_asked(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let folder = node.folder.path().join("told");
    write(
        &folder,
        "a.md",
        "---\ntitle: Announced\ndate: 2020-01-01\n---\n![A](a.png)\n",
    );
    write_picture(&folder, "a.png", 30);
    let report = import(&node, &["markdown", folder.to_str().unwrap(), "--tell"]).await;
    assert_eq!(counts(&report, "articles"), [1, 0, 0], "{report}");
    assert_eq!(report["files"], 1, "{report}");
    let drafts = node.folder.path().join("drafts");
    write(
        &drafts,
        "b.md",
        "---\ntitle: Kept back\ndate: 2020-01-01\n---\nText.\n",
    );
    let report = import(
        &node,
        &["markdown", drafts.to_str().unwrap(), "--as-drafts"],
    )
    .await;
    assert_eq!(counts(&report, "drafts"), [1, 0, 0], "{report}");
    assert_eq!(
        arrivals(&node, &crowd).await,
        ["Create announced", "Create the-last-one"]
    );
    let told = &crowd.arrivals_at("reader")[0].activity["object"];
    assert!(
        told["content"].as_str().unwrap().contains("/media/"),
        "{told}"
    );
}

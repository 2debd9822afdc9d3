//! Folders that are hardly what the admin meant, and syncs that are interrupted.

use super::{Content, articles};
use crate::support::{Database, Program, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn a_failed_checkout_deletes_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let content = Content::of(&node);
    content
        .refused(&[], 1, &["no Markdown files", "nothing was changed"])
        .await;
    let missing = Content {
        folder: node.folder.path().join("gone"),
        ..Content::of(&node)
    };
    missing
        .refused(&["--yes"], 1, &["gone does not exist"])
        .await;
    for number in 1..=5 {
        content.article(
            &format!("{number}.md"),
            &format!("Number {number}"),
            "Text.",
        );
    }
    let file = Content {
        folder: content.path("1.md"),
        ..Content::of(&node)
    };
    file.refused(&[], 1, &["is not a folder", "pamphlet post publish"])
        .await;
    content.sync(&[]).await;
    let all = articles(&node).await;

    // An empty folder, one without any of the files, and one without most of them.
    let empty = Content::named(&node, "empty");
    empty.refused(&["--yes"], 1, &["no Markdown files"]).await;
    empty.article("x.md", "Another", "Text.");
    empty.refused(&["--yes"], 1, &["none of the 5 files"]).await;
    for number in 1..=3 {
        content.remove(&format!("{number}.md"));
    }
    let words = [
        "Delete 3 articles (more than half of the 5 files of the last sync)?",
        "--yes",
    ];
    content.refused(&["--max-delete", "5"], 2, &words).await;
    assert_eq!(articles(&node).await, all);
    content.sync(&["--yes"]).await;
    assert_eq!(articles(&node).await.len(), 2);
}

#[apply(both_databases)]
async fn a_killed_sync_is_continued_by_the_next_one(#[case] database: Database) {
    const FILES: usize = 60;
    let program = Program::new(database).await;
    program.create_database().await;
    let folder = program.folder.path().join("content");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..FILES {
        let text = format!("---\ntitle: Number {number}\n---\nText.\n");
        std::fs::write(folder.join(format!("{number}.md")), text).unwrap();
    }
    let count = async |table: &str| {
        let query = format!("SELECT COUNT(*) FROM {table}");
        sql::number(&program.database_url, &query).await.unwrap()
    };
    let mut child = program
        .commands()
        .command(&["sync", "content"])
        .spawn()
        .unwrap();
    eventually("some files are stored", || async {
        (count("articles").await > 2).then_some(())
    })
    .await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(count("articles").await, count("synced_files").await);
    program.admin(&["sync", "content", "--json"]).await;
    let files = i64::try_from(FILES).unwrap();
    assert_eq!(
        (count("articles").await, count("synced_files").await),
        (files, files)
    );
    let again = program.admin(&["sync", "content"]).await;
    assert!(
        again.starts_with("Nothing changed: 60 files in sync"),
        "{again}"
    );
}

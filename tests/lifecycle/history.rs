//! The history: every change by any program, and the way back.

use super::{follower, settled, told};
use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Lets the tags that change now belong to a version of their own.
async fn a_while_later(node: &TestNode) {
    node.sql("UPDATE article_versions SET made_at = made_at - 60000")
        .await;
}

fn changes(history: &Value) -> Vec<String> {
    let versions = history.as_array().unwrap().iter();
    versions
        .map(|version| {
            let changes = version["changes"].as_array().unwrap().iter();
            let words: Vec<&str> = changes.map(|change| change.as_str().unwrap()).collect();
            format!("{} {}", version["version"], words.join(", "))
        })
        .collect()
}

#[apply(both_databases)]
async fn every_change_by_any_program_is_a_version(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = follower(&node).await;
    node.publish("---\ntitle: News\ntags: [One, Two]\n---\nFirst.\n\nSecond.\n")
        .await;
    a_while_later(&node).await;
    node.sql("UPDATE articles SET title = 'News', markdown = 'First.' || markdown")
        .await;
    node.sql("UPDATE articles SET title = 'News'").await;
    a_while_later(&node).await;
    node.sql("DELETE FROM article_tags WHERE tag = 'Two'").await;
    node.sql("INSERT INTO article_tags SELECT id, 'Three' FROM articles")
        .await;
    a_while_later(&node).await;
    let file = node.file(
        "new.md",
        "---\ntitle: Newer\ntags: [One, Three]\nsummary: S\n---\nThird.\n",
    );
    node.admin(&["post", "edit", "news", &file]).await;
    node.admin(&["post", "unpublish", "news", "--yes"]).await;
    let history = node.admin_json(&["post", "history", "news"]).await;
    assert_eq!(
        changes(&history),
        [
            "5 made a draft",
            "4 text (+1 -3 lines), title, summary",
            "3 tags",
            "2 text (+1 -1 lines)",
            "1 created",
        ]
    );
    assert_eq!(history[0]["current"], json!(true));
    assert!(history[4]["made"].as_str().unwrap().ends_with('Z'));
    assert!(history[3]["by"].is_null(), "another program wrote it");
    let table = node.admin(&["post", "history", "news"]).await;
    assert!(table.starts_with("VERSION  TIME"), "{table}");
    assert!(table.contains(" UTC "), "{table}");

    let diff = node.admin(&["post", "diff", "news", "1", "3"]).await;
    assert!(
        diff.starts_with("--- version 1\n+++ version 3\n@@ "),
        "{diff}"
    );
    assert!(diff.contains("-First.\n+First.First.\n"), "{diff}");
    assert!(
        diff.contains("-- Two\n+- Three\n") || diff.contains("+- Three\n"),
        "{diff}"
    );
    assert!(!diff.contains('\u{1b}'), "no colours in a pipe");
    let diff = node.admin_json(&["post", "diff", "news", "3"]).await;
    assert_eq!((&diff["from"], &diff["to"]), (&3.into(), &5.into()));

    node.admin(&["post", "publish", "news"]).await;
    settled(&node).await;
    let before = told(&crowd).len();
    let printed = node.admin(&["post", "revert", "news", "1"]).await;
    assert!(
        printed.starts_with("Reverted to version 1: News"),
        "{printed}"
    );
    crowd.wait_at("reader", before + 1).await;
    let shown = node.admin_json(&["post", "show", "news"]).await;
    assert_eq!(shown["markdown"], "First.\n\nSecond.\n");
    assert_eq!(
        (&shown["title"], &shown["tags"]),
        (&"News".into(), &json!(["One", "Two"]))
    );
    assert_eq!(shown["summary_text"], Value::Null);
    let again = node.admin(&["post", "revert", "news", "1"]).await;
    assert!(again.starts_with("Nothing changed"), "{again}");
}

#[apply(both_databases)]
async fn the_number_and_the_size_of_versions_are_limited(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    node.publish("---\ntitle: Many\n---\nText.\n").await;
    // The search would read the large texts.
    node.stop().await;
    let updates: Vec<String> = (0..120)
        .map(|n| format!("UPDATE articles SET summary = 's{n}';"))
        .collect();
    node.sql(&updates.concat()).await;
    let history = node.admin_json(&["post", "history", "many"]).await;
    let history = history.as_array().unwrap();
    assert_eq!(history.len(), 100);
    assert_eq!(history[0]["version"], 121);
    assert_eq!(history[99]["changes"][0], "(earlier versions are not kept)");
    let large = "REPLACE('1234567890123456789012345678901234567890', '1', markdown)";
    node.sql(&format!(
        "UPDATE articles SET markdown = 'x';
         UPDATE articles SET markdown = {large}; UPDATE articles SET markdown = {large};"
    ))
    .await;
    let huge = "SUBSTR(REPLACE(REPLACE(REPLACE('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'a',
        '1111111111111111111111111111111111111111111111111111111111111111'), '1',
        '2222222222222222222222222222222222222222222222222222222222222222'), '2', '33333333333333333333'), 1, 5000000)";
    node.sql(&format!(
        "UPDATE articles SET markdown = 'a' || {huge}; UPDATE articles SET markdown = 'b' || {huge};"
    ))
    .await;
    let kept = node.number("SELECT COUNT(*) FROM article_versions").await;
    assert_eq!(kept, Some(1), "the newest is always kept");
    node.sql("DELETE FROM articles").await;
    assert_eq!(
        node.number("SELECT COUNT(*) FROM article_versions").await,
        Some(0)
    );
}

#[apply(both_databases)]
async fn pages_have_a_history_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let file = node.file("about.md", "---\ntitle: About\n---\nOne.\n");
    node.admin(&["page", "publish", &file]).await;
    let same = node.admin(&["page", "edit", "about", &file]).await;
    assert!(same.starts_with("Nothing changed"), "{same}");
    let file = node.file("about.md", "---\ntitle: About\nmenu: header\n---\nTwo.\n");
    node.admin(&["page", "edit", "about", &file]).await;
    node.sql("UPDATE pages SET position = 3").await;
    let history = node.admin_json(&["page", "history", "about"]).await;
    assert_eq!(
        changes(&history),
        ["3 position", "2 text (+1 -1 lines), menu", "1 created"]
    );
    let diff = node.admin(&["page", "diff", "about", "1"]).await;
    assert!(diff.contains("-One.\n+Two.\n"), "{diff}");
    node.admin(&["page", "revert", "about", "1"]).await;
    let shown = node.admin(&["page", "show", "about"]).await;
    assert_eq!(shown, "---\ntitle: About\nslug: about\n---\n\nOne.\n");
}

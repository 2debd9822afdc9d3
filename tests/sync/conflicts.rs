//! Articles that were changed both in their files and on the site.

use super::{Content, actions, articles};
use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::Value;

async fn text_of(node: &TestNode, slug: &str) -> String {
    let shown = node.admin_json(&["post", "show", slug]).await;
    shown["markdown"].as_str().unwrap().trim().to_owned()
}

async fn edit(node: &TestNode, slug: &str, text: &str) {
    let file = node.file("edited.md", &format!("---\ntitle: {slug}\n---\n{text}\n"));
    node.admin(&["post", "edit", slug, &file]).await;
}

fn last_json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[apply(both_databases)]
async fn what_was_changed_here_is_named_and_left(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let content = Content::of(&node);
    for title in ["one", "two", "three", "four", "five"] {
        content.article(&format!("{title}.md"), title, "From the file.");
    }
    content.sync(&[]).await;
    edit(&node, "one", "Changed here.").await;
    edit(&node, "two", "Changed here.").await;
    content.article("two.md", "two", "Changed in the file.");
    edit(&node, "three", "Changed here.").await;
    content.remove("three.md");
    node.admin(&["post", "delete", "four", "--yes"]).await;
    // The same change on both sides is none.
    edit(&node, "five", "Changed alike.").await;
    content.article("five.md", "five", "Changed alike.");
    // Comment terms are the admin's, and stay.
    content.article("six.md", "six", "From the file.");

    let output = content.run(&["--json", "--yes"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("4 conflicts"));
    let json = last_json(&output);
    assert_eq!(
        actions(&json),
        [
            "create six.md",
            "conflict four.md",
            "conflict one.md",
            "conflict three.md",
            "conflict two.md"
        ]
    );
    for action in json["actions"].as_array().unwrap().iter().skip(1) {
        let conflict = action["conflict"].as_str().unwrap();
        assert!(conflict.contains("--force"), "{conflict}");
    }
    for slug in ["one", "two", "three"] {
        assert_eq!(text_of(&node, slug).await, "Changed here.", "{slug}");
    }
    assert_eq!(articles(&node).await.len(), 5);

    // With --force, the folder is the truth.
    let forced = content.sync(&["--force", "--yes"]).await;
    assert_eq!(
        forced,
        [
            "delete three.md",
            "change one.md",
            "change two.md",
            "create four.md"
        ]
    );
    assert_eq!(text_of(&node, "one").await, "From the file.");
    assert_eq!(text_of(&node, "two").await, "Changed in the file.");
    assert_eq!(content.sync(&[]).await, [""; 0]);

    // Closed comments stay closed when the text changes.
    node.admin(&["comments", "policy", "six", "closed"]).await;
    content.article("six.md", "six", "Corrected.");
    assert_eq!(content.sync(&[]).await, ["change six.md"]);
    let shown = node.admin_json(&["post", "show", "six"]).await;
    assert_eq!(shown["comments"], "closed");
}

#[apply(both_databases)]
async fn an_existing_article_is_adopted_if_it_is_the_same(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let content = Content::of(&node);
    content.article("same.md", "Same", "The same text.");
    content.article("other.md", "Other", "The text of the file.");
    content.write("pages/about.md", "---\ntitle: About\n---\nAbout us.\n");
    let file = content.path("same.md").display().to_string();
    node.admin(&["post", "publish", &file]).await;
    let page = content.path("pages/about.md").display().to_string();
    node.admin(&["page", "publish", &page]).await;
    node.publish("---\ntitle: Other\n---\nAnother text.\n")
        .await;
    let output = content.run(&["--json"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let adopted = ["adopt pages/about.md", "adopt same.md", "conflict other.md"];
    assert_eq!(actions(&last_json(&output)), adopted);
    assert_eq!(content.sync(&["--force"]).await, ["change other.md"]);
    // A sync deletes only what a sync created.
    content.remove("same.md");
    assert_eq!(content.sync(&[]).await, ["forget same.md"]);
    assert_eq!(articles(&node).await, ["other published", "same published"]);
}

//! What scripts read: every `--json` is one JSON document, whether there is something to list or not.

use crate::support::{Crowd, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::{Value, json};

const LISTS: [&[&str]; 8] = [
    &["post", "list"],
    &["post", "list", "--published"],
    &["author", "list"],
    &["followers", "list"],
    &["comments", "list"],
    &["block", "list"],
    &["deliveries", "refused"],
    &["notices", "list"],
];

#[apply(both_databases)]
async fn every_json_output_is_one_document(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for list in LISTS {
        assert_eq!(
            node.admin_json(list).await,
            json!([]),
            "{list:?} of nothing"
        );
    }
    assert_eq!(
        node.admin_json(&["deliveries", "status"]).await["waiting"],
        0
    );
    assert_eq!(node.admin_json(&["notices", "dropped"]).await, json!({}));

    let (peer, crowd) = (Peer::start("peer").await, Crowd::start().await);
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    crowd.follow(&node.database_url, &["strict"]).await;
    crowd.respond_next("strict", vec![Canned::status(422)]);
    node.admin(&[
        "author",
        "add",
        "ada",
        "--name",
        "Ada \"the\" \u{202e}Author",
    ])
    .await;
    let article = node.publish_any().await;
    let title = "---\ntitle: \"Quotes \\\" and \\\\ and \\a\"\nslug: draft\n---\nText.\n";
    let draft = node
        .admin_json(&["post", "draft", &node.file("draft.md", title)])
        .await;
    assert_eq!(draft["status"], "draft");
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Create", reader.note(&article.id, "<p>\"\\\u{1b}[31m</p>")),
        )
        .await;
    reader
        .deliver(&node.inbox(), &reader.activity("Flag", json!([article.id])))
        .await;
    reader
        .deliver(&node.inbox(), &reader.activity("Wave", json!(article.id)))
        .await;
    node.admin(&["block", "add", "example.net", "--reason", "a \"reason\""])
        .await;
    eventually("the refusal is listed", || async {
        let refused = node.admin_json(&["deliveries", "refused"]).await;
        (refused != json!([])).then_some(())
    })
    .await;
    for list in LISTS {
        let shown = node.admin_json(list).await;
        let first = shown
            .get(0)
            .unwrap_or_else(|| panic!("{list:?} lists nothing"));
        assert!(first.is_object(), "{list:?}: {first}");
    }
    assert_eq!(
        node.admin_json(&["notices", "dropped"]).await["unknown activity type"],
        1
    );
    let comment = node.comments().await[0]["id"].to_string();
    let one: [&[&str]; 7] = [
        &["post", "show", "draft"],
        &["comments", "show", &comment],
        &["actor", "show"],
        &["deliveries", "status"],
        &["post", "publish", "draft"],
        &["post", "unpublish", "draft", "--yes"],
        &["post", "delete", "draft", "--yes"],
    ];
    for command in one {
        let shown: Value = node.admin_json(command).await;
        assert!(shown.is_object(), "{command:?}: {shown}");
    }
    assert_eq!(
        node.admin_json(&["post", "list"])
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // A failure prints no partial document.
    let output = node.cli(&["post", "show", "gone", "--json"]).await;
    assert!(output.stdout.is_empty() && output.status.code() == Some(1));
}

//! What Fedify knows and bovine does not: quotes, moves, reports, pins, followers synchronization.

use crate::support::{
    Database, ForeignServer, TestNode, both_databases, eventually, node::Article,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Makes the reader quote an article. Returns the ids of the note and of the request.
async fn quote(server: &ForeignServer, node: &TestNode, article: &Article) -> (String, String) {
    let about = json!({"object": article.id, "to": node.blog()});
    let sent = server.ask("quote", about).await;
    assert_eq!(sent["status"], 202, "{sent}");
    let id = |name: &str| sent[name].as_str().unwrap().to_owned();
    (id("id"), id("request"))
}

async fn following(node: &TestNode) -> Vec<Value> {
    let rows = node.admin_json(&["following"]).await;
    let rows = rows.as_array().unwrap().iter();
    let accepted = rows.filter(|row| row["state"] == "accepted");
    accepted.map(|row| row["actor"].clone()).collect()
}

#[apply(both_databases)]
async fn a_quote_is_admitted_refused_and_revoked(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let server = ForeignServer::fedify().await;
    let article = node.publish_any().await;
    let (note, request) = quote(server, &node, &article).await;
    let accept = server.wait_for("Accept", &node.blog(), &request).await;
    assert_eq!(accept["understood"]["object"]["type"], "QuoteRequest");
    let authorization = accept["understood"]["result"].as_str().unwrap();
    let found = server.ask("fetch", json!({"id": authorization})).await;
    assert_eq!(found["type"], "QuoteAuthorization", "{found}");
    assert_eq!(found["attributedTo"], node.blog());
    assert_eq!(
        (&found["interactingObject"], &found["interactionTarget"]),
        (&json!(note), &json!(article.id))
    );
    let quotes = node.admin_json(&["quotes", "list"]).await;
    assert_eq!(quotes[0]["post"], note);
    assert!(node.page(&article.url).await.text.contains("Quoted by"));

    node.admin(&["quotes", "revoke", &note, "--yes"]).await;
    server.wait_for("Delete", &node.blog(), authorization).await;
    let nobodys = node
        .publish("---\ntitle: For nobody\nquotes: nobody\n---\nText.\n")
        .await;
    eventually("it can be fetched", || async {
        (node.document(&nobodys.id).await.status == 200).then_some(())
    })
    .await;
    let (_, request) = quote(server, &node, &nobodys).await;
    let reject = server.wait_for("Reject", &node.blog(), &request).await;
    assert_eq!(reject["understood"]["result"], Value::Null);
}

#[apply(both_databases)]
async fn a_move_takes_followers_along_both_ways(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (old, new) = (
        ForeignServer::fedify().await,
        ForeignServer::fedify_draft_cavage().await,
    );
    node.admin(&["follow", &old.reader()]).await;
    eventually("we follow", || async {
        (following(&node).await == [json!(old.reader())]).then_some(())
    })
    .await;
    new.ask("alias", json!({"actor": old.reader()})).await;
    old.send("move", json!({"target": new.reader(), "to": node.blog()}))
        .await;
    eventually("our follow moved", || async {
        (following(&node).await == [json!(new.reader())]).then_some(())
    })
    .await;

    new.send("follow", json!({"actor": node.blog()})).await;
    old.ask("alias", json!({"actor": node.blog()})).await;
    node.admin(&["actor", "move", "--to", &old.reader(), "--yes"])
        .await;
    let moved = new.wait_for("Move", &node.blog(), &node.blog()).await;
    assert_eq!(moved["understood"]["target"], old.reader());
}

#[apply(both_databases)]
async fn pins_are_told_and_reports_are_heard(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let server = ForeignServer::fedify().await;
    server.send("follow", json!({"actor": node.blog()})).await;
    let article = node.publish_any().await;
    for (command, kind) in [("pin", "Add"), ("unpin", "Remove")] {
        node.admin(&["post", command, &article.slug]).await;
        let told = server.wait_for(kind, &node.blog(), &article.id).await;
        assert_eq!(
            told["understood"]["target"],
            node.url("/users/blog/featured")
        );
    }
    let report =
        json!({"objects": [node.blog(), article.id], "to": node.blog(), "content": "a trial"});
    server.send("report", report).await;
    let notices = node.notices().await;
    assert_eq!(
        (&notices[0]["kind"], &notices[0]["actor"]),
        (&json!("report"), &json!(server.reader()))
    );
    assert!(notices[0]["text"].as_str().unwrap().contains("a trial"));
}

#[apply(both_databases)]
async fn a_follow_that_it_only_believes_in_is_taken_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let server = ForeignServer::fedify_alone().await;
    server
        .ask("imagine-follower", json!({"actor": node.blog()}))
        .await;
    server
        .send("publish", json!({"content": "<p>For my followers.</p>"}))
        .await;
    let undo = eventually("the follow is taken back", || async {
        server
            .received_from(&node.blog())
            .await
            .into_iter()
            .find(|activity| activity["type"] == "Undo")
    })
    .await;
    let undone = &undo["understood"]["object"];
    assert_eq!(
        (&undone["type"], &undone["object"]),
        (&json!("Follow"), &json!(server.reader()))
    );
    assert_eq!(
        server.ask("received", json!({})).await["followers"],
        json!([])
    );
}

//! `pamphlet tail`: what comes in and goes out.

use super::publish_to;
use crate::support::{
    Crowd, Database, Peer, TestNode, both_databases, eventually, peer::Canned, terminal::Terminal,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the events that the command prints.
async fn events(node: &TestNode, more: &[&str]) -> Vec<Value> {
    let mut command = vec!["tail", "--no-follow", "--since", "1h", "--json"];
    command.extend(more);
    let lines = node.admin(&command).await;
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn wait_for(node: &TestNode, text: &str) -> Value {
    eventually(&format!("tail shows {text:?}"), || async {
        let mut events = events(node, &[]).await;
        let found = |event: &Value| event["text"].as_str().unwrap().contains(text);
        events.retain(found);
        events.pop()
    })
    .await
}

#[apply(both_databases)]
async fn what_comes_in_and_goes_out_is_shown_in_plain_words(#[case] database: Database) {
    let (node, crowd) = (TestNode::start(database).await, Crowd::start().await);
    let peer = Peer::start("peer").await;
    let reader = peer.actor("reader").await;
    let handle = reader.handle();
    crowd.follow(&node.database_url, &["good", "strict"]).await;
    crowd.respond_next("strict", vec![Canned::status(422)]);
    let terminal = Terminal::of_node(&node, &["tail"]).await;
    let article = publish_to(&node, &crowd, &["good", "strict"]).await;
    let shown = terminal
        .wait_for("Create of \"On reading slowly\" delivered to good.localhost")
        .await;
    assert!(shown.contains(" UTC  out  Create of"), "{shown}");

    let refused = wait_for(&node, "refused by strict.localhost").await;
    assert_eq!(
        (
            &refused["direction"],
            &refused["outcome"],
            &refused["reason"]
        ),
        (&json!("out"), &json!("refused"), &json!("it answered 422"))
    );
    reader.follow(&node.inbox(), &node.blog()).await;
    wait_for(&node, &format!("{handle} followed @blog@")).await;
    reader
        .comment(&node.inbox(), &article.id, "<p>A reply.</p>")
        .await;
    let id = node.comments().await[0]["id"].clone();
    let replied = wait_for(
        &node,
        &format!("{handle} replied to \"On reading slowly\" (comment {id}, visible)"),
    )
    .await;
    assert_eq!(
        (&replied["type"], &replied["comment"]),
        (&json!("Create"), &id)
    );
    let undo = json!({"type": "Follow", "actor": reader.id, "object": node.blog()});
    let undo = reader.activity("Undo", undo);
    reader.deliver(&node.inbox(), &undo).await;
    wait_for(&node, &format!("{handle} unfollowed @blog@")).await;
    reader
        .deliver(&node.inbox(), &reader.activity("Wave", json!(article.id)))
        .await;
    wait_for(&node, "changes nothing: unknown activity type").await;
    // The kind is a text of another server.
    let hostile = reader.activity("Wa\u{1b}[31mve\u{202e}", json!(article.id));
    reader.send(&node.inbox(), &hostile).await;
    node.get_with("/inbox", &[]).await;
    let forged = reader.signed(&node.inbox(), &reader.activity("Like", json!(article.id)));
    let mut forged = forged;
    forged.body = br#"{"type": "Like"}"#.to_vec();
    forged.send().await;
    wait_for(&node, "refused").await;
    let host = peer.url("").trim_start_matches("http://").to_owned();
    let filtered = events(&node, &["--in", "--host", &host]).await;
    assert!(filtered.len() >= 4);
    assert!(
        filtered
            .iter()
            .all(|event| event["direction"] == "in" && event["host"] == json!(host))
    );
    let plain = node.admin(&["tail", "--no-follow", "--since", "1h"]).await;
    assert!(!plain.contains(['\u{1b}', '\u{202e}']), "{plain:?}");

    // A person who is erased has no events.
    node.admin(&["actor", "erase", &handle, "--yes"]).await;
    eventually("no event names the person", || async {
        let named = format!(
            "SELECT COUNT(*) FROM events WHERE actor_uri = '{0}' OR object_uri LIKE '{0}%'",
            reader.id
        );
        (node.number(&named).await == Some(0)).then_some(())
    })
    .await;
}

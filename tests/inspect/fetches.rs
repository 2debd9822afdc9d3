//! What `pamphlet fetch` sees of other servers.

use crate::{
    assert_printed,
    support::{Database, Peer, TestNode, both_databases, peer::Canned},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn fetch(node: &TestNode, what: &str) -> (Value, Option<i32>) {
    let output = node.cli(&["fetch", "--json", what]).await;
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (report, output.status.code())
}

/// Returns the first check that failed, as `NAME: TEXT`.
fn failure(report: &Value) -> String {
    let steps = report["steps"].as_array().unwrap();
    let failed = steps.iter().find(|step| step["ok"] == false);
    failed.map_or_else(String::new, |step| {
        format!(
            "{}: {}",
            step["step"].as_str().unwrap(),
            step["text"].as_str().unwrap()
        )
    })
}

#[apply(both_databases)]
async fn an_actor_and_a_post_are_shown_as_they_are_read(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("reader").await;
    let actor = peer.actor("reader").await;
    let note = actor.note(&article.id, "<p>Well said.</p>");
    let path = url::Url::parse(note["id"].as_str().unwrap())
        .unwrap()
        .path()
        .to_owned();
    peer.serve(&path, Canned::document(&note));
    let (report, code) = fetch(&node, &actor.handle()).await;
    assert_eq!(
        (failure(&report).as_str(), code),
        ("", Some(0)),
        "{report:#}"
    );
    assert_eq!(report["reading"]["handle"], actor.handle());
    assert_eq!(report["document"]["id"], actor.id);

    let printed = node
        .transcript(&["fetch", note["id"].as_str().unwrap()])
        .await;
    let note_id = note["id"].as_str().unwrap().rsplit('/').next().unwrap();
    let printed = printed
        .replace(&peer.authority, "[PEER]")
        .replace(&format!("notes/{note_id}"), "notes/[NOTE]");
    assert_printed!("fetch_reply", printed, &[(r"\d+ bytes", "[SIZE] bytes")]);
    let raw = node.admin(&["fetch", "--raw", &actor.id]).await;
    assert_eq!(serde_json::from_str::<Value>(&raw).unwrap()["id"], actor.id);
    for table in ["remote_actors", "remote_keys", "comments", "lookups"] {
        let count = node.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(count, Some(0), "{table}");
    }
}

#[apply(both_databases)]
async fn each_reason_not_to_use_a_document_is_named(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("odd").await;
    let actor = peer.actor("reader").await;
    let html = Canned {
        headers: vec![("content-type".into(), "text/html".into())],
        ..Canned::document(&actor.document())
    };
    peer.serve("/page", html);
    peer.serve("/error", Canned::status(500));
    peer.serve("/gone", Canned::status(410));
    peer.serve(
        "/other",
        Canned::document(&json!({"id": "https://elsewhere.example/1", "type": "Note"})),
    );
    peer.serve("/array", Canned::document(&json!([1, 2])));
    let foreign = json!({"id": peer.url("/foreign"), "type": "Note", "attributedTo": "https://elsewhere.example/1",
        "content": "x\u{1b}[31m", "to": "https://www.w3.org/ns/activitystreams#Public"});
    peer.serve("/foreign", Canned::document(&foreign));
    let mut keyless = actor.document();
    keyless["id"] = json!(peer.url("/keyless"));
    keyless["publicKey"] = Value::Null;
    peer.serve("/keyless", Canned::document(&keyless));
    for (path, expected) in [
        ("/page", "type: "),
        ("/error", "signed: 500"),
        ("/gone", "signed: 410"),
        ("/missing", "signed: 404"),
        ("/other", "fetch: "),
        ("/array", "id: it has no id"),
        ("/foreign", "author: "),
        ("/keyless", "key: it publishes no key"),
    ] {
        let (report, code) = fetch(&node, &peer.url(path)).await;
        let failed = failure(&report);
        assert!(
            failed.starts_with(expected) && code == Some(1),
            "{path}: {failed} {report:#}"
        );
        assert!(!report.to_string().contains("[31m") || !report.to_string().contains('\u{1b}'));
    }
    let nobody = format!("@nobody@{}", peer.authority);
    assert!(failure(&fetch(&node, &nobody).await.0).starts_with("webfinger: "));
    assert!(failure(&fetch(&node, &node.blog()).await.0).starts_with("address: "));
    node.admin(&["block", "add", &peer.authority]).await;
    let before = peer.gets().len();
    assert!(failure(&fetch(&node, &actor.id).await.0).starts_with("blocks: "));
    assert_eq!(peer.gets().len(), before);
    let output = node.cli(&["fetch", "a word"]).await;
    assert_eq!(output.status.code(), Some(2));
}

#[apply(both_databases)]
async fn private_addresses_are_named_and_never_asked(#[case] database: Database) {
    let node = TestNode::start_public(database, "https://node.example").await;
    for (address, expected) in [
        ("https://localhost/users/x", "dns: "),
        ("http://example.org/", "address: "),
        ("https://127.0.0.1/", "address: "),
        ("https://example.org:8443/", "address: "),
    ] {
        let (report, code) = fetch(&node, address).await;
        assert!(
            failure(&report).starts_with(expected) && code == Some(1),
            "{address} {report:#}"
        );
    }
}

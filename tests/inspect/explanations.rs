//! The explanation of an activity agrees with what the inbox does, and changes nothing.

use crate::{
    assert_printed,
    captured_documents::{counts, difference},
    support::{Database, Peer, TestNode, both_databases},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::path::Path;

async fn explain(node: &TestNode, text: &str, options: &[&str]) -> Value {
    let file = node.file("explained.json", text);
    let mut arguments = vec!["explain-activity", file.as_str()];
    arguments.extend(options);
    node.admin_json(&arguments).await
}

fn step<'a>(explanation: &'a Value, name: &str) -> &'a str {
    let steps = explanation["steps"].as_array().unwrap();
    let found = steps.iter().rfind(|step| step["step"] == name);
    found.map_or("", |step| step["text"].as_str().unwrap())
}

#[apply(both_databases)]
async fn an_explanation_says_what_the_inbox_then_does(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("reader").await;
    let actor = peer.actor("reader").await;
    let note = actor.note(&article.id, "<p>Well said.</p>");
    let create = actor.activity("Create", note.clone());
    let private = json!({"id": actor.new_id("notes"), "type": "Note", "attributedTo": actor.id, "to": [node.blog()],
        "content": "<p>Between us.</p>"});
    let steps = [
        (create.clone(), "accepted", "comments +1"),
        (create.clone(), "dropped", "nothing"),
        (
            actor.activity("Like", json!(article.id)),
            "accepted",
            "reactions +1",
        ),
        (
            actor.activity("Follow", json!(node.blog())),
            "accepted",
            "followers +1",
        ),
        (actor.activity("Create", private), "accepted", "notices +1"),
        (
            actor.activity("Like", json!("https://elsewhere.example/1")),
            "dropped",
            "nothing",
        ),
        (
            actor.activity("Knock", json!(node.blog())),
            "dropped",
            "nothing",
        ),
        (
            actor.activity("Delete", note["id"].clone()),
            "accepted",
            "comments -1",
        ),
    ];
    for (activity, outcome, effect) in steps {
        let before = counts(&node).await;
        let explanation = explain(&node, &activity.to_string(), &[]).await;
        assert_eq!(
            explanation["outcome"], outcome,
            "{activity} {explanation:#}"
        );
        assert_eq!(counts(&node).await, before, "{activity}");
        let reply = actor.send(&node.inbox(), &activity).await;
        assert_eq!(
            reply.status, explanation["status"],
            "{activity} {}",
            reply.body
        );
        assert_eq!(
            difference(&before, &counts(&node).await),
            effect,
            "{activity}"
        );
    }
    // A number that an explanation took would leave a gap.
    let other = actor.activity("Create", actor.note(&article.id, "<p>Another one.</p>"));
    explain(&node, &other.to_string(), &[]).await;
    actor.deliver(&node.inbox(), &other).await;
    let numbers = node
        .texts("SELECT CAST(number AS TEXT) FROM comments ORDER BY id")
        .await;
    assert_eq!(numbers, ["1", "2"]);

    node.admin(&["block", "add", &peer.authority]).await;
    let explanation = explain(&node, &other.to_string(), &[]).await;
    assert_eq!(
        (&explanation["outcome"], &explanation["status"]),
        (&json!("refused"), &json!(403))
    );
    assert!(explanation["reason"].as_str().unwrap().contains("blocked"));
}

#[apply(both_databases)]
async fn an_explanation_asks_others_only_when_told(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("reader").await;
    let actor = peer.actor("reader").await;
    let create = actor.activity(
        "Create",
        actor.note(
            &article.id,
            "<p>Buy <a href=\"https://a.example\">pills</a></p>",
        ),
    );
    let transcript = async |options: &[&str]| {
        node.file("reply.json", &create.to_string());
        let mut arguments = vec!["explain-activity", "reply.json"];
        arguments.extend(options);
        let text = node.transcript(&arguments).await;
        text.replace(&peer.origin, "http://[PEER]")
            .replace(&peer.authority, "[PEER]")
    };
    let filters: &[(&str, &str)] = &[(r"activities/\d+", "activities/[NUMBER]")];
    assert_printed!("explain_reply", transcript(&[]).await, filters);
    assert!(peer.gets().is_empty());
    assert_printed!(
        "explain_reply_fetch",
        transcript(&["--fetch"]).await,
        filters
    );
    assert!(!peer.gets().is_empty());
    let stored = node.number("SELECT COUNT(*) FROM remote_actors").await;
    assert_eq!(stored, Some(0));

    // A whole request, as it was sent: its signature is verified with the fetched key.
    let post = actor.signed(&node.inbox(), &create);
    let request = |headers: Vec<(String, String)>| {
        let head: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!("POST /inbox HTTP/1.1\r\n{head}\r\n{create}")
    };
    let signed = request(post.sent_headers());
    let explanation = explain(&node, &signed, &["--fetch"]).await;
    assert_eq!(explanation["outcome"], "accepted", "{explanation:#}");
    assert!(step(&explanation, "signature").contains(&actor.key_id));
    let explanation = explain(&node, &signed.replace("pills", "pizza"), &["--fetch"]).await;
    assert_eq!(
        (&explanation["outcome"], &explanation["status"]),
        (&json!("refused"), &json!(401))
    );
    assert!(
        explanation["reason"].as_str().unwrap().contains("Digest"),
        "{explanation}"
    );
    let unsigned = post
        .sent_headers()
        .into_iter()
        .filter(|(name, _)| name != "signature");
    let explanation = explain(&node, &request(unsigned.collect()), &[]).await;
    assert_eq!(explanation["reason"], "the request is not signed");
}

#[apply(both_databases)]
async fn wrong_files_get_one_sentence(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for (text, outcome) in [
        ("no JSON", "refused"),
        ("{\"id\": 1, \"id\": 2}", "refused"),
        ("[]", "refused"),
        (
            "{\"type\": \"Person\", \"id\": \"https://a.example/1\"}",
            "refused",
        ),
        (
            "{\"type\": \"Like\", \"actor\": \"not a url\", \"object\": \"x\"}",
            "refused",
        ),
        (
            "{\"type\": \"Like\", \"actor\": \"https://a.example/1\", \"id\": \"https://b.example/1\"}",
            "refused",
        ),
    ] {
        let explanation = explain(&node, text, &[]).await;
        assert_eq!(explanation["outcome"], outcome, "{text} {explanation:#}");
        assert!(
            !explanation["reason"].as_str().unwrap().is_empty(),
            "{text}"
        );
    }
    node.file("empty.json", " \n");
    node.file("large.json", &" ".repeat(3 * 1024 * 1024));
    let folder = node.folder.path().display().to_string();
    for (file, part) in [
        ("empty.json", "nothing to explain"),
        ("large.json", "1 MiB"),
        ("missing.json", "name a file"),
        (folder.as_str(), "name a file"),
    ] {
        let output = node.cli(&["explain-activity", file]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{file} {said}");
        assert!(
            said.contains(part) && said.trim().lines().count() == 1,
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_captured_document_is_explained() {
    let node = TestNode::start(Database::Sqlite).await;
    let article = node.publish_any().await;
    let before = counts(&node).await;
    let mut files = Vec::new();
    for server in ["mastodon-4.6.5", "misskey-2025.11.1", "lemmy"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/captured")
            .join(server);
        let found = std::fs::read_dir(folder).unwrap();
        files.extend(found.map(|entry| entry.unwrap().path()));
    }
    assert!(files.len() > 70);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text
            .replace("https://node.example/articles/ARTICLE", &article.id)
            .replace("https://node.example", &node.origin);
        let explanation = explain(&node, &text, &[]).await;
        let outcome = explanation["outcome"].as_str().unwrap();
        let reason = explanation["reason"].as_str().unwrap_or_default();
        assert_ne!(outcome, "failed", "{} {explanation:#}", path.display());
        assert!(
            outcome == "accepted" || !reason.is_empty(),
            "{}",
            path.display()
        );
        let name = path.file_name().unwrap().to_str().unwrap();
        let steps = explanation["steps"].as_array().unwrap().len();
        let is_document = name.starts_with("get-") || matches!(name, "actor.json" | "group.json");
        assert!(is_document || steps > 3, "{name} {explanation:#}");
    }
    assert_eq!(counts(&node).await, before);
}

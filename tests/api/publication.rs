//! Pages, notes, comments, the search and moderation by the API.

use super::{Client, assert_problem, next_of, sent};
use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use reqwest::Method;
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn pages_are_created_replaced_found_and_deleted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "articles:write").await;
    let body =
        json!({"title": "About us", "menu": "header", "position": 2, "markdown": "We *print*."});
    let made = client.post("/api/v1/pages", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("location"), node.url("/api/v1/pages/about-us"));
    assert!(node.page("/about-us").await.text.contains("<em>print</em>"));
    assert_problem(&client.post("/api/v1/pages", body).await, 409, "taken");
    let reserved = client
        .post("/api/v1/pages", json!({"title": "Micropub"}))
        .await;
    assert_problem(&reserved, 422, "invalid");

    let path = "/api/v1/pages/about-us";
    let seen = client.get(path).await;
    let source = seen.json()["source"].clone();
    let same = client.put(path, json!({"source": source})).await;
    assert_eq!(same.header("etag"), seen.header("etag"), "{}", same.text);
    let replaced = client
        .put(
            path,
            json!({"title": "About", "markdown": "Other *words*."}),
        )
        .await;
    assert_eq!(replaced.json()["slug"], "about-us", "{}", replaced.text);
    let late = client
        .request(Method::PUT, path)
        .header("if-match", seen.header("etag"))
        .json(&json!({"title": "Late"}));
    assert_problem(&sent(late).await, 412, "changed");
    for (body, field) in [
        (json!({"title": "A", "menu": "left"}), "menu"),
        (json!({"title": "A", "tags": []}), "tags"),
        (json!({"markdown": "x"}), "title"),
    ] {
        let refused = client.post("/api/v1/pages", body).await;
        assert_eq!(refused.json()["field"], json!(field), "{}", refused.text);
    }
    let list = client.get("/api/v1/pages").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    eventually("the page is found", || async {
        let found = client.get("/api/v1/search?q=words").await;
        assert_eq!(found.status, 200, "{}", found.text);
        (found.json()[0]["slug"] == "about-us").then_some(())
    })
    .await;
    assert_problem(&client.get("/api/v1/search?q=.").await, 422, "invalid");
    assert_eq!(client.delete(path).await.status, 204);
    assert_problem(&client.get(path).await, 404, "not_found");
}

#[apply(both_databases)]
async fn comments_are_decided_and_answered(#[case] database: Database) {
    let peer = Peer::start("peer").await;
    let node = TestNode::start(database).await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    reader
        .comment(&node.inbox(), &article.id, "<p>Well said!</p>")
        .await;
    let client = Client::new(&node, "comments:write").await;
    let list = client.get("/api/v1/comments?state=visible&q=WELL").await;
    let comment = list.json()["items"][0].clone();
    assert_eq!(comment["text"], "Well said!", "{}", list.text);
    assert_eq!(comment["article"], json!(article.slug));
    let path = format!("/api/v1/comments/{}", comment["id"]);
    for (action, state) in [
        ("hold", "held"),
        ("spam", "spam"),
        ("hide", "hidden"),
        ("approve", "visible"),
    ] {
        let decided = client
            .post(
                &format!("{path}/decision"),
                json!({"action": action, "why": "a test"}),
            )
            .await;
        assert_eq!(decided.json()["state"], json!(state), "{}", decided.text);
    }
    let reply = client
        .request(Method::POST, &format!("{path}/reply"))
        .header("idempotency-key", "reply");
    let reply = sent(reply.json(&json!({"markdown": "Thank *you*."}))).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let told = peer.wait_for("Create").await;
    let text = told.activity["object"]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.contains("<em>you</em>"), "{text}");
    let empty = client
        .post(&format!("{path}/reply"), json!({"markdown": " "}))
        .await;
    assert_problem(&empty, 422, "invalid");
    for query in [
        "article=none",
        "actor=@x",
        "actor=@a@b.example",
        "host=%20",
        "state=odd",
    ] {
        let refused = client.get(&format!("/api/v1/comments?{query}")).await;
        assert_problem(&refused, 422, "invalid");
    }
    for missing in ["/api/v1/comments/99999", "/api/v1/comments/x"] {
        assert_problem(&client.get(missing).await, 404, "not_found");
    }
    assert_eq!(client.delete(&path).await.status, 204);
    assert_problem(&client.delete(&path).await, 409, "conflict");
    // The log says which token it was.
    let log = Client::new(&node, "moderation:read").await;
    let log = log.get("/api/v1/log").await.json();
    assert_eq!(log["items"][0]["who"], "token test comments:write");
    assert_eq!(log["items"][0]["action"], "delete");
}

#[apply(both_databases)]
async fn a_note_that_is_withdrawn_at_once_is_gone_everywhere(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "notes:write").await;
    for number in 0..20 {
        let note = json!({"markdown": format!("Note {number}")});
        let made = client.post("/api/v1/notes", note).await;
        assert_eq!(made.status, 201, "{}", made.text);
        // The outbox may be publishing it at this moment.
        let path = format!("/api/v1/notes/{}", made.json()["id"]);
        assert_eq!(client.delete(&path).await.status, 204);
    }
    eventually("all notes are gone", || async {
        let others = "SELECT COUNT(*) FROM notes WHERE state <> 'gone'";
        (node.number(others).await == Some(0)).then_some(())
    })
    .await;
    let count = |kind: &str| {
        format!(
            "(SELECT COUNT(*) FROM activities a WHERE a.kind = '{kind}' AND a.object_uri LIKE '%' || n.uid)"
        )
    };
    let (created, deleted) = (count("Create"), count("Delete"));
    let left_elsewhere = format!("SELECT COUNT(*) FROM notes n WHERE {created} <> {deleted}");
    assert_eq!(node.number(&left_elsewhere).await, Some(0));
}

#[apply(both_databases)]
async fn notes_are_published_and_withdrawn(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "notes:write,media:write").await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let made = client
            .post(
                "/api/v1/notes",
                json!({"markdown": format!("Note *{number}*")}),
            )
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
        ids.push(made.json()["id"].clone());
    }
    let first = client.get("/api/v1/notes?limit=2").await;
    let second = client.get(&next_of(&first).unwrap()).await;
    assert_eq!(second.json()["items"][0]["id"], ids[0]);
    let url = first.json()["items"][0]["url"].as_str().unwrap().to_owned();
    eventually("the note is public", || async {
        (node.page(&url).await.status == 200).then_some(())
    })
    .await;
    let path = format!("/api/v1/notes/{}", ids[2]);
    assert_eq!(client.delete(&path).await.status, 204);
    eventually("the note is gone", || async {
        (node.page(&url).await.status == 410).then_some(())
    })
    .await;
    for (body, field) in [
        (json!({"markdown": ""}), "markdown"),
        (json!({"markdown": "![a](b.png)"}), "markdown"),
        (
            json!({"markdown": "x", "language": "klingonese!"}),
            "language",
        ),
        (
            json!({"markdown": "x", "image": "/media/none.png", "image_alt": "y"}),
            "image",
        ),
        (
            json!({"markdown": "x", "in_reply_to": "nothing"}),
            "in_reply_to",
        ),
        (
            json!({"markdown": "x", "in_reply_to": node.url("/2020/01/none")}),
            "in_reply_to",
        ),
    ] {
        let refused = client.post("/api/v1/notes", body).await;
        assert_problem(&refused, 422, "invalid");
        assert_eq!(refused.json()["field"], json!(field), "{}", refused.text);
    }
}

#[apply(both_databases)]
async fn blocks_and_filters_are_set_and_removed(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "moderation:write").await;
    let block = json!({"target": "bad.example", "reason": "spam"});
    let set = client.put("/api/v1/blocks", block).await;
    assert_eq!(set.json()["severity"], "block", "{}", set.text);
    let limit = json!({"target": "bad.example", "severity": "hold", "no_media": true});
    client.put("/api/v1/blocks", limit).await;
    let list = client.get("/api/v1/blocks").await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(
        (&list[0]["severity"], &list[0]["reason"]),
        (&json!("hold"), &json!("spam"))
    );
    for target in ["", "localhost", "@who@bad.example", "a b"] {
        let refused = client
            .put("/api/v1/blocks", json!({"target": target}))
            .await;
        assert_problem(&refused, 422, "invalid");
    }
    let removed = client.delete("/api/v1/blocks?target=bad.example").await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    let again = client.delete("/api/v1/blocks?target=bad.example").await;
    assert_problem(&again, 404, "not_found");

    let filter = json!({"kind": "pattern", "text": "casin(o|i)", "spam": true});
    let set = client.put("/api/v1/filters", filter).await;
    assert_eq!(set.json()["action"], "spam", "{}", set.text);
    let bad = json!({"kind": "pattern", "text": "("});
    assert_problem(&client.put("/api/v1/filters", bad).await, 422, "invalid");
    let filters = client.get("/api/v1/filters").await.json();
    assert_eq!(filters[0]["text"], "casin(o|i)");
    let path = "/api/v1/filters?kind=pattern&text=casin(o%7Ci)";
    assert_eq!(client.delete(path).await.status, 204);
    assert_problem(&client.delete(path).await, 404, "not_found");
    assert_eq!(
        client.get("/api/v1/notices").await.json()["items"],
        json!([])
    );
}

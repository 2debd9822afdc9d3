//! Documents come from memory, and still say what is so now, to each asker in the form that they read.

use crate::support::{
    Database, Peer, Response, TestNode, both_databases, eventually, signed_post::send_raw,
};
use rstest_reuse::apply;
use serde_json::json;
use url::{Position, Url};

const JSON: &str = "application/activity+json";

/// Gets a document that is already in memory.
async fn again(node: &TestNode, target: &str, headers: &[(&str, &str)]) -> Response {
    node.get_with(target, headers).await;
    node.get_with(target, headers).await
}

#[apply(both_databases)]
async fn what_was_answered_before_hides_no_change(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("readers").await;
    for likes in 1..=3 {
        assert_eq!(
            node.document(&article.id).await.json()["likes"]["totalItems"],
            likes - 1
        );
        let reader = peer.actor(&format!("reader{likes}")).await;
        reader
            .deliver(&node.inbox(), &reader.activity("Like", json!(article.id)))
            .await;
        assert_eq!(
            node.document(&article.id).await.json()["likes"]["totalItems"],
            likes
        );
        assert_eq!(node.total(&format!("{}/likes", article.id)).await, likes);
    }
    // Changes by other processes appear soon.
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    let actor = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&actor).await.status == 200).then_some(())
    })
    .await;
    node.sql("UPDATE authors SET name = 'Ana the Second' WHERE username = 'ana'")
        .await;
    eventually("the author's new name is told", || async {
        (node.document(&actor).await.json()["name"] == "Ana the Second").then_some(())
    })
    .await;
    node.admin(&["post", "unpublish", &article.slug, "--yes"])
        .await;
    eventually("the article is gone", || async {
        (node.document(&article.id).await.status == 410).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn each_asker_gets_the_form_that_they_read(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let host = node.origin.strip_prefix("http://").unwrap();
    let webfinger = node.url(&format!("/.well-known/webfinger?resource=acct:blog@{host}"));
    for target in [
        webfinger,
        node.blog(),
        article.id.clone(),
        format!("{}/outbox?page=first", node.blog()),
    ] {
        let first = node.get_with(&target, &[("accept", JSON)]).await;
        let warm = again(&node, &target, &[("accept", JSON)]).await;
        assert_eq!((warm.status, &warm.text), (200, &first.text), "{target}");
        for header in [
            "content-type",
            "etag",
            "cache-control",
            "access-control-allow-origin",
            "x-content-type-options",
        ] {
            assert_eq!(
                warm.header(header),
                first.header(header),
                "{target}: {header}"
            );
        }
        assert!(
            warm.header("vary").to_ascii_lowercase().contains("accept"),
            "{target}"
        );
        let tag = warm.header("etag").to_owned();
        let known = again(
            &node,
            &target,
            &[
                ("accept", JSON),
                ("if-none-match", &format!("\"x\", W/{tag}")),
            ],
        )
        .await;
        assert_eq!(
            (known.status, known.text.as_str(), known.header("etag")),
            (304, "", tag.as_str()),
            "{target}"
        );
        let other = again(
            &node,
            &target,
            &[("accept", JSON), ("if-none-match", "\"x\"")],
        )
        .await;
        assert_eq!(other.status, 200, "{target}");
        for (encoding, packed) in [("gzip", true), ("identity", false), ("gzip", true)] {
            let url = Url::parse(&target).unwrap();
            let path = &url[Position::BeforePath..];
            let request = format!(
                "GET {path} HTTP/1.1\r\nhost: x\r\naccept: {JSON}\r\naccept-encoding: {encoding}\r\nconnection: close\r\n\r\n"
            );
            let reply = send_raw(&url, request.as_bytes()).await;
            let is_packed = reply.head.contains("content-encoding: gzip\r\n");
            assert_eq!(
                is_packed,
                packed && first.text.len() > 1024,
                "{target}: {encoding}: {}",
                reply.head
            );
        }
    }
    // The same addresses are pages for people.
    for (target, page) in [(node.blog(), node.url("/")), (article.id, article.url)] {
        let response = node.page(&target).await;
        assert_eq!(
            (response.status, response.header("location")),
            (303, page.as_str())
        );
    }
}

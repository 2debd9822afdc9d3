//! HTML that another program put into the database: sanitized once more wherever it is shown.

use crate::support::{Database, Guest, Peer, TestNode, both_databases};
use pamphlet::{node::tokens::Purpose, store};
use rstest_reuse::apply;

const HOSTILE: &str = "<p onclick=\"alert(1)\">Why <em>slowly</em>?</p><script>alert(2)</script>\
    <iframe src=\"https://evil.example/\"></iframe><img src=\"https://evil.example/x.png\" onerror=\"alert(3)\">\
    <a href=\"javascript:alert(4)\">x</a></div></article><form action=\"https://evil.example/\"><input name=\"p\">";

#[apply(both_databases)]
async fn html_that_was_stored_is_sanitized_again_when_it_is_shown(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nguests = \"open\"\n").await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    assert_eq!(
        guest
            .write(&article, &[("name", "Reader"), ("text", "One.")])
            .await
            .status,
        303
    );
    let reader = Peer::start("peer").await.actor("reader").await;
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Create", reader.note(&article.id, "<p>Two.</p>")),
        )
        .await;
    node.sql(&format!(
        "UPDATE comments SET content = '{HOSTILE}', content_warning = '<script>alert(5)</script>'"
    ))
    .await;

    let token = node
        .node
        .tokens
        .sign(Purpose::Moderate, "1", store::now() + 60_000);
    let note = node
        .texts("SELECT uri FROM comments WHERE guest_id IS NOT NULL")
        .await
        .remove(0);
    let reply = format!("{}/reply/1", article.url);
    let moderate = format!("/moderate/{token}");
    // It runs twice, since results are cached.
    for _ in 0..2 {
        for target in [&article.url, &reply, &moderate, &note] {
            let page = node.page(target).await;
            let text = &page.text;
            for bad in [
                "<script>alert",
                "onclick",
                "onerror",
                "evil.example/\"></iframe",
                "<iframe src=\"https://evil",
                "javascript:",
                "action=\"https://evil",
            ] {
                assert!(!text.contains(bad), "{bad} in {target}: {text}");
            }
        }
        for target in [&article.url, &reply, &moderate] {
            let text = node.page(target).await.text;
            assert!(text.contains("Why <em>slowly</em>?"), "{target}: {text}");
        }
    }
    let document = node.document(&note).await;
    assert_eq!(document.status, 200);
    assert!(
        document.text.contains("slowly") && !document.text.contains("alert("),
        "{}",
        document.text
    );
}

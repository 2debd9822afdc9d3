//! Servers that speak HTTP/2: the node fetches from them, delivers to them, and sends their host only once.

use crate::support::{Database, Peer, TestNode, both_databases, tls::Authority};
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn follows_articles_edits_and_deletions_go_to_a_server_behind_http2(
    #[case] database: Database,
) {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let trust = authority.trusted_by(&folder.path().join("roots.pem"));
    let node = TestNode::start_with(database, &trust).await;
    let peer = Peer::start_over_http2("peer", &authority).await;
    let reader = peer.actor("reader").await;

    reader.follow(&node.inbox(), &node.blog()).await;
    assert!(peer.gets().contains(&"/users/reader".to_owned()));
    let article = node.publish_any().await;
    let create = peer.wait_for("Create").await;
    assert_eq!(create.activity["object"]["id"], article.id);
    assert!(create.verified.is_ok(), "{:?}", create.verified);
    // This activity names its reply by the id alone, so the node fetches the reply.
    let note = reader.note(&article.id, "<p>Read.</p>");
    let create = reader.activity("Create", json!(note["id"]));
    reader.deliver(&node.inbox(), &create).await;
    assert!(node.page(&article.url).await.text.contains("Read."));
    let edited = node.file("edited.md", "---\ntitle: On reading\n---\nBetter.\n");
    node.admin(&["post", "edit", &article.slug, &edited]).await;
    assert!(peer.wait_for("Update").await.verified.is_ok());
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    assert!(peer.wait_for("Delete").await.verified.is_ok());
}

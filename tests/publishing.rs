//! What the admin publishes reaches followers and readers.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn a_follower_gets_the_article_signed(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node
        .publish("---\ntitle: Hello\ntags: [Books]\n---\nSome **strong** words.\n")
        .await;
    let create = peer.wait_for("Create").await;
    assert_eq!(
        create.verified.as_deref(),
        Ok(format!("{}#main-key", node.blog()).as_str())
    );
    let object = &create.activity["object"];
    assert_eq!(object["id"], article.id);
    assert_eq!(object["type"], "Article");
    assert_eq!(object["name"], "Hello");
    assert_eq!(object["url"], article.url);
    assert!(
        object["content"]
            .as_str()
            .unwrap()
            .contains("<strong>strong</strong>")
    );
    assert_eq!(object["tag"][0]["name"], "#Books");
    assert_eq!(create.activity["published"], object["published"]);
    assert_eq!(peer.received_of("Create").len(), 1);
}

#[apply(both_databases)]
async fn an_edit_and_a_deletion_follow_the_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish("---\ntitle: Hello\n---\nFirst.\n").await;
    peer.wait_for("Create").await;
    let file = node.file("edited.md", "---\ntitle: Hello\n---\nSecond.\n");
    node.admin(&["post", "edit", &article.slug, &file]).await;
    let update = peer.wait_for("Update").await;
    assert!(
        update.activity["object"]["content"]
            .as_str()
            .unwrap()
            .contains("Second.")
    );
    assert!(update.activity["object"]["updated"].is_string());
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    let delete = peer.wait_for("Delete").await;
    assert_eq!(delete.activity["object"]["id"], article.id);
    assert_eq!(delete.activity["object"]["type"], "Tombstone");
    assert_eq!(node.document(&article.id).await.status, 410);
    assert_eq!(node.document(&article.id).await.json()["type"], "Tombstone");
    assert_eq!(node.page(&article.url).await.status, 410);
}

#[apply(both_databases)]
async fn a_reply_stands_on_the_page(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("replier").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    let note = reader.note(&article.id, "<p>Well said.</p>");
    reader
        .deliver(&node.inbox(), &reader.activity("Create", note))
        .await;
    let page = eventually("the page has the comment", || async {
        let page = node.page(&article.url).await.text;
        page.contains("Well said.").then_some(page)
    })
    .await;
    assert!(page.contains("id=\"comment-1\""));
    assert!(page.contains(&format!("@reader@{}", peer.authority)));
}

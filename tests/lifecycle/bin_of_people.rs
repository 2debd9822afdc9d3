//! What people wrote leaves the bin when they ask for it.

use super::settled;
use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::json;

/// Returns the number of rows about comments and reactions in the bin that contain a word.
async fn in_bin(node: &TestNode, word: &str) -> i64 {
    let rows = format!("SELECT COUNT(*) FROM bin_rows WHERE content LIKE '%{word}%'");
    node.number(&rows).await.unwrap()
}

#[apply(both_databases)]
async fn deleted_and_erased_people_are_erased_in_the_bin_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let article = node.publish_any().await;
    let (ana, ben, cat) = (
        peer.actor("ana").await,
        peer.actor("ben").await,
        peer.actor("cat").await,
    );
    let by_ana = ana
        .comment(&node.inbox(), &article.id, "<p>Anaword</p>")
        .await;
    let uri = by_ana["id"].as_str().unwrap();
    ben.comment(&node.inbox(), uri, "<p>Benword</p>").await;
    cat.comment(&node.inbox(), &article.id, "<p>Catword</p>")
        .await;
    let like = cat.activity("Like", article.id.clone().into());
    cat.deliver(&node.inbox(), &like).await;
    node.sql(&format!(
        "INSERT INTO guests (id, name, mail, created_at) VALUES (7, 'Gus', 'gus@example.org', 0);
         INSERT INTO comments (id, article_id, number, uri, author_name, author_handle, content, state, published_at,
            received_at, guest_id, address_hash)
         SELECT 101, id, 101, 'urn:101', 'Gus', '', '<p>Gusword</p>', 'visible', 0, {}, 7, 'hashhash' FROM articles;",
        pamphlet::store::now()
    ))
    .await;
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    settled(&node).await;
    for word in ["Anaword", "Benword", "Catword", "Gusword"] {
        assert_eq!(in_bin(&node, word).await, 1, "{word}");
    }
    assert_eq!(
        in_bin(&node, "hashhash").await,
        0,
        "no address outlives its days there"
    );

    // An author deletes the comment at its origin.
    let delete = ana.activity("Delete", json!({"id": uri, "type": "Tombstone"}));
    ana.deliver(&node.inbox(), &delete).await;
    eventually("the comment leaves the bin", || async {
        (in_bin(&node, "Anaword").await == 0).then_some(())
    })
    .await;
    // A like is taken back.
    let undo = cat.activity("Undo", like);
    cat.deliver(&node.inbox(), &undo).await;
    eventually("the like leaves the bin", || async {
        let likes = "SELECT COUNT(*) FROM bin_rows WHERE origin = 'reactions'";
        (node.number(likes).await == Some(0)).then_some(())
    })
    .await;
    // The admin erases people. Their export names what is in the bin.
    let exported = node.admin(&["export", "person", &cat.id]).await;
    assert!(exported.contains("Catword"), "{exported}");
    node.admin(&["actor", "erase", &cat.id, "--yes"]).await;
    assert_eq!(in_bin(&node, "Catword").await, 0);
    let printed = node
        .admin(&["actor", "erase", "mailto:gus@example.org", "--yes"])
        .await;
    assert!(printed.contains("1 comment"), "{printed}");
    assert_eq!(in_bin(&node, "Gusword").await, 0);

    // What is left comes back; the reply has lost what it replied to.
    node.admin(&["post", "restore", &article.slug]).await;
    let left = node
        .texts("SELECT content FROM comments WHERE parent_id IS NULL")
        .await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("Benword"));
}

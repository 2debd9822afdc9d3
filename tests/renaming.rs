//! Renaming the publication and its authors: on their comments in the threads, and for their followers.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, node::Article};
use rstest_reuse::apply;

async fn wait_for_page(node: &TestNode, article: &Article, words: &str) -> String {
    eventually(&format!("the page says {words}"), || async {
        let page = node.page(&article.url).await.text;
        page.contains(words).then_some(page)
    })
    .await
}

#[apply(both_databases)]
async fn what_they_wrote_carries_the_new_name(#[case] database: Database) {
    let node = TestNode::start_with(database, "[site]\nname = \"Old Name\"\n[comments]\nguests = \"open\"\nfederate_guests = \"by the publication\"\n").await;
    let peer = Peer::start("peer").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    reader
        .comment(&node.inbox(), &article.id, "<p>Nice.</p>")
        .await;
    let guest = crate::support::Guest::at(&node, "192.0.2.1");
    guest
        .write(&article, &[("name", "Gwen"), ("text", "Hello")])
        .await;
    node.admin(&["reply", "1", "Thank you, says the publication."])
        .await;
    node.admin(&[
        "author",
        "add",
        "ana",
        "--name",
        "Ana Before",
        "--federated",
    ])
    .await;
    // Another program publishes an author's reply.
    eventually("the author has an actor", || async {
        (node.document("/users/ana").await.status == 200).then_some(())
    })
    .await;
    let uid = article.id.rsplit('/').next().unwrap();
    node.sql(&format!(
        "INSERT INTO notes (uid, local_actor_id, markdown, language, in_reply_to, published_at)
             SELECT 'abc123', id, 'I wrote that.', 'en', '{}', 1 FROM local_actors WHERE username = 'ana';
             INSERT INTO changes (kind, uid) VALUES ('note', 'abc123')",
        node.url(&format!("/articles/{uid}"))
    )).await;
    node.node.store.wake();
    wait_for_page(&node, &article, "Ana Before").await;
    wait_for_page(&node, &article, "says the publication").await;
    node.sql("UPDATE authors SET name = 'Ana After' WHERE username = 'ana'")
        .await;
    let page = wait_for_page(&node, &article, "Ana After").await;
    assert!(!page.contains("Ana Before") && page.contains("Gwen"));
    let mut node = node;
    node.stop().await;
    let text = std::fs::read_to_string(&node.config_file).unwrap();
    std::fs::write(&node.config_file, text.replace("Old Name", "New Name")).unwrap();
    node.restart().await;
    let own = "SELECT author_name FROM comments ORDER BY number";
    eventually("the publication's comment is renamed", || async {
        let names = node.texts(own).await;
        (names.contains(&"New Name".to_owned()) && !names.contains(&"Old Name".to_owned()))
            .then_some(())
    })
    .await;
    let names = node.texts(own).await;
    assert!(
        names.contains(&"Gwen".to_owned()) && names.contains(&"The actor reader".to_owned()),
        "{names:?}"
    );
    assert!(!node.page(&article.url).await.text.contains("Old Name"));
}

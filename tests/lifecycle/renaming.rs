//! Renames: former addresses redirect for ever.

use super::{complaint, follower, settled};
use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn former_addresses_redirect_for_readers_and_servers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = follower(&node).await;
    let article = node.publish("---\ntitle: First\n---\nText.\n").await;
    crowd.wait_at("reader", 1).await;
    node.admin(&["post", "rename", "first", "second"]).await;
    let arrivals = crowd.wait_at("reader", 2).await;
    let url = arrivals[1].activity["object"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(url.ends_with("/second"), "{url}");
    node.admin(&["post", "rename", "second", "third", "--quiet"])
        .await;
    settled(&node).await;
    for former in [&article.url, &url] {
        let page = node.page(former).await;
        assert_eq!(page.status, 308, "{former}");
        assert!(page.header("location").ends_with("/third"));
        let document = node.document(former).await;
        assert_eq!(document.status, 308, "{former}");
    }
    assert_eq!(
        node.document(&article.id).await.json()["url"],
        url.replace("/second", "/third")
    );
    assert_eq!(
        crowd.arrivals_at("reader").len(),
        2,
        "the second one was quiet"
    );

    node.publish("---\ntitle: Other\nslug: other\n---\nOther.\n")
        .await;
    settled(&node).await;
    let taken = complaint(&node, 1, &["post", "rename", "other", "third"]).await;
    assert!(
        taken.contains("the article “First” has the slug third"),
        "{taken}"
    );
    let former = complaint(&node, 1, &["post", "rename", "other", "first"]).await;
    assert!(
        former.contains("was the slug of the article “First”"),
        "{former}"
    );
    // An article gets a former slug of its own back.
    node.admin(&["post", "rename", "third", "first"]).await;
    settled(&node).await;
    assert_eq!(node.page(&article.url).await.status, 200);
    node.admin(&["post", "delete", "first", "--yes"]).await;
    settled(&node).await;
    let former = complaint(&node, 1, &["post", "rename", "other", "second"]).await;
    assert!(former.contains("of a deleted article"), "{former}");
}

#[apply(both_databases)]
async fn pages_are_renamed_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for (name, title) in [("a.md", "About"), ("b.md", "Contact")] {
        let file = node.file(name, &format!("---\ntitle: {title}\n---\nText.\n"));
        node.admin(&["page", "publish", &file]).await;
    }
    node.admin(&["page", "rename", "about", "us"]).await;
    let page = node.page("/about").await;
    assert_eq!(
        (page.status, page.header("location").ends_with("/us")),
        (308, true)
    );
    let reserved = complaint(&node, 1, &["page", "rename", "us", "search"]).await;
    assert!(reserved.contains("reserved"), "{reserved}");
    let taken = complaint(&node, 1, &["page", "rename", "us", "contact"]).await;
    assert!(
        taken.contains("the page “Contact” has the slug contact"),
        "{taken}"
    );
    let former = complaint(&node, 1, &["page", "rename", "contact", "about"]).await;
    assert!(former.contains("was the slug of the page us"), "{former}");
    node.admin(&["page", "rename", "us", "about"]).await;
    assert_eq!(node.page("/about").await.status, 200);
}

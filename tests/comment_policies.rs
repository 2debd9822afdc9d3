//! Each article takes comments in its own way, and says so to other servers.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, node::Article};
use rstest_reuse::apply;
use serde_json::{Value, json};

const PUBLIC: &str = crate::support::peer::PUBLIC;

/// Waits until the article's document says this of who may reply.
async fn says(node: &TestNode, article: &Article, approval: &str, whom: &str) {
    eventually(&format!("{approval} of {whom}"), || async {
        let document = node.document(&article.id).await.json();
        let can_reply = &document["interactionPolicy"]["canReply"];
        (can_reply[approval] == json!([whom])).then_some(())
    })
    .await;
}

/// Sends a comment; how many the article has then, visible or not.
async fn comment(node: &TestNode, actor: &Actor, article: &Article) -> i64 {
    actor
        .comment(&node.inbox(), &article.id, "<p>A thought.</p>")
        .await;
    let count = format!(
        "SELECT COUNT(*) FROM comments WHERE article_id = (SELECT id FROM articles WHERE slug = '{}')",
        article.slug
    );
    node.number(&count).await.unwrap()
}

async fn policy(node: &TestNode, arguments: &[&str]) -> Value {
    node.admin_json(&[&["comments", "policy"], arguments].concat())
        .await
}

#[apply(both_databases)]
async fn an_article_takes_comments_as_its_policy_says(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (near, far) = (Peer::start("near").await, Peer::start("far").await);
    let (follower, stranger) = (near.actor("follower").await, far.actor("stranger").await);
    follower.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let slug = article.slug.as_str();
    says(&node, &article, "automaticApproval", PUBLIC).await;
    // Followers alone.
    assert_eq!(
        policy(&node, &[slug, "followers"]).await["comment_policy"],
        "followers"
    );
    let update = near.wait_for("Update").await.activity;
    let followers = format!("{}/followers", node.blog());
    assert_eq!(
        update["object"]["interactionPolicy"]["canReply"]["automaticApproval"],
        json!([followers])
    );
    assert_eq!(comment(&node, &stranger, &article).await, 0);
    assert_eq!(
        node.dropped("comment of somebody who does not follow")
            .await,
        1
    );
    assert_eq!(comment(&node, &follower, &article).await, 1);
    stranger.follow(&node.inbox(), &node.blog()).await;
    assert_eq!(comment(&node, &stranger, &article).await, 2);
    // Only what the admin lets in.
    policy(&node, &[slug, "moderated"]).await;
    says(&node, &article, "manualApproval", PUBLIC).await;
    assert_eq!(comment(&node, &follower, &article).await, 3);
    let held = &node.comments().await[0];
    assert_eq!(
        (&held["state"], &held["reason"]),
        (&json!("held"), &json!("waits for approval"))
    );
    assert_eq!(node.replies(&article).await.len(), 2);
    // None, or none after so many days.
    policy(&node, &[slug, "closed"]).await;
    says(&node, &article, "automaticApproval", &node.blog()).await;
    assert_eq!(comment(&node, &follower, &article).await, 3);
    assert_eq!(node.dropped("comment where none are taken").await, 1);
    let old = node.publish("---\ntitle: Old\nslug: old\ndate: 2020-01-01\ncomments: followers\ncomment_days: 0\n---\nText.\n").await;
    assert_eq!(comment(&node, &follower, &old).await, 1);
    let changed = policy(&node, &["old", "open", "--days", "30"]).await;
    assert_eq!(
        (&changed["comment_policy"], &changed["comment_days"]),
        (&json!("closed"), &json!(30))
    );
    assert_eq!(comment(&node, &follower, &old).await, 1);
    assert!(
        node.admin(&["post", "show", "old"])
            .await
            .contains("comments closed 30 days after publication")
    );
    let listed = node.admin_json(&["post", "list"]).await;
    let listed = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|post| post["slug"] == "old")
        .unwrap();
    assert_eq!(
        (&listed["comment_policy"], &listed["comment_days"]),
        (&json!("closed"), &json!(30))
    );
    let printed = node
        .admin(&["comments", "policy", "old", "open", "--for-ever"])
        .await;
    assert_eq!(printed.trim(), "Old: comments open");
    assert_eq!(comment(&node, &follower, &old).await, 2);
    let log = node.admin_json(&["log", "--about", "article old"]).await;
    assert_eq!(
        (&log[0]["action"], &log[0]["why"]),
        (&json!("policy"), &json!("open"))
    );
    for (arguments, code, complains_of) in [
        (&["gone", "open"][..], 1, "gone"),
        (&["old", "shut"], 2, "shut"),
        (&["old", "open", "--days", "0"], 2, "days"),
        (
            &["old", "open", "--days", "1", "--for-ever"],
            2,
            "cannot be used",
        ),
    ] {
        let output = node
            .cli(&[&["comments", "policy"], arguments].concat())
            .await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(code) && error.contains(complains_of),
            "{arguments:?}: {error}"
        );
    }
}

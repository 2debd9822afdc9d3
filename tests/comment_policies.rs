//! The comment policy of an article, and how other servers learn of it.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, node::Article};
use rstest_reuse::apply;
use serde_json::{Value, json};

const PUBLIC: &str = crate::support::peer::PUBLIC;

/// Waits until the article's document has this reply policy.
async fn says(node: &TestNode, article: &Article, approval: &str, whom: &str) {
    eventually(&format!("{approval} of {whom}"), || async {
        let document = node.document(&article.id).await.json();
        let can_reply = &document["interactionPolicy"]["canReply"];
        (can_reply[approval] == json!([whom])).then_some(())
    })
    .await;
}

/// Sends a comment. Returns how many comments the article has then, visible or not.
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

/// A published article, an actor that follows the publication, and one that does not.
struct Scene {
    node: TestNode,
    article: Article,
    near: Peer,
    follower: Actor,
    stranger: Actor,
}

impl Scene {
    async fn start(database: Database) -> Scene {
        let node = TestNode::start(database).await;
        let (near, far) = (Peer::start("near").await, Peer::start("far").await);
        let (follower, stranger) = (near.actor("follower").await, far.actor("stranger").await);
        follower.follow(&node.inbox(), &node.blog()).await;
        let article = node.publish_any().await;
        Scene {
            node,
            article,
            near,
            follower,
            stranger,
        }
    }

    async fn comment(&self, actor: &Actor) -> i64 {
        comment(&self.node, actor, &self.article).await
    }
}

#[apply(both_databases)]
async fn an_open_article_takes_comments_of_all(#[case] database: Database) {
    let it = Scene::start(database).await;
    says(&it.node, &it.article, "automaticApproval", PUBLIC).await;
    assert_eq!(it.comment(&it.stranger).await, 1);
}

#[apply(both_databases)]
async fn an_article_for_followers_takes_comments_of_followers_alone(#[case] database: Database) {
    let it = Scene::start(database).await;
    let (node, slug) = (&it.node, it.article.slug.as_str());
    let printed = policy(node, &[slug, "followers"]).await;
    assert_eq!(printed["comment_policy"], "followers");
    let update = it.near.wait_for("Update").await.activity;
    let followers = format!("{}/followers", node.blog());
    assert_eq!(
        update["object"]["interactionPolicy"]["canReply"]["automaticApproval"],
        json!([followers])
    );
    assert_eq!(it.comment(&it.stranger).await, 0);
    assert_eq!(
        node.dropped("comment of somebody who does not follow")
            .await,
        1
    );
    assert_eq!(it.comment(&it.follower).await, 1);
    it.stranger.follow(&node.inbox(), &node.blog()).await;
    assert_eq!(it.comment(&it.stranger).await, 2);
}

#[apply(both_databases)]
async fn comments_on_a_moderated_article_wait_for_the_admin(#[case] database: Database) {
    let it = Scene::start(database).await;
    policy(&it.node, &[&it.article.slug, "moderated"]).await;
    says(&it.node, &it.article, "manualApproval", PUBLIC).await;
    assert_eq!(it.comment(&it.follower).await, 1);
    let held = &it.node.comments().await[0];
    assert_eq!(
        (&held["state"], &held["reason"]),
        (&json!("held"), &json!("waits for approval"))
    );
    assert_eq!(it.node.replies(&it.article).await.len(), 0);
}

#[apply(both_databases)]
async fn a_closed_article_takes_no_comments(#[case] database: Database) {
    let it = Scene::start(database).await;
    let node = &it.node;
    policy(node, &[&it.article.slug, "closed"]).await;
    says(node, &it.article, "automaticApproval", &node.blog()).await;
    assert_eq!(it.comment(&it.follower).await, 0);
    assert_eq!(node.dropped("comment where none are taken").await, 1);
}

#[apply(both_databases)]
async fn comments_close_after_a_number_of_days(#[case] database: Database) {
    let it = Scene::start(database).await;
    let node = &it.node;
    let old = node
        .publish(
            "---\ntitle: Old\nslug: old\ndate: 2020-01-01\ncomments: followers\ncomment_days: 0\n---\nText.\n",
        )
        .await;
    assert_eq!(comment(node, &it.follower, &old).await, 1);
    let changed = policy(node, &["old", "open", "--days", "30"]).await;
    let closed = (&json!("closed"), &json!(30));
    assert_eq!(
        (&changed["comment_policy"], &changed["comment_days"]),
        closed
    );
    assert_eq!(comment(node, &it.follower, &old).await, 1);
    let shown = node.admin_json(&["post", "show", "old"]).await;
    let terms = (&shown["comment_policy"], &shown["comment_days"]);
    assert_eq!(terms, closed);
    let listed = node.admin_json(&["post", "list"]).await;
    let mut posts = listed.as_array().unwrap().iter();
    let listed = posts.find(|post| post["slug"] == "old").unwrap();
    assert_eq!((&listed["comment_policy"], &listed["comment_days"]), closed);

    let reopen = ["comments", "policy", "old", "open", "--for-ever"];
    assert_eq!(node.admin(&reopen).await.trim(), "Old: comments open");
    assert_eq!(comment(node, &it.follower, &old).await, 2);
    let log = node.admin_json(&["log", "--about", "article old"]).await;
    assert_eq!(
        (&log[0]["action"], &log[0]["why"]),
        (&json!("policy"), &json!("open"))
    );
}

#[apply(both_databases)]
async fn a_policy_that_is_none_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.publish("---\ntitle: Old\nslug: old\n---\nText.\n")
        .await;
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

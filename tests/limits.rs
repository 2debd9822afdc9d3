//! Budgets of strangers: who shares one, who has a share of its own, and where the admin sees it.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Sends a comment of a new actor of each peer. Returns the states of all comments so far, the oldest first.
async fn states_after_comments(node: &TestNode, article: &str, peers: &[&Peer]) -> Vec<Value> {
    for peer in peers {
        let name = format!("reader{}", node.comments().await.len());
        let actor = peer.actor(&name).await;
        actor
            .comment(
                &node.inbox(),
                article,
                &format!("<p>A thought by {name}.</p>"),
            )
            .await;
    }
    let mut comments = node.comments().await;
    comments.sort_by_key(|comment| comment["id"].as_i64());
    comments
        .into_iter()
        .map(|comment| comment["state"].clone())
        .collect()
}

const TWO_OF_DOMAIN: &str = "[limits]\ncomments_of_domain = 2\nhosts_of_domain = 2\n";

#[apply(both_databases)]
async fn subdomains_of_an_unknown_domain_share_one_budget(#[case] database: Database) {
    let node = TestNode::start_with(database, TWO_OF_DOMAIN).await;
    let article = node.publish_any().await;
    let one = Peer::start("one.crowd").await;
    let two = Peer::start("two.crowd").await;
    let three = Peer::start("three.crowd").await;
    let other = Peer::start("other").await;
    let states = states_after_comments(&node, &article.id, &[&one, &two, &three, &other]).await;
    assert_eq!(states, ["visible", "visible", "held", "visible"]);

    eventually("the admin sees who has reached the limit", || async {
        let hits = node.admin_json(&["limits"]).await;
        let hit = json!({"limit": "comments_of_domain", "subject": "crowd.localhost", "times": 1});
        let is_hit = |found: &Value| {
            ["limit", "subject", "times"]
                .iter()
                .all(|name| found[name] == hit[name])
        };
        hits.as_array()?.iter().any(is_hit).then_some(())
    })
    .await;
    let table = node.admin(&["limits"]).await;
    assert!(
        table.contains("comments_of_domain") && table.contains("held"),
        "{table}"
    );
    let all = node.admin_json(&["limits", "--all"]).await;
    let limits = all.as_array().unwrap();
    let value = |name: &str| {
        let limit = limits.iter().find(|limit| limit["limit"] == name).unwrap();
        (limit["value"].as_u64(), limit["default"].as_u64())
    };
    assert_eq!(value("comments_of_domain"), (Some(2), Some(600)));
    assert_eq!(value("comments_of_actor"), (Some(150), Some(150)));
}

#[apply(both_databases)]
async fn each_host_of_a_known_domain_has_a_share_of_its_own(#[case] database: Database) {
    let node = TestNode::start_with(database, TWO_OF_DOMAIN).await;
    let article = node.publish_any().await;
    let one = Peer::start("one.shared").await;
    let two = Peer::start("two.shared").await;
    let three = Peer::start("three.shared").await;
    one.actor("follower")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let states =
        states_after_comments(&node, &article.id, &[&one, &one, &one, &two, &two, &two]).await;
    assert_eq!(
        states,
        ["visible", "visible", "held", "visible", "visible", "held"]
    );
    // All hosts together have two shares.
    let states = states_after_comments(&node, &article.id, &[&three]).await;
    assert_eq!(states.last().unwrap(), "held");
}

#[apply(both_databases)]
async fn an_approved_comment_makes_its_domain_known(#[case] database: Database) {
    let node = TestNode::start_with(database, TWO_OF_DOMAIN).await;
    let article = node.publish_any().await;
    let one = Peer::start("one.guild").await;
    let two = Peer::start("two.guild").await;
    let states = states_after_comments(&node, &article.id, &[&one, &one, &one]).await;
    assert_eq!(states, ["visible", "visible", "held"]);
    let held = node
        .comments()
        .await
        .into_iter()
        .find(|comment| comment["state"] == "held")
        .unwrap();
    node.admin(&["comments", "approve", &held["id"].to_string()])
        .await;
    eventually("the other host has a share of its own", || async {
        let states = states_after_comments(&node, &article.id, &[&two]).await;
        (states.last()? == "visible").then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn the_admin_gives_a_domain_a_larger_share(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[limits]\ncomments_of_domain = 1\n[limits.domains]\n\"large.localhost\" = 3\n",
    )
    .await;
    let article = node.publish_any().await;
    let large = Peer::start("one.large").await;
    let small = Peer::start("one.small").await;
    let peers = [&large, &large, &large, &large, &small, &small];
    let states = states_after_comments(&node, &article.id, &peers).await;
    assert_eq!(
        states,
        ["visible", "visible", "visible", "held", "visible", "held"]
    );
}

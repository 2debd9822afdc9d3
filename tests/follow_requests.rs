//! Follows that wait for the admin: asked for, granted, refused, ended.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::embedded};
use rstest_reuse::apply;
use serde_json::{Value, json};

const BY_HAND: &str = "[followers]\napprove = true\n";

/// Sends a Follow; it.
async fn ask(node: &TestNode, actor: &Actor) -> Value {
    let follow = actor.activity("Follow", json!(node.blog()));
    actor.deliver(&node.inbox(), &follow).await;
    follow
}

/// Returns the actors of `followers list` or `followers requests`.
async fn listed(node: &TestNode, list: &str) -> Vec<String> {
    let rows = node.admin_json(&["followers", list]).await;
    let actors = rows.as_array().unwrap().iter();
    actors
        .map(|row| row["actor"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits for an answer to a Follow, which has it whole.
async fn wait_for_answer(actor: &Actor, kind: &str, follow: &Value) {
    eventually(&format!("a {kind} of the follow arrives"), || async {
        let answers = actor.peer.received_of(kind);
        answers
            .into_iter()
            .find(|answer| answer.activity["object"] == embedded(follow))
    })
    .await
    .verified
    .unwrap();
}

async fn has_article(actor: &Actor, id: &str) -> Option<()> {
    let creates = actor.peer.received_of("Create");
    creates
        .iter()
        .any(|create| create.activity["object"]["id"] == id)
        .then_some(())
}

#[apply(both_databases)]
async fn who_asks_follows_only_when_the_admin_says_so(#[case] database: Database) {
    let node = TestNode::start_with(database, BY_HAND).await;
    assert_eq!(
        node.document(&node.blog()).await.json()["manuallyApprovesFollowers"],
        true
    );
    let (first, second) = (Peer::start("first").await, Peer::start("second").await);
    let (friend, stranger) = (first.actor("friend").await, second.actor("stranger").await);
    let follow = ask(&node, &friend).await;
    ask(&node, &stranger).await;
    assert_eq!(
        listed(&node, "requests").await,
        [stranger.id.clone(), friend.id.clone()]
    );
    assert!(listed(&node, "list").await.is_empty());
    let followers = format!("{}/followers", node.blog());
    assert_eq!(node.total(&followers).await, 0);
    assert_eq!(
        node.document(&format!("{followers}?page=first"))
            .await
            .json()["orderedItems"],
        json!([])
    );
    node.admin(&[
        "followers",
        "accept",
        &format!("@friend@{}", first.authority),
    ])
    .await;
    wait_for_answer(&friend, "Accept", &follow).await;
    assert_eq!(listed(&node, "list").await, [friend.id.as_str()]);
    let article = node.publish_any().await;
    eventually("the friend gets the article", || {
        has_article(&friend, &article.id)
    })
    .await;
    assert!(
        second.received().is_empty(),
        "who only asks gets nothing: {:?}",
        second.received()
    );
    // A repeated request changes nothing; a follower gets another Accept.
    let again = ask(&node, &friend).await;
    wait_for_answer(&friend, "Accept", &again).await;
    ask(&node, &stranger).await;
    assert_eq!(listed(&node, "requests").await, [stranger.id.as_str()]);
    node.admin(&["followers", "accept", "--all"]).await;
    second.wait_for("Accept").await;
    assert_eq!(node.total(&followers).await, 2);
    assert!(listed(&node, "requests").await.is_empty());
}

#[apply(both_databases)]
async fn a_refusal_and_an_end_are_told(#[case] database: Database) {
    let node = TestNode::start_with(database, BY_HAND).await;
    let peer = Peer::start("peer").await;
    let (pest, former) = (peer.actor("pest").await, peer.actor("former").await);
    let follow = ask(&node, &pest).await;
    node.admin(&["followers", "reject", &pest.id]).await;
    wait_for_answer(&pest, "Reject", &follow).await;
    assert!(listed(&node, "requests").await.is_empty());
    let follow = ask(&node, &former).await;
    node.admin(&["followers", "accept", &former.id]).await;
    wait_for_answer(&former, "Accept", &follow).await;
    let handle = format!("former@{}", peer.authority);
    node.admin(&["followers", "remove", &handle, "--yes"]).await;
    let reject = eventually("the end is told", || async {
        let rejects = peer.received_of("Reject");
        rejects
            .into_iter()
            .find(|reject| reject.activity["object"]["id"] == follow["id"])
    })
    .await;
    assert_eq!(reject.activity["object"]["actor"], former.id);
    assert_eq!(reject.activity["object"]["object"], node.blog());
    assert_eq!(reject.activity["to"], json!([former.id]));
    assert!(listed(&node, "list").await.is_empty());
    // A rejected actor may ask again, and withdraw the request.
    let again = ask(&node, &pest).await;
    pest.deliver(&node.inbox(), &pest.activity("Undo", again))
        .await;
    assert!(listed(&node, "requests").await.is_empty());
    for command in ["accept", "reject", "remove"] {
        let output = node.cli(&["followers", command, &pest.id]).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{command}");
        assert!(
            error.contains("is not a follower") && error.trim().lines().count() == 1,
            "{command}: {error}"
        );
    }
}

#[apply(both_databases)]
async fn nobody_grants_a_follow_but_the_admin(#[case] database: Database) {
    let node = TestNode::start_with(database, BY_HAND).await;
    let (peer, other) = (Peer::start("peer").await, Peer::start("other").await);
    let (pest, helper) = (peer.actor("pest").await, other.actor("helper").await);
    let follow = ask(&node, &pest).await;
    for actor in [&pest, &helper] {
        for (kind, object) in [
            ("Accept", follow.clone()),
            ("Accept", follow["id"].clone()),
            ("Reject", follow.clone()),
        ] {
            actor
                .deliver(&node.inbox(), &actor.activity(kind, object))
                .await;
        }
    }
    let reply = helper
        .send(&node.inbox(), &helper.activity("Undo", follow.clone()))
        .await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    // A request does not become a follow by moving.
    helper.serve_with(json!({"alsoKnownAs": [pest.id]}));
    let mut moved = pest.activity("Move", json!(pest.id));
    moved["target"] = json!(helper.id);
    pest.deliver(&node.inbox(), &moved).await;
    assert_eq!(listed(&node, "requests").await, [pest.id.as_str()]);
    assert!(listed(&node, "list").await.is_empty());
    assert!(peer.received().is_empty() && other.received().is_empty());
}

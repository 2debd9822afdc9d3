//! An `Accept` does not wait behind articles for the same server.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::json;
use std::time::Duration;

/// More than one batch.
const ARTICLES: usize = 10;

/// Publishes articles while deliveries are held.
async fn publish_and_hold(node: &TestNode) {
    node.admin(&["deliveries", "pause"]).await;
    for number in 1..=ARTICLES {
        let text = format!("---\ntitle: Article {number}\n---\nSome words.\n");
        node.publish(&text).await;
    }
}

/// Returns the types of the activities that the server got since it had this many, in order.
fn kinds_since(peer: &Peer, first: usize) -> Vec<String> {
    let received = peer.received();
    let kinds = received.iter().skip(first).map(|it| &it.activity["type"]);
    kinds.map(|kind| kind.as_str().unwrap().into()).collect()
}

/// Sends a `Follow` without waiting for its `Accept`.
async fn ask_to_follow(node: &TestNode, actor: &Actor) {
    let follow = actor.activity("Follow", json!(node.blog()));
    actor.deliver(&node.inbox(), &follow).await;
}

#[apply(both_databases)]
async fn an_accept_overtakes_the_articles_for_its_server(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("home").await;
    let follower = peer.actor("follower").await;
    follower.follow(&node.inbox(), &node.blog()).await;
    let before = peer.received().len();
    publish_and_hold(&node).await;
    ask_to_follow(&node, &peer.actor("another").await).await;
    node.admin(&["deliveries", "resume"]).await;
    let kinds = eventually("everything arrives", || async {
        let kinds = kinds_since(&peer, before);
        (kinds.len() == ARTICLES + 1).then_some(kinds)
    })
    .await;
    assert_eq!(kinds[0], "Accept", "{kinds:?}");
    let titles = peer.received_of("Create").into_iter().map(|it| {
        let title = it.activity["object"]["name"].as_str().unwrap();
        title.to_owned()
    });
    let in_order: Vec<String> = (1..=ARTICLES).map(|it| format!("Article {it}")).collect();
    assert_eq!(titles.collect::<Vec<_>>(), in_order);
}

#[apply(both_databases)]
async fn a_batch_on_its_way_ends_early_for_an_accept(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("slow").await;
    let follower = peer.actor("follower").await;
    follower.follow(&node.inbox(), &node.blog()).await;
    let before = peer.received().len();
    publish_and_hold(&node).await;
    // All articles would take half a minute.
    let slow = Canned {
        delay: Duration::from_secs(3),
        ..Canned::status(202)
    };
    peer.respond_next(vec![slow; ARTICLES]);
    node.admin(&["deliveries", "resume"]).await;
    eventually("the first article arrives", || async {
        (!kinds_since(&peer, before).is_empty()).then_some(())
    })
    .await;
    ask_to_follow(&node, &peer.actor("another").await).await;
    let kinds = eventually("the Accept arrives", || async {
        let kinds = kinds_since(&peer, before);
        kinds.contains(&"Accept".to_owned()).then_some(kinds)
    })
    .await;
    assert!(kinds.len() < ARTICLES / 2, "{kinds:?}");
    peer.respond_next(Vec::new());
    eventually("the articles arrive", || async {
        (kinds_since(&peer, before).len() == ARTICLES + 1).then_some(())
    })
    .await;
}

//! Held deliveries: the node goes on receiving and publishing, and sends nothing until it may.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn held_deliveries_wait_and_nothing_is_lost(#[case] database: Database) {
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    let mut node = TestNode::start(database).await;
    reader.follow(&node.inbox(), &node.blog()).await;
    peer.wait_for("Accept").await;
    node.admin(&["deliveries", "pause"]).await;
    let article = node.publish_any().await;
    // The inbox goes on working; what it sends in response waits too.
    let second = peer.actor("second").await;
    second
        .deliver(
            &node.inbox(),
            &second.activity("Follow", json!(node.blog())),
        )
        .await;
    reader
        .deliver(&node.inbox(), &reader.activity("Like", json!(article.id)))
        .await;
    eventually("the article and the Accept wait", || async {
        (node.number("SELECT COUNT(*) FROM deliveries").await == Some(2)).then_some(())
    })
    .await;
    // A node that starts meanwhile sends nothing either.
    node.restart().await;
    let status = node.admin_json(&["status"]).await;
    let codes: Vec<_> = status["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].clone())
        .collect();
    assert!(codes.contains(&json!("deliveries-held")), "{codes:?}");
    let text = node.admin(&["deliveries", "status"]).await;
    assert!(text.contains("All deliveries are held since"), "{text}");
    let doctor = node.cli(&["doctor", "--offline", "--json"]).await;
    let doctor = String::from_utf8(doctor.stdout).unwrap();
    assert!(doctor.contains("\"deliveries-held\""), "{doctor}");
    assert_eq!(peer.received().len(), 1, "only the first Accept was sent");

    let resumed = node.admin_json(&["deliveries", "resume"]).await;
    assert_eq!(
        (&resumed["was_held"], &resumed["dropped"]),
        (&json!(true), &json!(0))
    );
    peer.wait_for("Create").await;
    eventually("both were sent", || async {
        (peer.received().len() == 3).then_some(())
    })
    .await;
    assert_eq!(peer.received_of("Create").len(), 1);
    assert_eq!(peer.received_of("Accept").len(), 2);
}

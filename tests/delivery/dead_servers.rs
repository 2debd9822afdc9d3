//! Servers that have not taken anything for a week, and how they come back.

use super::{TEXT, after_failures, refused, seconds_until, time_passes, trouble_of};
use crate::support::{Crowd, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::json;

const EIGHT_DAYS: i64 = 8 * 24 * 3600 * 1000;

/// Waits until nothing is under way.
async fn at_rest(node: &TestNode) {
    eventually("nothing is under way", || async {
        let busy = "SELECT COUNT(*) FROM destinations WHERE leased_until > 0 OR next_attempt_at IS NOT NULL";
        (node.number(busy).await == Some(0)).then_some(())
    })
    .await;
}

/// Makes a follower's server fail as one that has failed for eight days, and checks that it is shown as dead.
async fn bury(node: &TestNode, crowd: &Crowd, name: &str) {
    crowd.follow(&node.database_url, &[name]).await;
    crowd.respond_next(name, vec![Canned::status(500), Canned::status(500)]);
    node.publish(TEXT).await;
    let shown = after_failures(node, &crowd.host(name), 1).await;
    assert_eq!(shown["state"], "alive");
    node.sql(&format!(
        "UPDATE destinations SET failing_since = failing_since - {EIGHT_DAYS}"
    ))
    .await;
    time_passes(node).await;
    let shown = after_failures(node, &crowd.host(name), 2).await;
    assert_eq!(shown["state"], "dead");
    let wait = seconds_until(&shown["next_attempt"]);
    assert!(
        (86_380.0..=86_400.0).contains(&wait),
        "one try a day, not in {wait} s"
    );
}

#[apply(both_databases)]
async fn a_week_without_success_is_death_and_a_probe_that_works_is_life(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    bury(&node, &crowd, "tomb").await;
    let host = crowd.host("tomb");
    let status = node.admin_json(&["deliveries", "status"]).await;
    assert_eq!(status["dead"], 1);
    let notice = &node.notices().await[0];
    assert!(
        notice["kind"] == "server dead"
            && notice["text"].as_str().unwrap().contains("tomb.localhost"),
        "{notice}"
    );
    // Other servers get new articles, which do not wait for the dead one.
    crowd.follow(&node.database_url, &["well"]).await;
    node.publish(&TEXT.replace("News", "While it was dead"))
        .await;
    crowd.wait_at("well", 1).await;
    assert_eq!(
        trouble_of(&node, &host).await.unwrap()["waiting"],
        1,
        "the probe"
    );
    // A probe that fails changes nothing.
    crowd.respond_next("tomb", vec![Canned::status(502)]);
    time_passes(&node).await;
    let shown = after_failures(&node, &host, 3).await;
    assert_eq!(shown["state"], "dead");
    assert!(seconds_until(&shown["next_attempt"]) > 86_000.0);
    // Neither does one that asks for a pause.
    let told = Canned {
        headers: vec![("retry-after".into(), "5".into())],
        ..Canned::status(503)
    };
    crowd.respond_next("tomb", vec![told]);
    time_passes(&node).await;
    assert_eq!(after_failures(&node, &host, 4).await["state"], "dead");
    time_passes(&node).await;
    eventually("it lives", || async {
        trouble_of(&node, &host).await.is_none().then_some(())
    })
    .await;
    assert_eq!(crowd.arrivals_at("tomb").len(), 5);
    node.publish(&TEXT.replace("News", "Afterwards")).await;
    let arrivals = crowd.wait_at("tomb", 6).await;
    assert_eq!(arrivals[5].activity["object"]["name"], "Afterwards");
    assert_eq!(node.notices().await.len(), 1, "a death is told once");
    assert!(refused(&node).await.is_empty());
}

#[apply(both_databases)]
async fn a_server_that_only_tells_us_to_wait_dies_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["later"]).await;
    let told = Canned {
        headers: vec![("retry-after".into(), "60".into())],
        ..Canned::status(503)
    };
    crowd.respond_next("later", vec![told; 2]);
    node.publish(TEXT).await;
    after_failures(&node, &crowd.host("later"), 1).await;
    node.sql(&format!(
        "UPDATE destinations SET failing_since = failing_since - {EIGHT_DAYS}"
    ))
    .await;
    time_passes(&node).await;
    assert_eq!(
        after_failures(&node, &crowd.host("later"), 2).await["state"],
        "dead"
    );
}

#[apply(both_databases)]
async fn a_verified_request_revives_a_dead_server(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("asleep").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    peer.wait_for("Create").await;
    let requests = [
        ("a like", reader.activity("Like", json!(article.id))),
        (
            "a type that nobody knows",
            reader.activity("Wave", json!(article.id)),
        ),
        (
            "a post that is nothing to us",
            reader.activity("Create", reader.note("https://example.org/x", "Hm.")),
        ),
    ];
    for (number, (what, activity)) in requests.iter().enumerate() {
        at_rest(&node).await;
        node.sql(&format!(
            "UPDATE destinations SET state = 'dead', failures = 30, failing_since = failing_since - {EIGHT_DAYS}"
        ))
        .await;
        let mut forged = reader.signed(&node.inbox(), activity);
        forged.body.push(b' ');
        assert_eq!(forged.send().await.status / 100, 4);
        let dead = "SELECT COUNT(*) FROM destinations WHERE state = 'dead'";
        assert_eq!(node.number(dead).await, Some(1), "{what}, forged");
        reader.deliver(&node.inbox(), activity).await;
        assert_eq!(node.number(dead).await, Some(0), "{what}");
        node.publish(&TEXT.replace("News", what)).await;
        eventually(&format!("the article after {what} arrives"), || async {
            (peer.received_of("Create").len() == number + 2).then_some(())
        })
        .await;
    }
}

#[apply(both_databases)]
async fn what_waits_as_a_probe_goes_out_at_once_when_its_server_calls(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("asleep").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    peer.respond_next(vec![Canned::status(500), Canned::status(500)]);
    let article = node.publish_any().await;
    after_failures(&node, &peer.authority, 1).await;
    node.sql(&format!(
        "UPDATE destinations SET failing_since = failing_since - {EIGHT_DAYS}"
    ))
    .await;
    time_passes(&node).await;
    assert_eq!(
        after_failures(&node, &peer.authority, 2).await["state"],
        "dead"
    );
    reader
        .deliver(&node.inbox(), &reader.activity("Like", json!(article.id)))
        .await;
    peer.wait_for("Create").await;
}

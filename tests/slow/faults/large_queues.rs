//! Very many deliveries that wait, and very many followers that come and go.

use super::TEXT;
use crate::support::{
    Actor, Crowd, Database, Peer, TestNode, both_databases, eventually, eventually_within,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Returns a table expression of the numbers from 1 to `count`, for either database.
fn numbers(count: usize) -> String {
    format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
}

/// Runs a command that must not take long; what it printed.
async fn quickly(node: &TestNode, arguments: &[&str]) -> Value {
    let begun = Instant::now();
    let shown = node.admin_json(arguments).await;
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(30),
        "{arguments:?} took {took:?}"
    );
    shown
}

/// Creates 10,000 followers on 100 servers.
async fn ten_thousand_follow(node: &TestNode) {
    let numbers = numbers(10_000);
    node.sql(&format!(
        "INSERT INTO destinations (inbox, host)
            {} SELECT 'http://h' || i || '.invalid/inbox', 'h' || i || '.invalid' FROM n;
         INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, inbox, shared_inbox, fetched_at)
            {numbers} SELECT 'http://h' || (i % 100 + 1) || '.invalid/users/' || i, 'h' || (i % 100 + 1) || '.invalid',
                'Person', 'u' || i, 'h' || (i % 100 + 1) || '.invalid', 'Reader',
                'http://h' || (i % 100 + 1) || '.invalid/users/' || i || '/inbox',
                'http://h' || (i % 100 + 1) || '.invalid/inbox', 1 FROM n;",
        self::numbers(100)
    ))
    .await;
    they_follow(node).await;
}

async fn they_follow(node: &TestNode) {
    node.sql(
        "INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, created_at)
            SELECT l.id, a.id, d.id, a.uri || '/follow', 1 FROM remote_actors a
                JOIN destinations d ON d.inbox = a.shared_inbox JOIN local_actors l ON l.kind = 'site'
            WHERE a.host LIKE '%.invalid'",
    )
    .await;
}

/// Sends one activity of each actor, a few at a time.
async fn deliver_all(node: &TestNode, actors: &[Actor], activities: Vec<Value>) {
    let pairs: Vec<_> = actors.iter().zip(&activities).collect();
    for few in pairs.chunks(4) {
        let sent = few.iter().map(|(actor, activity)| async {
            actor.deliver(&node.inbox(), activity).await;
        });
        futures::future::join_all(sent).await;
    }
}

#[apply(both_databases)]
async fn lists_stay_fast_while_100_000_deliveries_wait(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.publish_any().await;
    ten_thousand_follow(&node).await;
    // 1,000 activities wait for each of 100 servers, and every tenth server has refused some.
    let numbers = numbers(1000);
    node.sql(&format!(
        "UPDATE destinations SET next_attempt_at = 4000000000000, failures = 3, failing_since = id;
             INSERT INTO activities (uid, local_actor_id, kind, object_uri, body, public, created_at)
                {numbers} SELECT 'made' || i, l.id, 'Create', 'http://example.org/' || i, '{{}}', TRUE, i
                    FROM n, local_actors l WHERE l.kind = 'site';
             INSERT INTO deliveries (destination_id, activity_id, state, created_at)
                SELECT d.id, a.id, 'waiting', a.created_at FROM activities a, destinations d WHERE a.uid LIKE 'made%';
             INSERT INTO deliveries (destination_id, activity_id, state, status, error, created_at)
                SELECT d.id, a.id, 'refused', 422, 'it answered 422', 1 FROM activities a, destinations d
                WHERE a.uid NOT LIKE 'made%' AND d.id % 10 = 0;"
    ))
    .await;
    let status = quickly(&node, &["deliveries", "status"]).await;
    assert_eq!(status["waiting"], 100_000);
    assert_eq!(status["hosts"].as_array().unwrap().len(), 20);
    assert!(
        status["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|host| host["waiting"] == 1000)
    );
    assert_eq!(
        quickly(&node, &["deliveries", "status", "--limit", "1000"]).await["hosts"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
    let refused = quickly(&node, &["deliveries", "refused", "--limit", "7"]).await;
    let last = refused[6]["id"].to_string();
    let rest = quickly(
        &node,
        &["deliveries", "refused", "--limit", "7", "--before", &last],
    )
    .await;
    assert_eq!(
        refused.as_array().unwrap().len() + rest.as_array().unwrap().len(),
        10
    );
    let list = quickly(&node, &["deliveries", "list", "--limit", "100"]).await;
    let last = list[99]["id"].to_string();
    quickly(
        &node,
        &["deliveries", "list", "--limit", "100", "--before", &last],
    )
    .await;
    quickly(
        &node,
        &[
            "deliveries",
            "list",
            "--host",
            "h7.invalid",
            "--state",
            "waiting",
        ],
    )
    .await;
    // And an article still goes out at once.
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["well"]).await;
    let begun = Instant::now();
    node.publish(&TEXT.replace("News", "More")).await;
    crowd.wait_at("well", 1).await;
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "it took {:?}",
        begun.elapsed()
    );
}

#[apply(both_databases)]
async fn ten_thousand_followers_leave_and_come_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    ten_thousand_follow(&node).await;
    let peer = Peer::start("busy").await;
    let mut actors = Vec::new();
    for number in 0..40 {
        actors.push(peer.actor(&format!("reader{number}")).await);
    }
    let leave = "DELETE FROM followers WHERE actor_id IN (SELECT id FROM remote_actors WHERE host LIKE '%.invalid')";
    for _ in 0..2 {
        let follows = actors
            .iter()
            .map(|actor| actor.activity("Follow", json!(node.blog())))
            .collect();
        deliver_all(&node, &actors, follows).await;
        assert_eq!(node.total("/users/blog/followers").await, 10_040);
        assert_eq!(
            quickly(&node, &["followers", "list", "--limit", "1000"])
                .await
                .as_array()
                .unwrap()
                .len(),
            1000
        );
        node.sql(leave).await;
        let undos = actors.iter().map(|actor| {
            let follow = json!({"type": "Follow", "actor": actor.id, "object": node.blog()});
            actor.activity("Undo", follow)
        });
        deliver_all(&node, &actors, undos.collect()).await;
        assert_eq!(node.total("/users/blog/followers").await, 0);
        they_follow(&node).await;
    }
    let follows = actors
        .iter()
        .map(|actor| actor.activity("Follow", json!(node.blog())))
        .collect();
    deliver_all(&node, &actors, follows).await;
    // A follower that left and returned gets each article once.
    node.sql(leave).await;
    eventually_within(
        Duration::from_secs(150),
        "every follow is accepted",
        || async { (peer.received_of("Accept").len() >= 120).then_some(()) },
    )
    .await;
    node.publish(TEXT).await;
    peer.wait_for("Create").await;
    eventually("nothing waits", || async {
        (node
            .number("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'")
            .await
            == Some(0))
        .then_some(())
    })
    .await;
    assert_eq!(peer.received_of("Create").len(), 1);
    assert_eq!(
        peer.received_of("Accept").len(),
        120,
        "each follow is accepted once"
    );
}

//! The articles at the top of a profile on other servers: the pinned ones, else the newest. Also the notified
//! servers.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn featured(node: &TestNode, actor: &str) -> Value {
    let url = format!("{actor}/featured");
    node.document(&url).await.json()["orderedItems"].clone()
}

/// Returns the number of `Update`s of the publication's actor that arrived.
fn updates(node: &TestNode, peer: &Peer) -> usize {
    let is_of_actor = |delivered: &&crate::support::peer::ReceivedActivity| {
        delivered.activity["object"]["id"] == node.blog()
    };
    peer.received_of("Update")
        .iter()
        .filter(is_of_actor)
        .count()
}

async fn wait_for_updates(node: &TestNode, peer: &Peer, count: usize) {
    eventually(&format!("{count} updates of the actor"), || async {
        (updates(node, peer) >= count).then_some(())
    })
    .await;
}

/// Waits until everything published has arrived, and nothing waits.
async fn settle(node: &TestNode) {
    let waiting = "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'waiting') + (SELECT COUNT(*) FROM changes)";
    eventually("nothing waits", || async {
        (node.number(waiting).await == Some(0)).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn the_newest_stand_first_until_an_article_is_pinned(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    let ana = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&ana).await.status == 200).then_some(())
    })
    .await;
    let mut ids = Vec::new();
    for day in 1..=4 {
        let text =
            format!("---\ntitle: Day {day}\nslug: day-{day}\ndate: 2026-01-0{day}\n---\nText.\n");
        ids.push(node.publish(&text).await.id);
    }
    node.publish("---\ntitle: At home\nfederate: no\n---\nText.\n")
        .await;
    let hers = node
        .publish("---\ntitle: Hers\nauthor: ana\n---\nText.\n")
        .await
        .id;
    settle(&node).await;
    assert_eq!(
        featured(&node, &node.blog()).await,
        json!([ids[3], ids[2], ids[1]]),
        "its own, and what is sent"
    );
    assert_eq!(featured(&node, &ana).await, json!([hers]));
    assert_eq!(
        featured(&node, &node.url("/users/comments")).await,
        Value::Null,
        "nobody is there"
    );
    for kind in ["Add", "Remove", "Update"] {
        assert!(home.received_of(kind).is_empty(), "{kind}");
    }
    // The collection changes from the newest articles to pins, between pins, and back.
    node.admin(&["post", "pin", "day-1"]).await;
    wait_for_updates(&node, &home, 1).await;
    assert_eq!(featured(&node, &node.blog()).await, json!([ids[0]]));
    node.admin(&["post", "pin", "day-2"]).await;
    node.admin(&["post", "unpin", "day-1"]).await;
    settle(&node).await;
    assert_eq!(
        (
            home.received_of("Add").len(),
            home.received_of("Remove").len(),
            updates(&node, &home)
        ),
        (2, 1, 1)
    );
    // A withdrawn pinned article no longer counts as a pin.
    node.admin(&["post", "unpublish", "day-2", "--yes"]).await;
    wait_for_updates(&node, &home, 2).await;
    assert_eq!(
        featured(&node, &node.blog()).await,
        json!([ids[3], ids[2], ids[0]])
    );
    node.publish("---\ntitle: Day 5\n---\nText.\n").await;
    settle(&node).await;
    assert_eq!(updates(&node, &home), 2);
    // The configuration can select pins alone.
    let mut node = node;
    node.stop().await;
    node.configure("[site]\nfeatured = \"pins\"\n");
    node.restart().await;
    wait_for_updates(&node, &home, 3).await;
    assert_eq!(featured(&node, &node.blog()).await, json!([]));
    node.restart().await;
    settle(&node).await;
    assert_eq!(updates(&node, &home), 3, "not at every start");
}

#[apply(both_databases)]
async fn after_an_upgrade_nobody_is_told_of_the_profile(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.publish_any().await;
    let mut node = node;
    node.stop().await;
    // The previous version left the hash of the whole document.
    node.sql("UPDATE local_actors SET told_hash = NULL").await;
    node.sql("INSERT INTO settings (name, value) VALUES ('site_actor_told', 'x')")
        .await;
    node.restart().await;
    let told = "SELECT COUNT(*) FROM local_actors WHERE kind = 'site' AND told_hash IS NOT NULL";
    eventually("the profile is noted", || async {
        (node.number(told).await == Some(1)).then_some(())
    })
    .await;
    settle(&node).await;
    assert_eq!(updates(&node, &home), 0);
    node.stop().await;
    node.configure("[site]\nname = \"Renamed\"\n");
    node.restart().await;
    wait_for_updates(&node, &home, 1).await;
}

//! Local activities that other servers send back, and undone follows with an id derived from a local actor's.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    peer::{PUBLIC, any_key},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Counts the rows that a remote activity could change. A returned activity changes none except a counter.
async fn rows(node: &TestNode) -> BTreeMap<String, i64> {
    let mut rows = node.rows().await;
    rows.retain(|table, _| table != "inbox_counts" && !table.starts_with("remote_"));
    rows
}

async fn followers(node: &TestNode) -> i64 {
    node.total(&format!("{}/followers", node.blog())).await
}

/// Builds snac's `Undo` of a follow that was never answered: its object is the followed actor, and its id derives
/// from that actor's.
fn snac_undo(actor: &Actor, id: &str, whom: &str) -> Value {
    json!({"@context": "https://www.w3.org/ns/activitystreams", "type": "Undo", "actor": actor.id,
        "object": whom, "id": id, "published": "2026-11-26T00:00:00Z"})
}

#[apply(both_databases)]
async fn our_own_activities_that_come_back_are_taken_and_change_nothing(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("home").await, Peer::start("relay").await);
    let (reader, forwarder) = (home.actor("reader").await, relay.actor("forwarder").await);
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let note = reader
        .comment(&node.inbox(), &article.id, "<p>My opinion.</p>")
        .await;
    node.admin(&["like", note["id"].as_str().unwrap()]).await;
    node.admin(&["boost", note["id"].as_str().unwrap()]).await;
    node.admin(&["follow", &reader.id]).await;
    node.admin(&["reply", "1", "Thank you."]).await;
    let mut ours: Vec<Value> = Vec::new();
    for kind in ["Accept", "Create", "Like", "Announce", "Follow"] {
        ours.push(home.wait_for(kind).await.activity);
    }
    let answer = eventually("the answer arrives", || async {
        let creates = home.received_of("Create");
        creates
            .into_iter()
            .find(|create| create.activity["object"]["type"] == "Note")
    })
    .await
    .activity;
    let with = |activity: &Value, name: &str, value: Value| {
        let mut changed = activity.clone();
        changed[name] = value;
        changed
    };
    let tombstone = json!({"id": article.id, "type": "Tombstone"});
    for (kind, object) in [
        ("Delete", tombstone.clone()),
        ("Update", answer["object"].clone()),
        ("Undo", answer.clone()),
    ] {
        let id = node.url("/activities/0123456789abcdef0123456789abcdef");
        ours.push(
            json!({"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind,
            "actor": node.blog(), "object": object, "to": [PUBLIC]}),
        );
    }
    ours.push(answer["object"].clone());
    // An activity with a local id that never existed changes nothing either.
    ours.push(with(&ours[2], "object", json!(article.id)));
    ours.push(answer);
    let before = rows(&node).await;
    let count = ours.len() as i64;
    for activity in ours {
        let reply = forwarder.send(&node.inbox(), &activity).await;
        assert_eq!(
            reply.status, 202,
            "{}: {} {activity}",
            activity["type"], reply.body
        );
    }
    assert_eq!(rows(&node).await, before);
    assert_eq!(
        node.dropped("activity of our own that came back").await,
        count
    );
    assert_eq!(node.document(&article.id).await.status, 200);
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
}

#[apply(both_databases)]
async fn who_brings_an_activity_of_ours_must_say_who_they_are(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, evil) = (Peer::start("home").await, Peer::start("evil").await);
    let (reader, outcast) = (home.actor("reader").await, evil.actor("outcast").await);
    node.admin(&["block", "add", "evil.localhost"]).await;
    let delete = json!({"@context": "https://www.w3.org/ns/activitystreams", "type": "Delete", "actor": node.blog(),
        "id": node.url("/activities/0123456789abcdef0123456789abcdef"), "object": node.blog(), "to": [PUBLIC]});
    let reply = outcast.send(&node.inbox(), &delete).await;
    assert!(reply.is_problem(403), "blocked: {reply:?}");
    assert!(evil.gets().is_empty());
    let other = (0..4)
        .map(any_key)
        .find(|key| key.public() != reader.key.public())
        .unwrap();
    let wrong = Actor {
        key: other,
        ..reader.clone()
    };
    assert!(
        wrong.send(&node.inbox(), &delete).await.is_problem(401),
        "by a wrong key"
    );
    let unsigned = reader
        .signed(&node.inbox(), &delete)
        .send_with_signature(None)
        .await;
    assert!(
        unsigned.is_problem(401) || unsigned.is_problem(400),
        "{unsigned:?}"
    );
    let as_us = Actor {
        key_id: format!("{}#main-key", node.blog()),
        ..reader.clone()
    };
    assert!(
        as_us.send(&node.inbox(), &delete).await.is_problem(403),
        "with a key of ours"
    );
    for (name, id) in [
        ("of no activity", format!("{}/likes/1", node.blog())),
        ("of another server", reader.new_id("activities")),
    ] {
        let mut forged = delete.clone();
        forged["id"] = json!(id);
        assert!(
            reader.send(&node.inbox(), &forged).await.is_problem(403),
            "under an id {name}"
        );
    }
}

#[apply(both_databases)]
async fn a_follow_that_was_never_answered_ends_as_snac_says_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("snac").await;
    let (reader, other) = (peer.actor("reader").await, peer.actor("other").await);
    let article = node.publish_any().await;
    other.follow(&node.inbox(), &node.blog()).await;
    let like = reader.activity("Like", json!(article.id));
    reader.deliver(&node.inbox(), &like).await;
    for (round, object) in [
        json!(node.blog()),
        json!({"id": node.blog(), "type": "Person"}),
    ]
    .iter()
    .enumerate()
    {
        reader.follow(&node.inbox(), &node.blog()).await;
        assert_eq!(followers(&node).await, 2);
        let mut undo = snac_undo(&reader, &format!("{}/Undo_{round}", node.blog()), "");
        undo["object"] = object.clone();
        reader.deliver(&node.inbox(), &undo).await;
        assert_eq!(followers(&node).await, 1, "{object}");
        reader.deliver(&node.inbox(), &undo).await;
    }
    // With an id of its own, from an actor that does not follow.
    reader.follow(&node.inbox(), &node.blog()).await;
    reader
        .deliver(
            &node.inbox(),
            &snac_undo(&reader, &reader.new_id("undo"), &node.blog()),
        )
        .await;
    assert_eq!(followers(&node).await, 1);
    let id = format!("{}/Undo_3", node.blog());
    reader
        .deliver(
            &node.inbox(),
            &snac_undo(&reader, &id, &node.url("/users/nobody")),
        )
        .await;
    // No other activity may have a local id.
    let mut disguised = snac_undo(&reader, &id, "");
    disguised["object"] =
        json!({"id": node.blog(), "type": "Like", "actor": reader.id, "object": article.id});
    reader.deliver(&node.inbox(), &disguised).await;
    for (name, undo) in [
        (
            "of a like",
            snac_undo(&reader, &id, like["id"].as_str().unwrap()),
        ),
        ("of an article", snac_undo(&reader, &id, &article.id)),
        ("of another's follow", {
            let mut undo = snac_undo(&reader, &id, "");
            undo["object"] = json!({"type": "Follow", "actor": other.id, "object": node.blog()});
            undo
        }),
        ("as a Like", {
            let mut like = snac_undo(&reader, &id, &node.blog());
            like["type"] = json!("Like");
            like
        }),
    ] {
        let reply = reader.send(&node.inbox(), &undo).await;
        assert!(reply.is_problem(403), "{name}: {reply:?}");
    }
    assert_eq!(followers(&node).await, 1, "the other's stands");
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
}

//! Objects that vanish without a `Delete`: comments and their authors are rechecked, and ended when they are gone.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600 * 1000;

fn path_of(peer: &Peer, id: &str) -> String {
    id.strip_prefix(&peer.origin).unwrap().to_owned()
}

fn serve(peer: &Peer, id: &str, canned: Canned) {
    peer.serve(&path_of(peer, id), canned);
}

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

/// Rechecks an object now, a day after the last time, and waits for the result.
async fn a_day_later(node: &TestNode, uri: &str) {
    node.sql(&format!(
        "UPDATE rechecks SET next_check_at = 0, missing_since = missing_since - {DAY} WHERE uri = '{uri}'"
    ))
    .await;
    let waits = format!(
        "SELECT COUNT(*) FROM rechecks WHERE uri = '{uri}' AND next_check_at < {}",
        i64::MAX / 2
    );
    eventually("it is looked at", || async {
        let now = chrono::Utc::now().timestamp_millis();
        let later = format!("{waits} AND next_check_at < {}", now + DAY / 2);
        (node.number(&later).await == Some(0)).then_some(())
    })
    .await;
}

/// Returns the state of each comment, oldest first.
async fn states(node: &TestNode) -> Vec<String> {
    node.texts("SELECT state FROM comments ORDER BY id").await
}

async fn comment(node: &TestNode, actor: &Actor, on: &str) -> Value {
    actor.comment(&node.inbox(), on, "<p>Said once.</p>").await
}

#[apply(both_databases)]
async fn a_comment_that_its_server_does_not_know_for_days_is_ended(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("forgetful").await;
    let article = node.publish_any().await;
    let actor = peer.actor("writer").await;
    let (lost, gone, flickering) = (
        comment(&node, &actor, &article.id).await,
        comment(&node, &actor, &article.id).await,
        comment(&node, &actor, &article.id).await,
    );
    serve(&peer, id(&lost), Canned::status(404));
    serve(&peer, id(&gone), Canned::status(410));
    serve(&peer, id(&flickering), Canned::status(404));
    for day in 1..=3 {
        assert_eq!(states(&node).await[0], "visible", "day {day}");
        a_day_later(&node, id(&lost)).await;
    }
    assert_eq!(states(&node).await, ["deleted", "visible", "visible"]);
    let page = node.page(&article.url).await.text;
    let body = page.split("<body>").nth(1).unwrap();
    assert_eq!(body.matches("Said once").count(), 2, "{page}");
    // 410 is conclusive at once.
    a_day_later(&node, id(&gone)).await;
    assert_eq!(states(&node).await, ["deleted", "deleted", "visible"]);
    // An object that reappears was never gone.
    for canned in [
        Canned::status(404),
        Canned::status(404),
        Canned::document(&flickering),
        Canned::status(404),
        Canned::status(404),
    ] {
        serve(&peer, id(&flickering), canned);
        a_day_later(&node, id(&flickering)).await;
    }
    // A server that is down or refuses proves nothing.
    for status in [503, 403] {
        serve(&peer, id(&flickering), Canned::status(status));
        a_day_later(&node, id(&flickering)).await;
    }
    assert_eq!(states(&node).await[2], "visible");
    // An ended object is no longer checked.
    let left = format!(
        "SELECT uri FROM rechecks WHERE uri IN ('{}', '{}')",
        id(&lost),
        id(&gone)
    );
    assert!(node.texts(&left).await.is_empty());
    // Only its server reported it gone, so its author's own activity restores it.
    serve(&peer, id(&lost), Canned::document(&lost));
    actor
        .deliver(&node.inbox(), &actor.activity("Create", lost.clone()))
        .await;
    assert_eq!(states(&node).await, ["visible", "deleted", "visible"]);
}

#[apply(both_databases)]
async fn an_author_whose_account_is_gone_takes_their_comments_along(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("forgetful").await;
    let article = node.publish_any().await;
    let (lost, gone, stays) = (
        peer.actor("lost").await,
        peer.actor("gone").await,
        peer.actor("stays").await,
    );
    for actor in [&lost, &gone, &stays] {
        comment(&node, actor, &article.id).await;
    }
    lost.deliver(&node.inbox(), &lost.activity("Like", json!(article.id)))
        .await;
    serve(&peer, &lost.id, Canned::status(404));
    serve(
        &peer,
        &gone.id,
        Canned::document(&json!({"id": gone.id, "type": "Tombstone"})),
    );
    stays.serve_with(json!({"name": "Another name"}));
    for _ in 0..3 {
        assert_eq!(states(&node).await[0], "visible");
        a_day_later(&node, &lost.id).await;
    }
    a_day_later(&node, &gone.id).await;
    a_day_later(&node, &stays.id).await;
    assert_eq!(states(&node).await, ["deleted", "deleted", "visible"]);
    assert_eq!(node.number("SELECT COUNT(*) FROM reactions").await, Some(0));
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Another name") && !page.contains("The actor lost"),
        "{page}"
    );
}

#[apply(both_databases)]
async fn looks_come_at_growing_intervals_and_find_edits(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("forgetful").await;
    let article = node.publish_any().await;
    let actor = peer.actor("writer").await;
    let mut note = comment(&node, &actor, &article.id).await;
    let uri = id(&note).to_owned();
    let days_until = async || {
        let next = node
            .number(&format!(
                "SELECT next_check_at FROM rechecks WHERE uri = '{uri}'"
            ))
            .await
            .unwrap();
        (next - chrono::Utc::now().timestamp_millis() + DAY / 2) / DAY
    };
    let mut waits = vec![days_until().await];
    for _ in 0..7 {
        a_day_later(&node, &uri).await;
        waits.push(days_until().await);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    // Its server never sent an edit. An edit without a time is not believed.
    note["content"] = json!("<p>Said otherwise.</p>");
    serve(&peer, &uri, Canned::document(&note));
    a_day_later(&node, &uri).await;
    assert!(node.page(&article.url).await.text.contains("Said once."));
    note["updated"] = json!(chrono::Utc::now().to_rfc3339());
    serve(&peer, &uri, Canned::document(&note));
    a_day_later(&node, &uri).await;
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("Said otherwise.")
    );
}

#[apply(both_databases)]
async fn a_host_is_asked_for_one_thing_at_a_time(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("busy").await;
    let article = node.publish_any().await;
    let actor = peer.actor("writer").await;
    let mut notes = Vec::new();
    for _ in 0..4 {
        notes.push(comment(&node, &actor, &article.id).await);
    }
    let count = |notes: &[Value]| {
        notes
            .iter()
            .map(|note| peer.get_count(&path_of(&peer, id(note))))
            .sum::<usize>()
    };
    let before = count(&notes);
    let begun = std::time::Instant::now();
    node.sql("UPDATE rechecks SET next_check_at = 0").await;
    let due = "SELECT COUNT(*) FROM rechecks WHERE checks > 0";
    eventually("all are looked at", || async {
        (node.number(due).await == Some(5) && count(&notes) == before + 4).then_some(())
    })
    .await;
    // Five checks, a second apart.
    assert!(
        begun.elapsed() >= std::time::Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(count(&notes), before + 4, "each once");
}

#[apply(both_databases)]
async fn looks_can_be_turned_off(#[case] database: Database) {
    let node = TestNode::start_with(database, "[conversations]\nrecheck = false\n").await;
    let peer = Peer::start("forgetful").await;
    let article = node.publish_any().await;
    let actor = peer.actor("writer").await;
    let note = comment(&node, &actor, &article.id).await;
    serve(&peer, id(&note), Canned::status(410));
    node.sql("UPDATE rechecks SET next_check_at = 0").await;
    // The same loop does other work in the meantime.
    let below = actor.note(&peer.url("/nothing"), "<p>Below nothing.</p>");
    actor
        .deliver(&node.inbox(), &actor.activity("Create", below))
        .await;
    eventually("the loop went on", || async {
        (node.number("SELECT COUNT(*) FROM lookups").await == Some(0)).then_some(())
    })
    .await;
    assert_eq!(states(&node).await, ["visible"]);
}

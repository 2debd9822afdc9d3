//! Activities that arrive at the same time are stored together, and each is still decided on its own.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, node::Article, peer::PUBLIC,
};
use futures::future::join_all;
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Sends activities at the same time. Returns their statuses, in their order.
async fn send_together(node: &TestNode, activities: &[(&Actor, Value)]) -> Vec<u16> {
    let inbox = node.inbox();
    let requests = activities.iter().map(|(actor, activity)| {
        // Signed before the first is sent.
        let request = actor.signed(&inbox, activity);
        async move { request.send().await.status }
    });
    join_all(requests).await
}

fn reply(actor: &Actor, on: &Article, text: &str) -> Value {
    actor.activity("Create", actor.note(&on.id, &format!("<p>{text}</p>")))
}

fn boost(actor: &Actor, id: &str) -> Value {
    let mut boost = actor.activity("Announce", json!(id));
    boost["to"] = json!([PUBLIC]);
    boost
}

async fn publish(node: &TestNode, title: &str) -> Article {
    node.publish(&format!("---\ntitle: {title}\n---\nSome words.\n"))
        .await
}

/// Starts actors whose keys the node has in memory: each has left a comment on an article of its own.
async fn known_actors(node: &TestNode, host: &str, number: usize) -> Vec<Actor> {
    let peer = Peer::start(host).await;
    let article = publish(node, &format!("About {host}")).await;
    let mut actors = Vec::new();
    for name in 0..number {
        let actor = peer.actor(&format!("actor{name}")).await;
        actor
            .comment(
                &node.inbox(),
                &article.id,
                &format!("<p>Hello from {name}.</p>"),
            )
            .await;
        actors.push(actor);
    }
    actors
}

#[apply(both_databases)]
async fn replies_that_arrive_together_are_numbered_and_stored_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actors = known_actors(&node, "crowd", 6).await;
    let articles = [publish(&node, "One").await, publish(&node, "Two").await];
    let mut activities = Vec::new();
    for (number, actor) in actors.iter().cycle().take(40).enumerate() {
        let create = reply(actor, &articles[number % 2], &format!("Reply {number}."));
        activities.push((actor, create));
    }
    // Each comes a second time, as from a server that lost the first response.
    activities.extend(activities.clone());
    let statuses = send_together(&node, &activities).await;
    assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
    for article in &articles {
        assert_eq!(node.replies(article).await.len(), 20);
        let numbers = format!(
            "SELECT CAST(number AS TEXT) FROM comments c JOIN articles a ON a.id = c.article_id WHERE a.slug = '{}' ORDER BY c.number",
            article.slug
        );
        let mut numbers = node.texts(&numbers).await;
        numbers.dedup();
        assert_eq!(numbers.len(), 20, "no number is given twice");
    }
    assert_eq!(node.dropped("repeat").await, 40);
}

#[apply(both_databases)]
async fn a_refused_activity_changes_nothing_for_those_beside_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actors = known_actors(&node, "mixed", 4).await;
    let blocked = known_actors(&node, "blocked", 1).await.remove(0);
    node.admin(&["block", "add", &blocked.id]).await;
    let article = node.publish_any().await;
    let mut activities: Vec<(&Actor, Value)> = Vec::new();
    for (number, actor) in actors.iter().cycle().take(12).enumerate() {
        let text = format!("Wanted {number}.");
        activities.push((actor, reply(actor, &article, &text)));
        activities.push((actor, reply(actor, &article, " ")));
        activities.push((&blocked, reply(&blocked, &article, "From a blocked actor.")));
        activities.push((
            actor,
            actor.activity("Like", json!("https://elsewhere.example/1")),
        ));
    }
    for actor in &actors {
        activities.push((actor, actor.activity("Like", json!(article.id))));
        activities.push((actor, boost(actor, &article.id)));
    }
    let statuses = send_together(&node, &activities).await;
    for ((actor, activity), status) in activities.iter().zip(&statuses) {
        let expected = if actor.id == blocked.id { 403 } else { 202 };
        assert_eq!(*status, expected, "{activity}");
    }
    let shown = node.page(&article.url).await.text;
    for number in 0..12 {
        assert!(shown.contains(&format!("Wanted {number}.")), "{number}");
    }
    assert_eq!(node.replies(&article).await.len(), 12);
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 4);
    assert_eq!(node.total(&format!("{}/shares", article.id)).await, 4);
    assert_eq!(node.dropped("comment without text or attachment").await, 12);
    assert_eq!(node.dropped("reaction to nothing here").await, 12);
    // A refused activity has no receipt: sent again, it is refused for the same reason.
    let empty = &activities[1];
    send_together(&node, std::slice::from_ref(empty)).await;
    assert_eq!(node.dropped("comment without text or attachment").await, 13);
}

#[apply(both_databases)]
async fn strangers_that_arrive_together_are_stored_only_with_what_is_kept(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("strangers").await;
    let article = node.publish_any().await;
    let (mut actors, mut activities) = (Vec::new(), Vec::new());
    for name in 0..12 {
        actors.push(peer.actor(&format!("stranger{name}")).await);
    }
    for (number, actor) in actors.iter().enumerate() {
        activities.push(match number % 3 {
            0 => (actor, actor.activity("Follow", json!(node.blog()))),
            1 => (
                actor,
                reply(actor, &article, &format!("Stranger {number}.")),
            ),
            _ => (actor, reply(actor, &article, " ")),
        });
    }
    let statuses = send_together(&node, &activities).await;
    assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
    assert_eq!(node.replies(&article).await.len(), 4);
    assert_eq!(node.total(&format!("{}/followers", node.blog())).await, 4);
    let stored = node
        .texts("SELECT CAST(COUNT(*) AS TEXT) FROM remote_actors")
        .await;
    assert_eq!(stored, ["8"], "a refused actor has no row");
    let keys = "SELECT CAST(COUNT(*) AS TEXT) FROM remote_keys k WHERE NOT EXISTS
        (SELECT 1 FROM remote_actors a WHERE a.id = k.actor_id)";
    assert_eq!(node.texts(keys).await, ["0"]);
}

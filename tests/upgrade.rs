//! An upgrade of the program sends nothing, although the new version writes different documents.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Waits until nothing is left to be published or sent.
async fn settled(node: &TestNode) {
    eventually("everything is told", || async {
        let left = "SELECT (SELECT COUNT(*) FROM changes WHERE due_at < 3000000000000) + (SELECT COUNT(*) FROM deliveries)
            + (SELECT COUNT(*) FROM publications WHERE state = 'live' AND hash NOT LIKE '2:%')";
        (node.number(left).await == Some(0)).then_some(())
    })
    .await;
}

/// Returns the types of the received activities, with the titles of articles.
fn arrived(peer: &Peer) -> Vec<String> {
    let about = |activity: &Value| {
        let title = activity["object"]["name"].as_str().unwrap_or_default();
        format!("{} {title}", activity["type"].as_str().unwrap())
    };
    let received = peer.received();
    received.iter().map(|one| about(&one.activity)).collect()
}

#[apply(both_databases)]
async fn an_upgrade_tells_nobody_anything(#[case] database: Database) {
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    let mut node = TestNode::start_after_upgrade(database, &peer, "").await;
    settled(&node).await;
    let live = "SELECT COUNT(*) FROM publications WHERE state = 'live' AND form <> 'no'";
    assert_eq!(node.number(live).await, Some(29));
    // Another program that writes the same values causes no activity either.
    node.sql(
        "UPDATE articles SET title = title, updated_at = 1795690000000; UPDATE authors SET bio = bio;
         UPDATE article_tags SET tag = tag;",
    )
    .await;
    settled(&node).await;
    assert_eq!(arrived(&peer), [] as [&str; 0]);

    node.sql("UPDATE articles SET markdown = 'Another text.' WHERE slug = 'plain'")
        .await;
    let update = peer.wait_for("Update").await;
    assert!(update.verified.is_ok(), "{:?}", update.verified);
    let object = &update.activity["object"];
    assert_eq!(object["content"], "<p>Another text.</p>");
    assert_eq!(
        (&object["type"], object.get("summary")),
        (&json!("Article"), None)
    );
    // The comment from the old version is among the replies.
    assert_eq!(
        object["replies"]["first"]["orderedItems"][0],
        peer.url("/notes/1")
    );

    // An article that was sent as an `Article` keeps that type, even if this version would choose another.
    node.sql(
        "UPDATE articles SET title = 'Still warned' WHERE slug = 'warned';
         UPDATE articles SET title = 'Still a note', federate = 'article' WHERE slug = 'note';
         UPDATE authors SET bio = 'Writes.';",
    )
    .await;
    settled(&node).await;
    node.restart().await;
    settled(&node).await;
    let all = peer.received();
    let of = |start: &str| {
        let found = all
            .iter()
            .find(|one| one.activity["object"].to_string().contains(start));
        found.unwrap().activity["object"].clone()
    };
    let warned = of("Still warned");
    assert_eq!(
        (&warned["type"], &warned["summary"]),
        (&json!("Article"), &json!("Spoilers"))
    );
    assert_eq!(of("Still a note")["type"], "Note");
    let mut kinds = arrived(&peer);
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "Update ",
            "Update An old article & more",
            "Update Ana",
            "Update Still warned"
        ]
    );

    // Publishing continues to work.
    reader
        .comment(
            &node.inbox(),
            object["id"].as_str().unwrap(),
            "<p>Still here.</p>",
        )
        .await;
    assert_eq!(
        node.total(&format!("{}/replies", object["id"].as_str().unwrap()))
            .await,
        3
    );
}

#[apply(both_databases)]
async fn what_waited_to_be_told_is_told_after_the_upgrade(#[case] database: Database) {
    let peer = Peer::start("follower").await;
    peer.actor("reader").await;
    let while_away = "UPDATE articles SET title = 'While away' WHERE slug = 'short-7';
        UPDATE authors SET name = 'Anna' WHERE username = 'ana';
        INSERT INTO articles (slug, title, markdown) VALUES ('new', 'New', 'Text.');";
    let statements = match database {
        Database::Sqlite => while_away.to_owned(),
        Database::Postgres => format!("SET search_path TO public; {while_away}"),
    };
    let node = TestNode::start_after_upgrade(database, &peer, &statements).await;
    peer.wait_for("Create").await;
    settled(&node).await;
    let mut kinds = arrived(&peer);
    kinds.sort_unstable();
    assert_eq!(kinds, ["Create New", "Update Anna", "Update While away"]);
}

//! What the admin sees of deliveries, and does about them.

use super::{TEXT, after_failures, refused, trouble_of};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::json;

const LATER: &str = "---\ntitle: Later\n---\nSomething else.\n";

#[apply(both_databases)]
async fn what_waits_is_listed_tried_again_or_given_up(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    let (shaky, broken) = (crowd.host("shaky"), crowd.host("broken"));
    crowd
        .follow(&node.database_url, &["shaky", "broken", "well"])
        .await;
    crowd.respond_next("shaky", vec![Canned::status(500)]);
    crowd.respond_next("broken", vec![Canned::status(500)]);
    let article = node.publish(TEXT).await;
    after_failures(&node, &shaky, 1).await;
    after_failures(&node, &broken, 1).await;

    let list = node.admin_json(&["deliveries", "list"]).await;
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    let list = node
        .admin_json(&["deliveries", "list", "--host", &shaky.to_uppercase()])
        .await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let shown = &list[0];
    assert_eq!(
        (&shown["state"], &shown["activity"]),
        (&json!("waiting"), &json!("Create"))
    );
    assert_eq!(
        (&shown["object"], &shown["inbox"]),
        (&json!(article.id), &json!(crowd.inbox("shaky")))
    );
    assert!(shown["next_attempt"].is_string());
    let first = node
        .admin_json(&["deliveries", "list", "--limit", "1"])
        .await;
    let before = first[0]["id"].to_string();
    let second = node
        .admin_json(&["deliveries", "list", "--limit", "1", "--before", &before])
        .await;
    assert_ne!(first[0]["inbox"], second[0]["inbox"]);

    let tried = node.admin_json(&["deliveries", "retry", &shaky]).await;
    assert_eq!(tried["destinations"], 1);
    crowd.wait_at("shaky", 2).await;
    eventually("it has arrived", || async {
        trouble_of(&node, &shaky).await.is_none().then_some(())
    })
    .await;
    assert_eq!(crowd.arrivals_at("broken").len(), 1, "the other waits");

    let dropped = node
        .admin_json(&["deliveries", "drop", &broken, "--dry-run"])
        .await;
    assert_eq!(dropped, json!({"dropped": 1, "dry_run": true}));
    let dropped = node
        .admin_json(&["deliveries", "drop", &broken, "--yes"])
        .await;
    assert_eq!(dropped, json!({"dropped": 1, "dry_run": false}));
    assert_eq!(node.admin_json(&["deliveries", "list"]).await, json!([]));
}

#[apply(both_databases)]
async fn what_was_refused_can_be_sent_again(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["strict"]).await;
    crowd.respond_next("strict", vec![Canned::status(422)]);
    node.publish(TEXT).await;
    eventually("it is refused", || async {
        (refused(&node).await.len() == 1).then_some(())
    })
    .await;
    let tried = node
        .admin_json(&["deliveries", "retry", &crowd.host("strict"), "--refused"])
        .await;
    assert_eq!(tried["refused"], 1);
    let arrivals = crowd.wait_at("strict", 2).await;
    assert_eq!(arrivals[0].id(), arrivals[1].id());
    eventually("nothing is refused", || async {
        refused(&node).await.is_empty().then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn an_article_is_sent_once_more_as_it_is_now(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["lost", "found"]).await;
    let article = node.publish(TEXT).await;
    crowd.wait_at("lost", 1).await;
    for text in ["once", "twice"] {
        let file = node.file("news.md", &TEXT.replace("happened", text));
        node.admin(&["post", "edit", "news", &file]).await;
        let count = 1
            + ["once", "twice"]
                .iter()
                .position(|known| known == &text)
                .unwrap()
            + 1;
        crowd.wait_at("lost", count).await;
    }
    crowd.wait_at("found", 3).await;
    // A delivery is recorded a moment after it arrived.
    eventually("nothing waits", || async {
        (node.admin_json(&["deliveries", "list"]).await == json!([])).then_some(())
    })
    .await;
    let sent = node
        .admin_json(&[
            "deliveries",
            "resend",
            "news",
            "--host",
            &crowd.host("lost"),
        ])
        .await;
    assert_eq!(
        sent,
        json!({"Create": 1, "Update": 1}),
        "the first update is overtaken"
    );
    let arrivals = crowd.wait_at("lost", 5).await;
    let kinds: Vec<&str> = arrivals.iter().map(|arrival| arrival.kind()).collect();
    assert_eq!(kinds, ["Create", "Update", "Update", "Create", "Update"]);
    assert_eq!(arrivals[3].id(), arrivals[0].id());
    assert_eq!(arrivals[4].id(), arrivals[2].id());
    assert_eq!(crowd.arrivals_at("found").len(), 3);
    assert_eq!(arrivals[0].activity["object"]["id"], article.id);
}

#[apply(both_databases)]
async fn the_progress_is_watched_until_nothing_is_due(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.set_delay(std::time::Duration::from_millis(100));
    crowd.follow(&node.database_url, &["a", "b", "c"]).await;
    node.publish(TEXT).await;
    node.publish(LATER).await;
    let shown = node
        .admin(&["deliveries", "status", "--watch", "--json"])
        .await;
    let last: serde_json::Value = serde_json::from_str(shown.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["waiting"], &last["in_flight"]),
        (&json!(0), &json!(0)),
        "{shown}"
    );
    assert_eq!(last["workers"], 1);
    eventually("all of it is counted", || async {
        let status = node.admin_json(&["deliveries", "status"]).await;
        let is_counted = status["delivered"] == 6 && status["per_second"].as_f64().unwrap() > 0.0;
        is_counted.then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn mistakes_are_explained(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for (arguments, says) in [
        (vec!["deliveries", "drop", "--yes"], "--all"),
        (
            vec!["deliveries", "drop", "a.example", "--all", "--yes"],
            "--all",
        ),
        (
            vec!["deliveries", "list", "--host", "https://a.example/x"],
            "example.org",
        ),
        (
            vec!["deliveries", "resend", "nothing"],
            "pamphlet post list",
        ),
    ] {
        let output = node.cli(&arguments).await;
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && printed.contains(says),
            "{arguments:?}: {printed}"
        );
    }
}

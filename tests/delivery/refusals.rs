//! Refused deliveries: retried a few times where that may help, shown to the admin, and sent again on request.

use super::{TEXT, after_failures, refused, time_passes, trouble_of};
use crate::support::{Crowd, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::{Value, json};

fn status(status: u16) -> Canned {
    Canned::status(status)
}

fn other(title: &str) -> String {
    TEXT.replace("News", title)
}

/// Returns the output of `pamphlet doctor`, and its exit code.
async fn doctor(node: &TestNode) -> (String, Option<i32>) {
    let output = node.cli(&["doctor"]).await;
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code(),
    )
}

/// Returns one check of the doctor.
async fn findings(node: &TestNode, check: &str) -> Vec<Value> {
    let output = node.cli(&["doctor", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|found| found["check"] == check).unwrap();
    found["findings"].as_array().unwrap().clone()
}

/// Waits until all results are stored.
async fn at_rest(node: &TestNode) {
    eventually("nothing is under way", || async {
        let now = chrono::Utc::now().timestamp_millis();
        let busy = format!(
            "SELECT COUNT(*) FROM destinations WHERE leased_until > 0 OR next_attempt_at <= {now}"
        );
        let changes = "SELECT COUNT(*) FROM changes";
        (node.number(changes).await == Some(0) && node.number(&busy).await == Some(0)).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_doubtful_answer_holds_up_only_what_is_about_the_same_article(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["proxy", "well"]).await;
    crowd.respond_next("proxy", vec![status(424)]);
    let first = node.publish(TEXT).await;
    let shown = after_failures(&node, &crowd.host("proxy"), 1).await;
    assert_eq!(
        (&shown["state"], &shown["waiting"]),
        (&json!("alive"), &json!(1))
    );
    assert_eq!(
        shown["failing_since"],
        Value::Null,
        "it is no failing server"
    );
    let found = findings(&node, "refusals").await;
    assert!(
        found[0].as_str().unwrap().contains("it answered 424"),
        "{found:?}"
    );
    let edited = node.file("edit.md", &TEXT.replace("happened", "else happened"));
    node.admin(&["post", "edit", &first.slug, &edited]).await;
    crowd.wait_at("well", 2).await;
    let second = node.publish(&other("More")).await;
    let arrivals = crowd.wait_at("proxy", 2).await;
    assert_eq!(
        arrivals[1].activity["object"]["id"], second.id,
        "the other article does not wait"
    );
    eventually("the edit waits behind its article", || async {
        let deferred = node
            .number("SELECT COUNT(*) FROM deliveries WHERE not_before > 0")
            .await;
        (deferred == Some(2)).then_some(())
    })
    .await;
    node.sql("UPDATE deliveries SET not_before = 1 WHERE not_before > 0")
        .await;
    time_passes(&node).await;
    let arrivals = crowd.wait_at("proxy", 4).await;
    let sent: Vec<_> = arrivals[2..]
        .iter()
        .map(|arrival| (arrival.kind(), &arrival.activity["object"]["id"]))
        .collect();
    assert_eq!(
        sent,
        [("Create", &json!(first.id)), ("Update", &json!(first.id))]
    );
    assert!(refused(&node).await.is_empty());
}

#[apply(both_databases)]
async fn who_refuses_everything_is_shown_and_gets_it_all_again(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    let (text, code) = doctor(&node).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(
        node.admin(&["deliveries", "status"])
            .await
            .contains("All servers accept deliveries.")
    );
    crowd
        .follow(&node.database_url, &["proxy", "strict", "well"])
        .await;
    crowd.respond_next("proxy", vec![status(400); 5]);
    crowd.respond_next("strict", vec![status(202), status(422)]);
    node.publish(TEXT).await;
    for tries in 1..5 {
        crowd.wait_at("proxy", tries).await;
        at_rest(&node).await;
        time_passes(&node).await;
    }
    crowd.wait_at("proxy", 5).await;
    node.publish(&other("More")).await;
    eventually("both refused", || async {
        (refused(&node).await.len() == 2).then_some(())
    })
    .await;
    at_rest(&node).await;

    let shown = node.admin_json(&["deliveries", "status"]).await["refused_last_day"].clone();
    assert_eq!(
        (&shown["activities"], &shown["deliveries"]),
        (&json!(2), &json!(2)),
        "{shown}"
    );
    let of = |host: &str| {
        shown["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|shown| shown["host"] == host)
            .unwrap()
            .clone()
    };
    let proxy = of(&crowd.host("proxy"));
    // It accepted the second article, which did not exist when it refused the first.
    assert_eq!(
        proxy["reasons"],
        json!([{"status": 400, "error": "it answered 400", "deliveries": 1}])
    );
    let strict = of(&crowd.host("strict"));
    assert_eq!(
        (&strict["takes_nothing"], &strict["reasons"][0]["status"]),
        (&json!(true), &json!(422))
    );
    let printed = node.admin(&["deliveries", "status"]).await;
    for expected in [
        "2 activities were refused by 2 servers",
        "it answered 400",
        "it answered 422",
        &crowd.host("proxy"),
    ] {
        assert!(printed.contains(expected), "{expected} is not in {printed}");
    }
    assert!(!printed.contains("All servers accept"), "{printed}");
    let (printed, code) = doctor(&node).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(
        printed.contains("it answered 422") && printed.contains(&crowd.host("strict")),
        "{printed}"
    );
    assert_eq!(findings(&node, "dead").await, [] as [Value; 0]);

    let none = node
        .admin_json(&["deliveries", "retry", "--refused", "--since", "2099-01-01"])
        .await;
    assert_eq!(none["refused"], 0);
    let strict = crowd.host("strict");
    let one = node
        .admin_json(&[
            "deliveries",
            "retry",
            &strict,
            "--refused",
            "--since",
            "1 hour",
        ])
        .await;
    assert_eq!(one["refused"], 1);
    crowd.wait_at("strict", 3).await;
    let watched = node
        .admin(&[
            "deliveries",
            "retry",
            "--refused",
            "--since",
            "1 day ago",
            "--watch",
        ])
        .await;
    assert!(watched.contains("1 refused deliveries"), "{watched}");
    crowd.wait_at("proxy", 7).await;
    eventually("nothing is refused", || async {
        refused(&node).await.is_empty().then_some(())
    })
    .await;
    eventually("all is well", || async {
        (doctor(&node).await.1 == Some(0)).then_some(())
    })
    .await;
    let wrong = node
        .cli(&["deliveries", "retry", "--refused", "--since", "someday"])
        .await;
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("2026-01-31"));
}

#[apply(both_databases)]
async fn what_is_sent_again_keeps_its_order_and_what_was_withdrawn_stays_so(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["strict", "well"]).await;
    crowd.respond_next(
        "strict",
        vec![status(422), status(202), status(422), status(422)],
    );
    let kept = node.publish(TEXT).await;
    crowd.wait_at("strict", 1).await;
    let edited = node.file("edit.md", &TEXT.replace("happened", "else happened"));
    node.admin(&["post", "edit", &kept.slug, &edited]).await;
    crowd.wait_at("strict", 2).await;
    let gone = node.publish(&other("Wrong")).await;
    crowd.wait_at("strict", 3).await;
    node.admin(&["post", "delete", &gone.slug, "--yes"]).await;
    crowd.wait_at("strict", 4).await;
    eventually("three were refused", || async {
        (refused(&node).await.len() == 3).then_some(())
    })
    .await;
    let tried = node.admin_json(&["deliveries", "retry", "--refused"]).await;
    assert_eq!(
        (&tried["refused"], &tried["withdrawn"]),
        (&json!(2), &json!(1)),
        "{tried}"
    );
    let arrivals = crowd.wait_at("strict", 7).await;
    at_rest(&node).await;
    let sent: Vec<_> = arrivals[4..]
        .iter()
        .map(|arrival| (arrival.kind(), arrival.activity["object"]["id"].clone()))
        .collect();
    let expected = [
        ("Create", json!(kept.id)),
        ("Delete", json!(gone.id)),
        ("Update", json!(kept.id)),
    ];
    assert_eq!(
        sent, expected,
        "the edit that was taken comes after its article once more"
    );
    assert_eq!(crowd.arrivals_at("strict").len(), 7);
    assert_eq!(crowd.arrivals_at("well").len(), 4);
}

#[apply(both_databases)]
async fn keys_that_cannot_be_fetched_are_found_by_the_doctor(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("closed").await;
    let actor = peer.actor("sender").await;
    peer.serve("/users/sender", status(400));
    let reply = actor
        .send(&node.inbox(), &actor.activity("Knock", json!(node.blog())))
        .await;
    assert_ne!(reply.status, 202);
    let found = eventually("the failure is counted", || async {
        findings(&node, "keys").await.first().cloned()
    })
    .await;
    let found = found.as_str().unwrap();
    assert!(
        found.contains(&peer.authority) && found.contains("400"),
        "{found}"
    );
    let (printed, code) = doctor(&node).await;
    assert_eq!(code, Some(1), "{printed}");
}

#[apply(both_databases)]
async fn a_server_that_is_dead_or_out_of_reach_is_found_by_the_doctor(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["dead", "failing"]).await;
    for name in ["dead", "failing"] {
        crowd.respond_next(name, vec![status(500); 2]);
    }
    node.publish(TEXT).await;
    for name in ["dead", "failing"] {
        after_failures(&node, &crowd.host(name), 1).await;
    }
    for (name, days) in [("dead", 8), ("failing", 2)] {
        let (host, span) = (crowd.host(name), i64::from(days) * 24 * 3600 * 1000);
        node.sql(&format!(
            "UPDATE destinations SET failing_since = failing_since - {span} WHERE host = '{host}'"
        ))
        .await;
    }
    time_passes(&node).await;
    for name in ["dead", "failing"] {
        after_failures(&node, &crowd.host(name), 2).await;
        let found = findings(&node, name).await;
        assert!(
            found.len() == 1 && found[0].as_str().unwrap().contains(&crowd.host(name)),
            "{name}: {found:?}"
        );
    }
    assert!(trouble_of(&node, &crowd.host("failing")).await.is_some());
}

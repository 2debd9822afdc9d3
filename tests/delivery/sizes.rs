//! Long articles: activities are as small as possible, and smaller for servers that accept no more.

use crate::support::{
    Crowd, Database, TestNode, both_databases, crowd::Arrival, eventually, peer::Canned,
};
use chrono::Utc;
use pamphlet::crypto::{integrity_proofs::Proof, keys::PublicKey};
use rstest_reuse::apply;
use serde_json::Value;

fn article(title: &str, characters: usize) -> String {
    let text = "Words and words. ".repeat(characters / 17);
    format!("---\ntitle: {title}\nfederate: note\n---\n{text}\n")
}

fn size(arrival: &Arrival) -> usize {
    arrival.headers["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// Verifies the proof of an activity with its actor's key.
async fn verify(node: &TestNode, activity: &Value) {
    let actor = node
        .document(activity["actor"].as_str().unwrap())
        .await
        .json();
    let key = actor["assertionMethod"][0]["publicKeyMultibase"]
        .as_str()
        .unwrap();
    let proof = Proof::of(activity, Utc::now())
        .unwrap()
        .expect("it has a proof");
    proof
        .verify(&PublicKey::from_multibase(key).unwrap())
        .unwrap();
}

#[apply(both_databases)]
async fn the_text_is_delivered_once_and_fetched_whole(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    for (number, (characters, has_language)) in [(500, true), (24_000, true), (40_000, false)]
        .into_iter()
        .enumerate()
    {
        let article = node
            .publish(&article(&format!("Number {number}"), characters))
            .await;
        let arrival = crowd.wait_at("reader", number + 1).await.remove(number);
        let object = &arrival.activity["object"];
        assert_eq!(object.get("source"), None, "{characters}");
        assert_eq!(
            object.get("contentMap").is_some(),
            has_language,
            "{characters}"
        );
        assert!(object["content"].as_str().unwrap().len() > characters * 9 / 10);
        assert!(size(&arrival) < 60 * 1024, "{}", size(&arrival));
        verify(&node, &arrival.activity).await;
        let served = node.document(arrival.id()).await.json();
        assert_eq!(
            served, arrival.activity,
            "the activity is served as it was sent"
        );
        let document = node.document(&article.id).await.json();
        assert_eq!(document["contentMap"]["en"], object["content"]);
        assert!(document["source"]["content"].is_string());
    }
}

#[apply(both_databases)]
async fn a_server_that_takes_no_large_bodies_fetches_the_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["small", "large"]).await;
    crowd.respond_next("small", vec![Canned::status(413)]);
    let long = node.publish(&article("Long", 70_000)).await;
    let arrivals = crowd.wait_at("small", 2).await;
    assert_eq!(arrivals[0].id(), arrivals[1].id());
    assert!(arrivals[0].activity["object"].is_object());
    assert_eq!(arrivals[1].activity["object"], long.id.as_str());
    assert!(size(&arrivals[1]) < 4096, "{}", size(&arrivals[1]));
    assert_eq!(arrivals[1].activity["to"], arrivals[0].activity["to"]);
    verify(&node, &arrivals[1].activity).await;
    // From now on, only activities of at least that size are sent so.
    let longer = node.publish(&article("Longer", 80_000)).await;
    assert_eq!(
        crowd.wait_at("small", 3).await[2].activity["object"],
        longer.id.as_str()
    );
    node.publish(&article("Short", 5_000)).await;
    assert!(crowd.wait_at("small", 4).await[3].activity["object"].is_object());
    // An edit that is too large is not sent, and the admin is notified.
    let file = node.file("edit.md", &article("Longer", 81_000));
    node.admin(&["post", "edit", &longer.slug, &file]).await;
    crowd.wait_at("large", 4).await;
    let refused = eventually("the edit is refused", || async {
        node.admin_json(&["deliveries", "refused"])
            .await
            .as_array()
            .unwrap()
            .first()
            .cloned()
    })
    .await;
    assert_eq!(
        (&refused["activity"], &refused["status"]),
        (&"Update".into(), &413.into()),
        "{refused}"
    );
    assert!(
        refused["error"].as_str().unwrap().starts_with("not sent"),
        "{refused}"
    );
    let notice = node.notices().await.remove(0);
    assert_eq!(
        (&notice["kind"], &notice["object"]),
        (&"update too large".into(), &longer.id.as_str().into())
    );
    assert_eq!(crowd.arrivals_at("small").len(), 4);
    assert!(
        crowd
            .arrivals_at("large")
            .iter()
            .all(|arrival| arrival.activity["object"].is_object())
    );
    // The admin may request an attempt anyway.
    node.admin(&["deliveries", "retry", "--refused"]).await;
    assert_eq!(crowd.wait_at("small", 5).await[4].kind(), "Update");
}

#[apply(both_databases)]
async fn what_is_fetched_stays_below_a_megabyte(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    for (title, characters, left_out) in [
        ("Large", 400_000, "source"),
        ("Larger", 600_000, "contentMap"),
    ] {
        let file = node.file("long.md", &article(title, characters));
        let output = node.cli(&["post", "publish", &file, "--json"]).await;
        assert!(output.status.success());
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(shown["advice"].to_string().contains(left_out), "{shown}");
        let id = shown["id"].as_str().unwrap();
        let served = eventually("it can be fetched", || async {
            let served = node.document(id).await;
            (served.status == 200).then_some(served)
        })
        .await;
        assert!(served.text.len() <= 1_000_000, "{}", served.text.len());
        assert_eq!(served.json().get(left_out), None);
        assert!(served.json()["content"].as_str().unwrap().len() > characters * 9 / 10);
    }
    let file = node.file("long.md", &article("Largest", 1_200_000));
    let output = node.cli(&["post", "publish", &file]).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("federate: teaser"));
}

//! What a server gets first, how often, and what it waits for.

use super::{TEXT, after_failures, time_passes};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use std::time::{Duration, Instant};

#[apply(both_databases)]
async fn an_update_never_comes_before_its_create(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["broken", "well"]).await;
    crowd.respond_next("broken", vec![Canned::status(500), Canned::status(503)]);
    let article = node.publish(TEXT).await;
    crowd.wait_at("well", 1).await;
    after_failures(&node, &crowd.host("broken"), 1).await;
    for number in 1..=10 {
        let file = node.file(
            "edit.md",
            &format!("---\ntitle: News\n---\nVersion {number}.\n"),
        );
        node.admin(&["post", "edit", &article.slug, &file]).await;
        // Each edit is delivered.
        crowd.wait_at("well", 1 + number).await;
    }
    assert_eq!(
        crowd.arrivals_at("broken").len(),
        1,
        "edits don't wake a server that fails"
    );
    time_passes(&node).await;
    after_failures(&node, &crowd.host("broken"), 2).await;
    time_passes(&node).await;
    let arrivals = crowd.wait_at("broken", 13).await;
    assert!(
        arrivals[..3]
            .iter()
            .all(|arrival| arrival.kind() == "Create")
    );
    for (number, arrival) in arrivals[3..].iter().enumerate() {
        assert_eq!(arrival.kind(), "Update");
        let content = arrival.activity["object"]["content"].as_str().unwrap();
        assert!(
            content.contains(&format!("Version {}.", number + 1)),
            "{content}"
        );
    }
    assert_eq!(crowd.arrivals_at("broken").len(), 13);
}

#[apply(both_databases)]
async fn many_followers_with_one_shared_inbox_get_one_copy(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow_from_many(&node.database_url, "big", 50).await;
    crowd.follow(&node.database_url, &["small"]).await;
    node.publish(TEXT).await;
    crowd.wait_at("big", 1).await;
    node.publish(&TEXT.replace("News", "More")).await;
    crowd.wait_at("small", 2).await;
    let arrivals = crowd.wait_at("big", 2).await;
    assert_eq!(arrivals.len(), 2);
    assert_ne!(arrivals[0].id(), arrivals[1].id());
    assert!(arrivals.iter().all(|arrival| arrival.path == "/inbox"));
}

#[apply(both_databases)]
async fn servers_that_hang_or_fail_hold_up_nobody(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    let names: Vec<String> = (0..60).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    crowd.follow(&node.database_url, &names).await;
    let hangs = Canned {
        delay: Duration::from_secs(60),
        ..Canned::status(202)
    };
    for (number, name) in names.iter().enumerate() {
        match number % 3 {
            0 => crowd.respond_next(name, vec![hangs.clone()]),
            1 => crowd.respond_next(name, vec![Canned::status(500)]),
            _ => {}
        }
    }
    let begun = Instant::now();
    node.publish(TEXT).await;
    for name in names.iter().skip(2).step_by(3) {
        crowd.wait_at(name, 1).await;
    }
    // The next article is not delayed by servers that hang either.
    node.publish(&TEXT.replace("News", "More")).await;
    for name in names.iter().skip(2).step_by(3) {
        crowd.wait_at(name, 2).await;
    }
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        begun.elapsed()
    );
    assert_eq!(
        crowd.arrivals_at("n0").len(),
        1,
        "one delivery at a time for each server"
    );
    eventually(
        "the article is no longer under way to those that answered",
        || async {
            let free = node
                .number("SELECT COUNT(*) FROM destinations WHERE leased_until = 0")
                .await;
            (free == Some(40)).then_some(())
        },
    )
    .await;
}

//! Slow servers hold up nobody but themselves.

use super::TEXT;
use crate::support::{Crowd, Database, TestNode, both_databases, eventually_within, peer::Canned};
use rstest_reuse::apply;
use std::time::{Duration, Instant};

fn slow(delay: Duration) -> Canned {
    Canned {
        delay,
        ..Canned::status(202)
    }
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

const EIGHT_AT_ONCE: &str = "[delivery]\nconcurrency = 8\ntimeout = \"20 seconds\"\n";

#[apply(both_databases)]
async fn a_slow_server_with_many_inboxes_takes_two_slots(#[case] database: Database) {
    let node = TestNode::start_with(database, EIGHT_AT_ONCE).await;
    let crowd = Crowd::start().await;
    crowd
        .follow_with_own_inboxes(&node.database_url, "slow", 40)
        .await;
    crowd.respond_next("slow", vec![slow(Duration::from_millis(1500)); 40]);
    let quick = names("quick", 40);
    let list: Vec<&str> = quick.iter().map(String::as_str).collect();
    crowd.follow(&node.database_url, &list).await;
    node.publish(TEXT).await;
    // One after the other in all eight slots, the slow ones alone would take 7.5 seconds.
    let reached = || async {
        let arrivals = crowd.arrivals();
        let count = arrivals
            .iter()
            .filter(|arrival| arrival.name != "slow")
            .count();
        (count == quick.len()).then_some(())
    };
    eventually_within(Duration::from_secs(5), "all others have theirs", reached).await;
    let slow = crowd.arrivals_at("slow").len();
    assert!(
        slow < 20,
        "{slow} came to the slow one: it had more than two slots"
    );
}

#[apply(both_databases)]
async fn hanging_servers_step_aside(#[case] database: Database) {
    let node = TestNode::start_with(database, EIGHT_AT_ONCE).await;
    let crowd = Crowd::start().await;
    let hanging = names("hanging", 8);
    let list: Vec<&str> = hanging.iter().map(String::as_str).collect();
    crowd.follow(&node.database_url, &list).await;
    for name in &hanging {
        crowd.respond_next(name, vec![slow(Duration::from_secs(18))]);
    }
    let quick = names("quick", 30);
    let list: Vec<&str> = quick.iter().map(String::as_str).collect();
    crowd.follow(&node.database_url, &list).await;
    let begun = Instant::now();
    node.publish(TEXT).await;
    let reached = || async { (crowd.arrivals().len() == 38).then_some(()) };
    eventually_within(Duration::from_secs(12), "all living have theirs", reached).await;
    assert!(begun.elapsed() < Duration::from_secs(12));
}

//! A server that can't take a message now gets it later.

use super::{TEXT, after_failures, seconds_until, time_passes, trouble_of};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;

mod waits {
    use super::*;

    #[apply(both_databases)]
    async fn the_waits_between_tries_grow_to_twelve_hours(#[case] database: Database) {
        let node = TestNode::start(database).await;
        let crowd = Crowd::start().await;
        let host = crowd.host("broken");
        crowd.follow(&node.database_url, &["broken"]).await;
        crowd.respond_next("broken", vec![Canned::status(500); 4]);
        node.publish(TEXT).await;
        for (failures, shortest, longest) in [(1, 50.0, 78.0), (2, 140.0, 195.0), (3, 365.0, 488.0)]
        {
            let shown = after_failures(&node, &host, failures).await;
            let wait = seconds_until(&shown["next_attempt"]);
            assert!(
                (shortest..=longest).contains(&wait),
                "after {failures} failures: {wait} s"
            );
            if failures < 3 {
                time_passes(&node).await;
            }
        }
        node.sql("UPDATE destinations SET failures = 50").await;
        time_passes(&node).await;
        let shown = after_failures(&node, &host, 51).await;
        let wait = seconds_until(&shown["next_attempt"]);
        assert!((43_180.0..=43_200.0).contains(&wait), "{wait} s");
        assert_eq!(shown["last_error"], "it answered 500");
    }

    #[apply(both_databases)]
    async fn a_server_that_works_again_has_a_clean_record(#[case] database: Database) {
        let node = TestNode::start(database).await;
        let crowd = Crowd::start().await;
        let host = crowd.host("shaky");
        crowd.follow(&node.database_url, &["shaky"]).await;
        crowd.respond_next("shaky", vec![Canned::status(503), Canned::status(500)]);
        node.publish(TEXT).await;
        after_failures(&node, &host, 1).await;
        time_passes(&node).await;
        after_failures(&node, &host, 2).await;
        time_passes(&node).await;
        eventually("nothing is wrong with it any more", || async {
            trouble_of(&node, &host).await.is_none().then_some(())
        })
        .await;
        let arrivals = crowd.arrivals_at("shaky");
        assert_eq!(arrivals.len(), 3);
        assert!(
            arrivals
                .iter()
                .all(|arrival| arrival.id() == arrivals[0].id())
        );
        crowd.respond_next("shaky", vec![Canned::status(500)]);
        node.publish(&TEXT.replace("News", "More")).await;
        let shown = after_failures(&node, &host, 1).await;
        assert!(seconds_until(&shown["next_attempt"]) < 79.0);
    }
}

#[apply(both_databases)]
async fn a_retry_needs_nobody_to_ask_for_it(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[delivery]\ntimeout = \"1 second\"\nfirst_retry = \"120 ms\"\nretry_growth = 1.0\n",
    )
    .await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["broken"]).await;
    let slow = Canned {
        delay: std::time::Duration::from_secs(20),
        ..Canned::status(202)
    };
    let told = Canned {
        headers: vec![("retry-after".into(), "1".into())],
        ..Canned::status(429)
    };
    crowd.respond_next(
        "broken",
        vec![Canned::status(500), slow, told, Canned::status(502)],
    );
    node.publish(TEXT).await;
    let arrivals = crowd.wait_at("broken", 5).await;
    assert!(
        arrivals[3].at - arrivals[2].at >= std::time::Duration::from_millis(900),
        "it asked for a second"
    );
    eventually("it has arrived", || async {
        trouble_of(&node, &crowd.host("broken"))
            .await
            .is_none()
            .then_some(())
    })
    .await;
    assert_eq!(crowd.arrivals().len(), 5, "nothing is sent after a success");
}

//! Inboxes that say that nobody lives there.

use super::{TEXT, after_failures, refused, time_passes};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;

async fn followers(node: &TestNode) -> usize {
    let list = node.admin_json(&["followers", "list"]).await;
    list.as_array().unwrap().len()
}

/// Publishes, and waits until the server has refused this many messages in all.
async fn publish_in_vain(node: &TestNode, title: &str, refusals: usize) {
    node.publish(&TEXT.replace("News", title)).await;
    eventually("the message is refused", || async {
        (refused(node).await.len() == refusals).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_shared_inbox_that_is_gone_hands_over_to_the_actors_own(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd
        .follow_from_many(&node.database_url, "moving", 3)
        .await;
    crowd.respond_next("moving", vec![Canned::status(404)]);
    node.publish(TEXT).await;
    let arrivals = crowd.wait_at("moving", 4).await;
    let mut paths: Vec<_> = arrivals
        .iter()
        .map(|arrival| arrival.path.as_str())
        .collect();
    assert_eq!(paths.remove(0), "/inbox");
    paths.sort_unstable();
    assert_eq!(
        paths,
        ["/users/0/inbox", "/users/1/inbox", "/users/2/inbox"]
    );
    assert!(
        arrivals
            .iter()
            .all(|arrival| arrival.id() == arrivals[0].id())
    );
    node.publish(&TEXT.replace("News", "More")).await;
    let arrivals = crowd.wait_at("moving", 7).await;
    assert!(
        arrivals[4..].iter().all(|arrival| arrival.path != "/inbox"),
        "the shared inbox is not asked again"
    );
    assert_eq!(followers(&node).await, 3);
}

#[apply(both_databases)]
async fn all_that_waits_for_a_shared_inbox_moves_on_in_order(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd
        .follow_from_many(&node.database_url, "moving", 2)
        .await;
    crowd.follow(&node.database_url, &["well"]).await;
    crowd.respond_next("moving", vec![Canned::status(500), Canned::status(410)]);
    let article = node.publish(TEXT).await;
    after_failures(&node, &crowd.host("moving"), 1).await;
    let file = node.file("edit.md", &TEXT.replace("Something", "Something else"));
    node.admin(&["post", "edit", &article.slug, &file]).await;
    crowd.wait_at("well", 2).await;
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    crowd.wait_at("well", 3).await;
    time_passes(&node).await;
    let arrivals = crowd.wait_at("moving", 8).await;
    for path in ["/users/0/inbox", "/users/1/inbox"] {
        let kinds: Vec<_> = arrivals
            .iter()
            .filter(|arrival| arrival.path == path)
            .map(|arrival| arrival.kind())
            .collect();
        assert_eq!(kinds, ["Create", "Update", "Delete"], "{path}");
    }
    let waiting = node.number("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'");
    eventually("nothing waits", || async {
        (node
            .number("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'")
            .await
            == Some(0))
        .then_some(())
    })
    .await;
    assert_eq!(waiting.await, Some(0));
}

#[apply(both_databases)]
async fn a_follower_whose_own_inbox_is_gone_for_days_is_dropped(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["left", "stays"]).await;
    node.sql("UPDATE remote_actors SET inbox = shared_inbox")
        .await;
    crowd.respond_next(
        "left",
        vec![
            Canned::status(410),
            Canned::status(404),
            Canned::status(410),
        ],
    );
    publish_in_vain(&node, "One", 1).await;
    publish_in_vain(&node, "Two", 2).await;
    assert_eq!(followers(&node).await, 2, "not at once");
    let four_days = 4 * 24 * 3600 * 1000;
    node.sql(&format!(
        "UPDATE destinations SET gone_since = gone_since - {four_days}"
    ))
    .await;
    publish_in_vain(&node, "Three", 3).await;
    eventually("the follower is dropped", || async {
        (followers(&node).await == 1).then_some(())
    })
    .await;
    let notices = node.notices().await;
    assert_eq!(notices[0]["kind"], "follower gone", "the admin can see it");
    assert_eq!(notices[0]["actor"], crowd.inbox("left"));
    node.publish(&TEXT.replace("News", "Four")).await;
    crowd.wait_at("stays", 4).await;
    assert_eq!(
        crowd.arrivals_at("left").len(),
        3,
        "nothing goes there any more"
    );
}

#[apply(both_databases)]
async fn a_follower_behind_a_shared_inbox_is_dropped_when_their_own_stays_gone(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd
        .follow_from_many(&node.database_url, "shared", 2)
        .await;
    // The shared inbox is gone, then one of the two own inboxes; the other one works.
    crowd.respond_next("shared", vec![Canned::status(404)]);
    node.publish(&TEXT.replace("News", "One")).await;
    crowd.wait_at("shared", 3).await;
    let four_days = 4 * 24 * 3600 * 1000;
    for (number, title) in ["Two", "Three"].into_iter().enumerate() {
        node.sql(&format!(
            "UPDATE destinations SET gone_since = gone_since - {four_days}"
        ))
        .await;
        crowd.respond_at("shared", "/users/1/inbox", 410);
        node.publish(&TEXT.replace("News", title)).await;
        eventually("it is refused", || async {
            (refused(&node).await.len() == 2 + number).then_some(())
        })
        .await;
    }
    eventually("the follower is dropped", || async {
        (followers(&node).await == 1).then_some(())
    })
    .await;
    assert_eq!(
        node.texts("SELECT a.uri FROM followers f JOIN remote_actors a ON a.id = f.actor_id")
            .await,
        [crowd.actor("shared", 0)]
    );
}

#[apply(both_databases)]
async fn a_follower_whose_inbox_comes_back_stays(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["moved-house"]).await;
    node.sql("UPDATE remote_actors SET inbox = shared_inbox")
        .await;
    crowd.respond_next(
        "moved-house",
        vec![
            Canned::status(404),
            Canned::status(202),
            Canned::status(404),
        ],
    );
    publish_in_vain(&node, "One", 1).await;
    let four_days = 4 * 24 * 3600 * 1000;
    node.sql(&format!(
        "UPDATE destinations SET gone_since = gone_since - {four_days}"
    ))
    .await;
    node.publish(&TEXT.replace("News", "Two")).await;
    eventually("the record is clean", || async {
        let gone = node
            .number("SELECT COUNT(*) FROM destinations WHERE gone_since IS NOT NULL")
            .await;
        (gone == Some(0)).then_some(())
    })
    .await;
    publish_in_vain(&node, "Three", 2).await;
    assert_eq!(followers(&node).await, 1);
}

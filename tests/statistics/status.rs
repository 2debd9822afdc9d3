//! `pamphlet status`.

use super::{publish_to, shown};
use crate::{
    assert_printed,
    support::{Crowd, Database, TestNode, both_databases, peer::Canned},
};
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn the_state_of_the_publication_fits_a_screen(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["good", "down"]).await;
    crowd.respond_next("down", vec![Canned::status(500)]);
    publish_to(&node, &crowd, &["good", "down"]).await;
    let next = "---\ntitle: A long title of an article that will be published in a far future, so that it is too long\n\
                date: 2099-01-01\n---\nText.\n";
    node.publish(next).await;
    let draft = node.file("draft.md", "---\ntitle: A draft\n---\nText.\n");
    node.admin(&["post", "draft", &draft]).await;
    let status = shown(&node, &["status"], |json| {
        json["deliveries"]["failing_servers"] == 1 && json["workers"][0].is_object()
    })
    .await;
    assert_eq!(status["node"]["state"], "running");
    assert_eq!(status["followers"]["total"], 2);
    assert_eq!(
        (
            &status["articles"]["published"],
            &status["articles"]["drafts"]
        ),
        (&json!(1), &json!(1))
    );
    assert_eq!(status["articles"]["last"]["delivered"], 1);
    assert_eq!(status["warnings"][0]["code"], "failing-servers");
    let screen = node.transcript(&["status"]).await;
    assert!(screen.lines().count() <= 24, "{screen}");
    assert!(
        screen.lines().all(|line| line.chars().count() < 80),
        "{screen}"
    );
    let filters = [
        (r"(SQLite|PostgreSQL) .* free", "[DATABASE AND DISK]"),
        (r"Version      .*", "Version      [VERSION]"),
    ];
    assert_printed!("status", screen, &filters);

    node.stop().await;
    let status = node.admin_json(&["status"]).await;
    assert_eq!(status["node"]["state"], "silent");
    assert_eq!(status["workers"], json!([]));
    assert_eq!(
        status["warnings"][0],
        json!({"code": "no-worker", "text": "nothing is published or delivered", "command": "pamphlet serve"})
    );
}

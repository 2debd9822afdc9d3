//! Articles that are published later.

use super::{complaint, json, number};
use crate::support::{Database, Program, both_databases};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn an_article_is_scheduled_moved_and_taken_back(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    program.file("news.md", "---\ntitle: News\n---\nText.\n");
    program.admin(&["post", "draft", "news.md"]).await;

    for (at, expected) in [
        ("yesterday", "has passed"),
        ("2020-01-01 09:00", "has passed"),
        ("soon", "write \"tomorrow 9:00\""),
        ("12/01/2030", "write \"tomorrow 9:00\""),
        ("", "write \"tomorrow 9:00\""),
    ] {
        let told = complaint(
            &program.run(&["post", "schedule", "news", "--at", at]).await,
            2,
        );
        assert!(told.contains(expected), "{at}: {told}");
    }
    let told = complaint(&program.run(&["post", "schedule", "news"]).await, 2);
    assert!(told.contains("--at"), "{told}");

    let printed = program
        .admin(&["post", "schedule", "news", "--at", "2100-01-02 9:30"])
        .await;
    assert!(
        printed.starts_with("Scheduled for 2100-01-02 09:30 UTC: News\n"),
        "{printed}"
    );
    let listed = json(&program, &["post", "list", "--status", "scheduled"]).await;
    assert_eq!(listed[0]["slug"], "news");
    assert_eq!(listed[0]["published"], "2100-01-02T09:30:00.000Z");
    let shown = program.admin(&["post", "list"]).await;
    assert!(
        shown.contains("2100-01-02 09:30 UTC  scheduled  news"),
        "{shown}"
    );
    let told = complaint(&program.run(&["post", "publish", "news"]).await, 1);
    assert!(told.contains("post reschedule news --at now"), "{told}");

    let moved = program
        .admin(&["post", "reschedule", "news", "--at", "2100-02-01"])
        .await;
    assert!(
        moved.starts_with("Scheduled for 2100-02-01 00:00 UTC: News\n"),
        "{moved}"
    );
    let draft = program.admin(&["post", "unpublish", "news"]).await;
    assert!(draft.starts_with("Unscheduled: News\n"), "{draft}");
    let told = complaint(
        &program
            .run(&["post", "reschedule", "news", "--at", "2100-02-01"])
            .await,
        1,
    );
    assert!(told.contains("post schedule news --at TIME"), "{told}");
    // It lost its date, so that it is published now and not in 2100.
    let published = program.admin(&["post", "publish", "news"]).await;
    assert!(published.starts_with("Published: News\n"), "{published}");
    let told = complaint(
        &program
            .run(&["post", "reschedule", "news", "--at", "2100-02-01"])
            .await,
        1,
    );
    assert!(told.contains("is published already"), "{told}");

    program.file(
        "more.md",
        "---\ntitle: More\ndate: 2014-01-01\n---\nText.\n",
    );
    let printed = program
        .admin(&["post", "schedule", "more.md", "--at", "in 2 hours"])
        .await;
    assert!(printed.starts_with("Scheduled for "), "{printed}");
    let now = program
        .admin(&["post", "reschedule", "more", "--at", "now"])
        .await;
    assert!(now.starts_with("Published: More\n"), "{now}");
    assert_eq!(number(&program, "SELECT COUNT(*) FROM articles").await, 2);
}

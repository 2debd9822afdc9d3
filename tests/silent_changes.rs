//! Changes that are published without telling anybody.

use crate::support::{Crowd, Database, TestNode, both_databases, eventually, sql};
use pamphlet::store::{ArticleStatus, Store};
use rstest_reuse::apply;

/// Gives an article another text without an announcement, as commands do, or another status.
async fn change_silently(node: &TestNode, slug: &str, change: Change) {
    let store = Store::open(&node.database_url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let article = tx.article_by_slug(slug).await.unwrap().unwrap();
    let mark = tx.mark_changes().await.unwrap();
    match change {
        Change::Publish => {
            tx.set_article_status(article.id, ArticleStatus::Published)
                .await
                .unwrap();
            tx.set_publication_silent(&article.uid, true).await.unwrap();
        }
        Change::CloseComments => tx
            .set_comment_terms(article.id, None, Some(7))
            .await
            .unwrap(),
    }
    tx.silence_changes(mark).await.unwrap();
    tx.commit().await.unwrap();
    node.node.store.wake();
}

enum Change {
    Publish,
    /// Lets comments end after a week, which the document says.
    CloseComments,
}

async fn draft(node: &TestNode, title: &str) {
    let text = format!("---\ntitle: {title}\n---\nThe text of {title}.\n");
    let file = node.file("draft.md", &text);
    node.admin(&["post", "draft", &file]).await;
}

/// Returns type and slug of all that arrived at the follower.
fn told(crowd: &Crowd) -> Vec<String> {
    let arrivals = crowd.arrivals_at("reader").into_iter();
    let mut told: Vec<String> = arrivals
        .map(|arrival| {
            let object = &arrival.activity["object"];
            let url = object["url"].as_str().unwrap_or("-");
            let slug = url.rsplit('/').next().unwrap().to_owned();
            format!("{} {slug}", arrival.kind())
        })
        .collect();
    told.sort();
    told
}

async fn wait_for(crowd: &Crowd, last: &str) {
    eventually(&format!("{last} arrives"), || async {
        told(crowd).iter().any(|one| one == last).then_some(())
    })
    .await;
}

/// All changes wait in the log while no node runs: only those that are announced reach the follower.
#[apply(both_databases)]
async fn silent_changes_reach_nobody_and_announced_ones_are_never_swallowed(
    #[case] database: Database,
) {
    let mut node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let publish = async |title: &str| {
        let text = format!("---\ntitle: {title}\n---\nThe text of {title}.\n");
        node.publish(&text).await
    };
    publish("Known").await;
    publish("Known twice").await;
    wait_for(&crowd, "Create known").await;
    wait_for(&crowd, "Create known-twice").await;
    node.stop().await;

    let publish = async |title: &str| {
        let text = format!("---\ntitle: {title}\n---\nThe text of {title}.\n");
        node.publish(&text).await
    };
    change_silently(&node, "known", Change::CloseComments).await;
    // An announced change before or after a silent one.
    change_silently(&node, "known-twice", Change::CloseComments).await;
    let edited = node.file("edited.md", "---\ntitle: Known twice\n---\nNew.\n");
    node.admin(&["post", "edit", "known-twice", &edited]).await;
    publish("Loud then silent").await;
    change_silently(&node, "loud-then-silent", Change::CloseComments).await;
    for title in ["Silent", "Silent then loud", "Scheduled", "Edited in time"] {
        draft(&node, title).await;
        change_silently(
            &node,
            &title.to_lowercase().replace(' ', "-"),
            Change::Publish,
        )
        .await;
    }
    let edited = node.file("edited.md", "---\ntitle: Silent then loud\n---\nNew.\n");
    node.admin(&["post", "edit", "silent-then-loud", &edited])
        .await;
    let later = pamphlet::store::now() + 3_600_000;
    sql::run(
        &node.database_url,
        &format!(
            "UPDATE articles SET published_at = {later} WHERE slug IN ('scheduled', 'edited-in-time');
             UPDATE changes SET silent = TRUE WHERE uid IN
                (SELECT uid FROM articles WHERE slug IN ('scheduled', 'edited-in-time'));"
        ),
    )
    .await;
    node.restart().await;
    eventually("the scheduled articles wait for their date", || async {
        let waiting = "SELECT COUNT(DISTINCT uid) FROM changes WHERE due_at > 0";
        let pending = "SELECT COUNT(*) FROM changes WHERE due_at = 0";
        let is_done =
            node.number(waiting).await == Some(2) && node.number(pending).await == Some(0);
        is_done.then_some(())
    })
    .await;
    node.sql("UPDATE articles SET title = 'Edited' WHERE slug = 'edited-in-time'")
        .await;
    eventually("the edit waits too", || async {
        let waiting = "SELECT COUNT(*) FROM changes WHERE due_at > 0 AND NOT silent";
        (node.number(waiting).await == Some(1)).then_some(())
    })
    .await;
    let now = pamphlet::store::now();
    node.sql(&format!(
        "BEGIN;
         UPDATE articles SET published_at = {now} WHERE slug IN ('scheduled', 'edited-in-time');
         DELETE FROM changes WHERE due_at = 0;
         UPDATE changes SET due_at = {now};
         COMMIT;"
    ))
    .await;
    eventually("all are published", || async {
        let live = "SELECT COUNT(*) FROM publications WHERE state = 'live'";
        let pending = "SELECT COUNT(*) FROM changes";
        let is_done = node.number(live).await == Some(7) && node.number(pending).await == Some(0);
        is_done.then_some(())
    })
    .await;
    node.publish("---\ntitle: Last\n---\nThe end.\n").await;
    wait_for(&crowd, "Create last").await;
    wait_for(&crowd, "Create loud-then-silent").await;
    wait_for(&crowd, "Update known-twice").await;
    wait_for(&crowd, "Update silent-then-loud").await;
    assert_eq!(
        told(&crowd),
        [
            "Create known",
            "Create known-twice",
            "Create last",
            "Create loud-then-silent",
            "Update known-twice",
            "Update silent-then-loud",
        ]
    );
    // Everything is public: on the page, by its id, and in the outbox.
    let outbox = format!("{}/outbox", node.blog());
    assert_eq!(node.total(&outbox).await, 8);
    let uids = "SELECT uid FROM articles WHERE slug = 'silent'";
    let id = node.url(&format!("/articles/{}", node.texts(uids).await[0]));
    assert_eq!(node.document(&id).await.status, 200);
    assert!(node.page("/").await.text.contains("Scheduled"));
}

#[apply(both_databases)]
async fn a_silent_article_is_updated_and_deleted_as_usual(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    draft(&node, "Quiet").await;
    change_silently(&node, "quiet", Change::Publish).await;
    let live = "SELECT COUNT(*) FROM publications WHERE state = 'live'";
    eventually("it is published", || async {
        (node.number(live).await == Some(1)).then_some(())
    })
    .await;
    let edited = node.file("edited.md", "---\ntitle: Quiet\n---\nNew.\n");
    node.admin(&["post", "edit", "quiet", &edited]).await;
    wait_for(&crowd, "Update quiet").await;
    // It comes back under a new id, as silently as it was published again.
    node.admin(&["post", "unpublish", "quiet", "--yes"]).await;
    wait_for(&crowd, "Delete -").await;
    change_silently(&node, "quiet", Change::Publish).await;
    eventually("it is published again", || async {
        (node.number(live).await == Some(1)).then_some(())
    })
    .await;
    node.publish("---\ntitle: Last\n---\nThe end.\n").await;
    wait_for(&crowd, "Create last").await;
    assert_eq!(told(&crowd), ["Create last", "Delete -", "Update quiet"]);
}

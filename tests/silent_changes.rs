//! Changes that are published without telling anybody.

use crate::support::{
    Crowd, Database, Peer, SignedGet, TestNode, both_databases, eventually, peer::any_key, sql,
};
use pamphlet::crypto::keys::PrivateKey;
use pamphlet::store::{ArticleStatus, Store};
use rstest_reuse::apply;
use std::sync::Arc;

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
    assert_eq!(
        told(&crowd),
        [
            "Create known",
            "Create known-twice",
            "Create last",
            "Create loud-then-silent",
            "Update known-twice",
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

/// Returns the types of the activities about an object that arrived at a server.
fn kinds_about(peer: &Peer, id: &str) -> Vec<String> {
    let received = peer.received().into_iter();
    let about = received.filter(|one| one.verified.is_ok());
    let about = about.filter(|one| {
        let object = &one.activity["object"];
        object == id || object["id"] == id
    });
    about
        .map(|one| one.activity["type"].as_str().unwrap().to_owned())
        .collect()
}

/// Three servers have followers. One fetches the article, and one replies to it. Another fetches it without a follower.
#[apply(both_databases)]
async fn edits_of_a_silent_article_reach_the_servers_that_have_it_and_its_end_reaches_all(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let mut peers = Vec::new();
    for name in ["reader", "critic", "ignorant", "passer-by"] {
        let peer = Peer::start(name).await;
        let actor = peer.actor("somebody").await;
        peers.push((peer, actor));
    }
    let [reader, critic, ignorant, passer_by] = &peers[..] else {
        unreachable!()
    };
    for (_, actor) in [reader, critic, ignorant] {
        actor.follow(&node.inbox(), &node.blog()).await;
    }
    draft(&node, "Quiet").await;
    change_silently(&node, "quiet", Change::Publish).await;
    let live = "SELECT COUNT(*) FROM publications WHERE state = 'live'";
    eventually("it is published", || async {
        (node.number(live).await == Some(1)).then_some(())
    })
    .await;
    let uid = &node.texts("SELECT uid FROM articles").await[0];
    let id = node.url(&format!("/articles/{uid}"));

    assert_eq!(SignedGet::by(&reader.1).of(&node, &id).await.status, 200);
    let permalink = node.document(&id).await.json()["url"].clone();
    let permalink = permalink.as_str().unwrap();
    let stranger = SignedGet::by(&passer_by.1);
    assert_eq!(stranger.of(&node, permalink).await.status, 200);
    // The signature of another key proves nothing.
    let is_other = |key: &Arc<PrivateKey>| key.public() != ignorant.1.key.public();
    let forged = SignedGet {
        key: (0..4).map(any_key).find(is_other).unwrap(),
        ..SignedGet::by(&ignorant.1)
    };
    assert_eq!(forged.of(&node, &id).await.status, 200);
    let inbox = node.inbox();
    critic.1.comment(&inbox, &id, "<p>I know it.</p>").await;
    eventually("the fetches are stored", || async {
        let hosts = "SELECT COUNT(*) FROM object_hosts";
        (node.number(hosts).await == Some(2)).then_some(())
    })
    .await;

    let edited = node.file("edited.md", "---\ntitle: Quiet\n---\nA word.\n");
    node.admin(&["post", "edit", "quiet", &edited, "--quiet"])
        .await;
    let edited = node.file("edited.md", "---\ntitle: Quiet\n---\nNew.\n");
    node.admin(&["post", "edit", "quiet", &edited]).await;
    for (peer, _) in [reader, critic, passer_by] {
        peer.wait_for("Update").await;
    }
    node.admin(&["post", "unpublish", "quiet", "--yes"]).await;
    passer_by.0.wait_for("Delete").await;
    // It comes back under a new id, as silently as it was published again.
    change_silently(&node, "quiet", Change::Publish).await;
    eventually("it is published again", || async {
        (node.number(live).await == Some(1)).then_some(())
    })
    .await;
    node.publish("---\ntitle: Last\n---\nThe end.\n").await;
    for (peer, _) in [reader, critic, ignorant] {
        peer.wait_for("Create").await;
        assert_eq!(peer.received_of("Create").len(), 1);
    }
    for (peer, _) in [reader, critic, passer_by] {
        assert_eq!(kinds_about(peer, &id), ["Update", "Delete"]);
    }
    assert_eq!(kinds_about(&ignorant.0, &id), ["Delete"]);
}

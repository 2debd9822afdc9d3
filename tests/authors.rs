//! Authors: their profiles, and what remains of one who is removed, here and on other servers.

use crate::{
    assert_printed,
    support::{
        Database, Peer, TestNode, both_databases, eventually, peer::Canned, peer::webfinger_path,
    },
};
use rstest_reuse::apply;
use serde_json::json;

async fn add_federated(node: &TestNode, username: &str, name: &str) -> String {
    node.admin(&["author", "add", username, "--name", name, "--federated"])
        .await;
    let actor = node.url(&format!("/users/{username}"));
    eventually("the author has an actor", || async {
        (node.document(&actor).await.status == 200).then_some(())
    })
    .await;
    actor
}

/// Returns whether the database refuses a statement.
async fn is_refused(node: &TestNode, statement: &str) -> bool {
    let (url, statement) = (node.database_url.clone(), statement.to_owned());
    tokio::spawn(async move { crate::support::sql::run(&url, &statement).await })
        .await
        .is_err()
}

#[apply(both_databases)]
async fn a_deleted_actor_is_gone_for_good_and_its_articles_stay(#[case] database: Database) {
    let (node, peer) = (TestNode::start(database).await, Peer::start("peer").await);
    let reader = peer.actor("reader").await;
    let actor = add_federated(&node, "ana", "Ana").await;
    reader.follow(&node.inbox(), &actor).await;
    peer.wait_for("Accept").await;
    let article = node
        .publish("---\ntitle: A shelf\nauthor: ana\n---\nA text about books.\n")
        .await;
    let created = peer.wait_for("Create").await;
    assert_eq!(created.activity["actor"], json!(actor));

    for (command, message) in [
        (
            vec!["author", "remove", "ana", "--yes"],
            "add --delete-actor",
        ),
        (
            vec!["author", "remove", "ana", "--delete-actor"],
            "add --yes",
        ),
    ] {
        let output = node.cli(&command).await;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(message), "{errors}");
    }
    assert!(is_refused(&node, "DELETE FROM authors WHERE username = 'ana'").await);

    // As long as a server has not got the Delete, it can fetch the key that signed it.
    peer.respond_next(vec![Canned::status(503)]);
    assert_printed!(
        "author_remove",
        node.transcript(&["author", "remove", "ana", "--delete-actor", "--yes"])
            .await
    );
    eventually("the first attempt failed", || async {
        let failing = "SELECT COUNT(*) FROM destinations WHERE failures > 0";
        (node.number(failing).await == Some(1)).then_some(())
    })
    .await;
    let document = node.document(&actor).await;
    assert_eq!(document.status, 200, "{}", document.text);
    assert_eq!(document.json()["name"], "Ana");
    node.admin(&["deliveries", "retry"]).await;
    let delete = peer.wait_for("Delete").await;
    assert_eq!(
        (&delete.activity["actor"], &delete.activity["object"]),
        (&json!(actor), &json!(actor))
    );
    assert!(delete.verified.is_ok(), "{:?}", delete.verified);
    let tombstone = eventually("the actor is a tombstone", || async {
        let response = node.document(&actor).await;
        (response.status == 410).then(|| response.json())
    })
    .await;
    assert_eq!(
        (
            &tombstone["type"],
            &tombstone["formerType"],
            &tombstone["id"]
        ),
        (&json!("Tombstone"), &json!("Person"), &json!(actor))
    );
    let handle = format!("ana@{}", node.origin.trim_start_matches("http://"));
    for path in [
        "/authors/ana".to_owned(),
        "/users/ana".to_owned(),
        "/users/ana/outbox".to_owned(),
        webfinger_path(&handle),
    ] {
        assert_eq!(node.page(&path).await.status, 410, "{path}");
    }

    // The article stays on the site, with its byline.
    let page = node.page(&article.url).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Ana"), "{}", page.text);
    assert!(
        !page.text.contains("application/activity+json"),
        "{}",
        page.text
    );
    assert_eq!(node.document(&article.id).await.status, 410);
    let outbox = node
        .document(&format!("{}/outbox", node.blog()))
        .await
        .json();
    assert_eq!(outbox["totalItems"], 0, "{outbox}");

    // Nothing is sent as the deleted actor any more.
    reader.follow(&node.inbox(), &node.blog()).await;
    let edited = node.file("edited.md", "---\ntitle: A shelf\n---\nAnother text.\n");
    node.admin(&["post", "edit", &article.slug, &edited]).await;
    node.admin(&["post", "unpublish", &article.slug, "--yes"])
        .await;
    eventually("the article is withdrawn", || async {
        let gone = "SELECT COUNT(*) FROM publications WHERE state = 'gone'";
        (node.number(gone).await == Some(1)).then_some(())
    })
    .await;
    node.admin(&["post", "publish", &article.slug]).await;
    let again = eventually("the article is the site's", || async {
        let creates = peer.received_of("Create");
        creates
            .into_iter()
            .find(|create| create.activity["actor"] == json!(node.blog()))
    })
    .await;
    assert_ne!(again.activity["object"]["id"], json!(article.id));
    assert!(peer.received_of("Update").is_empty());
    let deletes = peer.received_of("Delete");
    assert!(
        deletes
            .iter()
            .all(|delete| delete.activity["object"] == json!(actor))
    );

    // The name is never given away again.
    let output = node
        .cli(&["author", "add", "ana", "--name", "Another"])
        .await;
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        errors.contains("belonged to an actor that was deleted"),
        "{errors}"
    );
    assert!(
        is_refused(
            &node,
            "INSERT INTO authors (username, name) VALUES ('ana', 'Another')"
        )
        .await
    );
    node.admin(&["author", "add", "ben", "--name", "Ben"]).await;
    assert!(
        is_refused(
            &node,
            "UPDATE authors SET username = 'ana' WHERE username = 'ben'"
        )
        .await
    );
}

#[apply(both_databases)]
async fn a_removed_author_leaves_the_byline(#[case] database: Database) {
    let (node, peer) = (TestNode::start(database).await, Peer::start("peer").await);
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    node.admin(&["author", "add", "ben", "--name", "Ben Writer"])
        .await;
    let article = node
        .publish("---\ntitle: A shelf\nauthor: ben\n---\nA text about books.\n")
        .await;
    peer.wait_for("Create").await;
    let removed = node.admin_json(&["author", "remove", "ben", "--yes"]).await;
    assert_eq!(
        removed,
        json!({"username": "ben", "removed": true, "articles": 1, "actor": null, "servers": null})
    );
    assert!(node.page(&article.url).await.text.contains("Ben Writer"));
    assert_eq!(node.admin_json(&["author", "list"]).await, json!([]));
    assert_eq!(
        node.cli(&["author", "remove", "ben", "--yes"])
            .await
            .status
            .code(),
        Some(1)
    );
    // The byline was not sent, so followers get no Update.
    node.publish_any().await;
    eventually("the next article arrives", || async {
        (peer.received_of("Create").len() == 2).then_some(())
    })
    .await;
    assert!(peer.received_of("Update").is_empty());
    // The name of a plain author is free again.
    node.admin(&["author", "add", "ben", "--name", "Ben"]).await;
}

#[apply(both_databases)]
async fn a_profile_is_edited_and_its_followers_learn_of_it(#[case] database: Database) {
    let (node, peer) = (TestNode::start(database).await, Peer::start("peer").await);
    let reader = peer.actor("reader").await;
    let actor = add_federated(&node, "ana", "Ana").await;
    reader.follow(&node.inbox(), &actor).await;
    peer.wait_for("Accept").await;
    let picture = node.folder.path().join("ana.png");
    image::RgbImage::new(8, 8).save(&picture).unwrap();
    let picture = picture.display().to_string();
    let changed = node
        .admin_json(&[
            "author",
            "edit",
            "ana",
            "--name",
            "Ana Banana",
            "--bio",
            "Writes about *books*.",
            "--picture",
            &picture,
            "--picture-alt",
            "Ana",
            "--link",
            "Website=https://ana.example/",
        ])
        .await;
    assert_eq!(changed["name"], "Ana Banana");
    assert_eq!(changed["links"][0]["url"], "https://ana.example/");
    let update = peer.wait_for("Update").await;
    let profile = &update.activity["object"];
    assert_eq!(profile["name"], "Ana Banana");
    assert_eq!(profile["summary"], "<p>Writes about <em>books</em>.</p>");
    assert!(profile["icon"]["url"].as_str().unwrap().contains("/media/"));
    let fields = profile["attachment"].as_array().unwrap();
    assert!(
        fields
            .iter()
            .any(|field| field["type"] == "PropertyValue" && field["name"] == "Website"),
        "{fields:?}"
    );
    let same = node
        .admin(&["author", "edit", "ana", "--name", "Ana Banana"])
        .await;
    assert!(same.starts_with("Nothing changed"), "{same}");
    let filters = [(r"/media/\S+", "/media/[PICTURE]")];
    assert_printed!(
        "author_show",
        node.transcript(&["author", "show", "ana"]).await,
        &filters
    );
    assert_printed!(
        "author_show_nobody",
        node.transcript(&["author", "show", "nobody"]).await
    );
}

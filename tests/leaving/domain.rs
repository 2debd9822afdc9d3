//! `pamphlet publication move`: the publication changes its own domain.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Gets a path of the node under another name.
async fn document_at(node: &TestNode, host: &str, path: &str) -> (u16, Value) {
    let port = node.origin.rsplit(':').next().unwrap();
    let response = node
        .client()
        .get(format!("http://127.0.0.1:{port}{path}"))
        .header("host", host)
        .header("accept", "application/activity+json")
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// The node's former name is `localhost`, its new one `moved.localhost`.
#[apply(both_databases)]
async fn the_old_name_stays_with_all_it_had_and_followers_are_asked_to_the_new_one(
    #[case] database: Database,
) {
    let mut node = TestNode::start(database).await;
    let peer = Peer::start("reader").await;
    let follower = peer.actor("follower").await;
    let (old_blog, old_host) = (node.blog(), node.node.config.domain.clone());
    follower.follow(&node.inbox(), &old_blog).await;
    let old = node.publish("---\ntitle: Old\n---\nBefore.\n").await;
    node.admin(&["note", "A note from before."]).await;
    eventually("both have arrived", || async {
        (peer.received_of("Create").len() == 2).then_some(())
    })
    .await;
    let old_key = peer.received_of("Create")[0].verified.clone().unwrap();
    let new_host = format!("moved.{old_host}");
    let new_origin = format!("http://{new_host}");
    let to = ["publication", "move", "--to", &new_origin];

    let running = node.cli(&[&to[..], &["--yes"]].concat()).await;
    let error = String::from_utf8(running.stderr).unwrap();
    assert!(
        !running.status.success() && error.contains("stop it"),
        "{error}"
    );
    // Other software gave this address away.
    let mut tx = node.node.store.begin().await.unwrap();
    tx.add_address("/?author=1", "/users/blog").await.unwrap();
    tx.commit().await.unwrap();
    node.stop().await;
    node.admin(&["note", "A note that waits for the move."])
        .await;
    let plan = node.admin_json(&[&to[..], &["--dry-run"]].concat()).await;
    assert_eq!(plan["actors"], json!([format!("@blog@{old_host}")]));
    node.admin(&[&to[..], &["--yes"]].concat()).await;
    let config = std::fs::read_to_string(&node.config_file).unwrap();
    let config = config.replace(
        &format!("public_url = \"{}\"", node.origin),
        &format!("public_url = \"{new_origin}\""),
    );
    std::fs::write(&node.config_file, config).unwrap();
    node.restart().await;

    // The old name still has its actor, its articles and its handle; the new one has a successor.
    let (status, actor) = document_at(&node, &old_host, "/users/blog").await;
    assert_eq!((status, &actor["id"]), (200, &json!(old_blog)));
    assert_eq!(actor["inbox"], format!("{old_blog}/inbox"));
    assert_eq!(actor["preferredUsername"], "blog");
    let (_, at_former_address) = document_at(&node, &old_host, "/?author=1").await;
    assert_eq!(at_former_address["id"], old_blog);
    // All that it links to is on the old name too.
    let tags = actor["featuredTags"].as_str().unwrap();
    let (_, collection) =
        document_at(&node, &old_host, tags.strip_prefix(&node.origin).unwrap()).await;
    assert_eq!(collection["id"], tags);
    eventually("the note that waited is the successor's", || async {
        let notes = "SELECT COUNT(*) FROM notes n JOIN local_actors a ON a.id = n.local_actor_id
             WHERE n.state = 'live' AND n.uri IS NULL AND a.former_handle IS NULL";
        (node.number(notes).await == Some(1)).then_some(())
    })
    .await;
    let new_blog = format!("{new_origin}/users/blog");
    let (_, actor) = document_at(&node, &new_host, "/users/blog").await;
    assert_eq!(
        (&actor["id"], &actor["alsoKnownAs"]),
        (&json!(new_blog), &json!([old_blog]))
    );
    let path = old.id.strip_prefix(&node.origin).unwrap();
    let (_, article) = document_at(&node, &old_host, path).await;
    assert_eq!(
        (&article["id"], &article["attributedTo"]),
        (&json!(old.id), &json!(old_blog))
    );
    for (host, id) in [(&old_host, &old_blog), (&new_host, &new_blog)] {
        let finger = format!("/.well-known/webfinger?resource=acct:blog@{host}");
        let (_, found) = document_at(&node, host, &finger).await;
        assert_eq!(found["subject"], format!("acct:blog@{host}"));
        assert_eq!(found["links"][0]["href"], id.as_str());
    }
    let permalink = old.url.strip_prefix(&node.origin).unwrap();
    let redirect = node
        .get_with(permalink, &[("host", &old_host), ("accept", "text/html")])
        .await;
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (301, format!("{new_origin}{permalink}").as_str())
    );

    node.admin(&["publication", "move", "--send", "--yes"])
        .await;
    let moved = peer.wait_for("Move").await;
    assert_eq!(moved.verified, Ok(old_key.clone()));
    assert_eq!(moved.activity["actor"], old_blog);
    assert_eq!(moved.activity["target"], new_blog);
    assert!(
        moved.activity["id"]
            .as_str()
            .unwrap()
            .contains(&format!("//{old_host}/"))
    );
    let (_, actor) = document_at(&node, &old_host, "/users/blog").await;
    assert_eq!(actor["movedTo"], new_blog);

    // The follower's server follows the successor. A new article is the successor's, an edit of an old one its actor's.
    let new_inbox = format!("{new_origin}/inbox");
    follower.follow(&new_inbox, &new_blog).await;
    let edited = node.file("edited.md", "---\ntitle: Old\n---\nBefore, corrected.\n");
    node.admin(&["post", "edit", "old", &edited]).await;
    let new = node.publish("---\ntitle: New\n---\nAfter.\n").await;
    assert!(new.id.starts_with(&new_origin), "{}", new.id);
    let of_new = eventually("the new article arrives", || async {
        let mut all = peer.received_of("Create");
        all.retain(|one| one.activity["object"]["id"] == new.id);
        all.into_iter().next()
    })
    .await;
    assert_eq!(of_new.activity["actor"], new_blog);
    assert!(of_new.verified.unwrap().starts_with(&new_blog));
    let of_old = eventually("the edit arrives", || async {
        let mut all = peer.received_of("Update");
        all.retain(|one| one.activity["object"]["id"] == old.id);
        all.into_iter().next()
    })
    .await;
    assert_eq!(of_old.verified, Ok(old_key));
    assert_eq!(of_old.activity["actor"], old_blog);

    // A reply to the old id, sent to the old inbox, is a comment under the article.
    follower
        .comment(&format!("{old_blog}/inbox"), &old.id, "<p>I found it.</p>")
        .await;
    assert!(node.comments().await[0].to_string().contains("I found it."));
}

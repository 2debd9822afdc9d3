//! The publication moves here from other accounts, and away to another one.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn aliases(node: &TestNode) -> Value {
    node.document(&node.blog()).await.json()["alsoKnownAs"].clone()
}

async fn complaint(node: &TestNode, arguments: &[&str]) -> String {
    let output = node.cli(arguments).await;
    assert!(!output.status.success(), "{arguments:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    error
}

#[apply(both_databases)]
async fn an_old_account_is_named_and_its_followers_come(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, readers) = (Peer::start("old").await, Peer::start("readers").await);
    let old = home.actor("writer").await;
    let finger = format!(
        "/.well-known/webfinger?resource=acct%3Awriter%40{}",
        home.authority.replace(':', "%3A")
    );
    let links = json!([{"rel": "self", "type": "application/activity+json", "href": old.id}]);
    let jrd = json!({"subject": format!("acct:writer@{}", home.authority), "links": links});
    home.serve(
        &finger,
        Canned {
            headers: vec![("content-type".into(), "application/jrd+json".into())],
            ..Canned::document(&jrd)
        },
    );
    let first = readers.actor("first").await;
    first.follow(&node.inbox(), &node.blog()).await;
    assert_eq!(aliases(&node).await, json!([]));
    let handle = format!("@writer@{}", home.authority);
    node.admin(&["actor", "alias", "add", &handle]).await;
    assert_eq!(aliases(&node).await, json!([old.id]));
    assert_eq!(
        readers.wait_for("Update").await.activity["object"]["alsoKnownAs"],
        json!([old.id])
    );
    assert_eq!(
        node.admin_json(&["actor", "alias", "list"]).await,
        json!([old.id])
    );
    assert!(
        complaint(&node, &["actor", "alias", "add", &old.id])
            .await
            .contains("is already an alias")
    );
    // Each follower's server follows anew, all at once.
    let mut movers = Vec::new();
    for number in 0..40 {
        movers.push(readers.actor(&format!("mover{number}")).await);
    }
    let (inbox, blog) = (node.inbox(), json!(node.blog()));
    let follows = movers.iter().map(|mover| async {
        mover
            .deliver(&inbox, &mover.activity("Follow", blog.clone()))
            .await;
    });
    futures::future::join_all(follows).await;
    assert_eq!(node.total("/users/blog/followers").await, 41);
    eventually("all are accepted", || async {
        (readers.received_of("Accept").len() == 41).then_some(())
    })
    .await;
    // It is taken back also when its server is gone.
    home.serve("/users/writer", Canned::status(500));
    node.admin(&["actor", "alias", "remove", &old.id]).await;
    assert_eq!(aliases(&node).await, json!([]));
    assert!(
        complaint(&node, &["actor", "alias", "remove", &first.id])
            .await
            .contains("is not an alias")
    );
    node.admin(&["block", "add", "old.localhost"]).await;
    for (account, sentence) in [
        (node.blog(), "belongs to this publication"),
        (handle, "blocked"),
        (readers.url("/users/nobody"), "can't be found"),
        ("nonsense".into(), "neither a handle"),
    ] {
        let error = complaint(&node, &["actor", "alias", "add", &account]).await;
        assert!(error.contains(sentence), "{account}: {error}");
    }
}

#[apply(both_databases)]
async fn followers_are_sent_to_an_account_that_names_ours(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (readers, away) = (Peer::start("readers").await, Peer::start("away").await);
    let (reader, new) = (readers.actor("reader").await, away.actor("writer").await);
    reader.follow(&node.inbox(), &node.blog()).await;
    for (changes, sentence) in [
        (json!({}), "does not name"),
        (
            json!({"alsoKnownAs": [node.url("/users/other"), format!("{}/", node.blog())]}),
            "does not name",
        ),
        (
            json!({"alsoKnownAs": [node.blog()], "movedTo": reader.id}),
            "has moved on itself",
        ),
    ] {
        new.serve_with(changes.clone());
        let error = complaint(&node, &["actor", "move", "--to", &new.id, "--yes"]).await;
        assert!(error.contains(sentence), "{changes}: {error}");
    }
    let document = node.document(&node.blog()).await.json();
    assert_eq!(document.get("movedTo"), None);
    assert!(
        node.page("/")
            .await
            .text
            .contains("Follow from your server")
    );
    new.serve_with(json!({"alsoKnownAs": [node.blog()], "url": away.url("/@writer")}));
    node.admin(&["actor", "move", "--to", &new.id, "--yes"])
        .await;
    let moved = readers.wait_for("Move").await;
    moved.verified.clone().unwrap();
    let expected = json!([
        node.blog(),
        node.blog(),
        new.id,
        [format!("{}/followers", node.blog())]
    ]);
    let activity = &moved.activity;
    assert_eq!(
        json!([
            activity["actor"],
            activity["object"],
            activity["target"],
            activity["to"]
        ]),
        expected
    );
    let kinds: Vec<String> = readers
        .received()
        .iter()
        .map(|it| it.activity["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["Accept", "Update", "Move"]);
    assert_eq!(readers.received()[1].activity["object"]["movedTo"], new.id);
    assert_eq!(node.document(&node.blog()).await.json()["movedTo"], new.id);
    assert_eq!(
        node.document(moved.activity["id"].as_str().unwrap())
            .await
            .json()["target"],
        new.id
    );
    eventually("the page sends readers to the other account", || async {
        let page = node.page("/").await.text;
        let is_there = page.contains(&format!("href=\"{}\"", away.url("/@writer")))
            && !page.contains("Follow from your server");
        is_there.then_some(())
    })
    .await;
    // A late request is refused; the other followers stay.
    let late = readers.actor("late").await;
    late.deliver(&node.inbox(), &late.activity("Follow", json!(node.blog())))
        .await;
    readers.wait_for("Reject").await;
    assert_eq!(node.total("/users/blog/followers").await, 1);
    assert!(
        complaint(&node, &["actor", "move", "--to", &reader.id, "--yes"])
            .await
            .contains("moved to")
    );
    node.admin(&["actor", "move", "--cancel"]).await;
    assert_eq!(
        node.document(&node.blog()).await.json().get("movedTo"),
        None
    );
    late.follow(&node.inbox(), &node.blog()).await;
    assert!(
        complaint(&node, &["actor", "move", "--cancel"])
            .await
            .contains("has not moved")
    );
}

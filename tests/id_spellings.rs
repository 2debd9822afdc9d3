//! Remote ids are compared as URLs in any spelling (RFC 3986 6.2.2), and sent back in their original spelling.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns an id on a peer's host in another spelling.
fn respelled(id: &str) -> String {
    let upper = id.replacen("http://", "HTTP://", 1);
    let (host, path) = upper[7..].split_once('/').unwrap();
    let path = path.replacen('e', "%65", 1).replacen('s', "%73", 1);
    format!("HTTP://{}/{path}", host.to_uppercase())
}

/// Builds a signed activity with other spellings of its actor and key.
async fn deliver_respelled(node: &TestNode, actor: &Actor, activity: &Value) -> u16 {
    let mut activity = activity.clone();
    activity["actor"] = json!(respelled(&actor.id));
    let mut post = actor.signed(&node.inbox(), &activity);
    post.key_id = respelled(&actor.key_id);
    post.send().await.status
}

async fn followers(node: &TestNode) -> i64 {
    node.total(&format!("{}/followers", node.blog())).await
}

/// Builds a note with a chosen id.
fn note_at(actor: &Actor, path: &str, on: &str, text: &str) -> Value {
    let mut note = actor.note(on, text);
    note["id"] = json!(format!("{}{path}", actor.peer.origin));
    note["url"] = Value::Null;
    note
}

#[apply(both_databases)]
async fn an_actor_and_its_key_are_known_in_every_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("letters").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    // The node has never seen this actor.
    let follow = reader.activity("Follow", json!(node.blog()));
    assert_eq!(deliver_respelled(&node, &reader, &follow).await, 202);
    let accept = peer.wait_for("Accept").await.activity;
    assert_eq!(
        accept["object"]["actor"],
        respelled(&reader.id),
        "the follow comes back as it was"
    );
    assert_eq!(followers(&node).await, 1);
    reader.follow(&node.inbox(), &node.blog()).await;
    assert_eq!(followers(&node).await, 1);
    assert_eq!(
        node.number("SELECT COUNT(*) FROM remote_actors").await,
        Some(1)
    );
    let like = reader.activity("Like", json!(article.id));
    assert_eq!(deliver_respelled(&node, &reader, &like).await, 202);
    let likes = format!("{}/likes", article.id);
    assert_eq!(node.total(&likes).await, 1);
    // The undone activity is named by another spelling of its id.
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Undo", json!(respelled(like["id"].as_str().unwrap()))),
        )
        .await;
    assert_eq!(node.total(&likes).await, 0);
    // A document that uses different spellings of its own parts.
    let other = peer.actor("mixed").await;
    let mut document = other.document();
    document["publicKey"]["owner"] = json!(respelled(&other.id));
    document["publicKey"]["id"] = json!(respelled(&other.key_id));
    peer.serve("/users/mixed", Canned::document(&document));
    other
        .deliver(&node.inbox(), &other.activity("Like", json!(article.id)))
        .await;
    assert_eq!(node.total(&likes).await, 1);
    // The deletion of an actor, in another spelling.
    assert_eq!(
        deliver_respelled(
            &node,
            &reader,
            &reader.activity("Delete", json!(respelled(&reader.id)))
        )
        .await,
        202
    );
    assert_eq!(followers(&node).await, 0);
}

#[apply(both_databases)]
async fn a_comment_is_known_in_every_spelling_and_named_in_its_own(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Peer::start("letters").await.actor("reader").await;
    let article = node.publish_any().await;
    for path in [
        "/notes/first",
        "/notes/%e3%81%82",
        "/notes/~one",
        "/notes/%7Etwo",
        "/NOTES?id=%c3%a9",
    ] {
        let mut note = note_at(&reader, path, &article.id, "<p>As it was.</p>");
        let id = note["id"].as_str().unwrap().to_owned();
        note["attributedTo"] = json!(respelled(&reader.id));
        reader
            .deliver(&node.inbox(), &reader.activity("Create", note.clone()))
            .await;
        assert_eq!(node.replies(&article).await, [id.as_str()], "{path}");
        let variant = respelled(&id);
        let again = json!({"id": variant, "type": "Note", "attributedTo": reader.id, "inReplyTo": article.id,
            "content": "<p>As it was.</p>", "to": note["to"]});
        reader
            .deliver(&node.inbox(), &reader.activity("Create", again.clone()))
            .await;
        assert_eq!(node.replies(&article).await.len(), 1, "{path}");
        let reply = reader
            .comment(&node.inbox(), &variant, "<p>An answer.</p>")
            .await;
        assert_eq!(node.comments().await[0]["uri"], reply["id"], "{path}");
        reader
            .deliver(&node.inbox(), &reader.activity("Like", json!(variant)))
            .await;
        let mut edited = again.clone();
        edited["content"] = json!("<p>As it is now.</p>");
        edited["updated"] = json!("2026-11-24T12:00:00Z");
        reader
            .deliver(&node.inbox(), &reader.activity("Update", edited))
            .await;
        let page = node.page(&article.url).await.text;
        assert!(
            page.contains("As it is now.") && !page.contains("As it was."),
            "{path}"
        );
        reader
            .deliver(
                &node.inbox(),
                &reader.activity("Delete", reply["id"].clone()),
            )
            .await;
        reader
            .deliver(&node.inbox(), &reader.activity("Delete", json!(variant)))
            .await;
        assert!(node.replies(&article).await.is_empty(), "{path}");
        reader
            .deliver(&node.inbox(), &reader.activity("Create", again))
            .await;
        assert!(
            node.replies(&article).await.is_empty(),
            "{path}: it does not come back"
        );
    }
}

#[apply(both_databases)]
async fn what_is_no_spelling_is_another_id(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Peer::start("letters").await.actor("reader").await;
    let article = node.publish_any().await;
    let paths = [
        "/a/b",
        "/a%2Fb",
        "/a%252Fb",
        "/a/b/",
        "/A/b",
        "/a/b?c=1",
        "/a/b?c=2",
        "/a/b?c=1#d",
    ];
    for path in paths {
        let note = note_at(&reader, path, &article.id, "<p>One of many.</p>");
        reader
            .deliver(&node.inbox(), &reader.activity("Create", note))
            .await;
    }
    assert_eq!(node.replies(&article).await.len(), paths.len());
}

#[apply(both_databases)]
async fn rows_from_before_are_found_in_every_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let reader = Peer::start("letters").await.actor("reader").await;
    let article = node.publish_any().await;
    let follow = reader.follow(&node.inbox(), &node.blog()).await;
    let note = reader
        .comment(&node.inbox(), &article.id, "<p>From before.</p>")
        .await;
    node.stop().await;
    node.sql("UPDATE remote_actors SET uri = REPLACE(uri, '/users/', '/%75sers/');
            UPDATE remote_keys SET key_id = REPLACE(key_id, '/users/', '/%75sers/');
            UPDATE followers SET follow_uri = REPLACE(follow_uri, 'letters.localhost', 'Letters.LocalHost');
            UPDATE comments SET uri = REPLACE(uri, '/notes/', '/%6eotes/');
            DELETE FROM settings WHERE name = 'spellings are stored';").await;
    node.restart().await;
    reader
        .deliver(&node.inbox(), &reader.activity("Like", note["id"].clone()))
        .await;
    assert_eq!(
        node.number("SELECT COUNT(*) FROM reactions WHERE comment_id IS NOT NULL")
            .await,
        Some(1)
    );
    reader
        .deliver(&node.inbox(), &reader.activity("Update", reader.document()))
        .await;
    assert_eq!(
        node.number("SELECT COUNT(*) FROM remote_actors").await,
        Some(1)
    );
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Delete", note["id"].clone()),
        )
        .await;
    assert!(node.replies(&article).await.is_empty());
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Undo", follow["id"].clone()),
        )
        .await;
    assert_eq!(followers(&node).await, 0);
}

#[apply(both_databases)]
async fn the_address_of_a_comment_is_as_good_as_its_id(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("letters").await;
    let (reader, other) = (peer.actor("reader").await, peer.actor("other").await);
    let article = node.publish_any().await;
    let note = reader
        .comment(&node.inbox(), &article.id, "<p>Here I am.</p>")
        .await;
    let url = note["url"].as_str().unwrap();
    assert_ne!(note["url"], note["id"]);
    let reactions = "SELECT COUNT(*) FROM reactions WHERE comment_id IS NOT NULL";
    let like = other.activity("Like", json!(url));
    other.deliver(&node.inbox(), &like).await;
    other
        .deliver(
            &node.inbox(),
            &other.activity("Announce", json!(respelled(url))),
        )
        .await;
    assert_eq!(node.number(reactions).await, Some(2));
    let mut unlike = like.clone();
    unlike["id"] = json!(other.new_id("likes"));
    other
        .deliver(&node.inbox(), &other.activity("Undo", unlike))
        .await;
    assert_eq!(node.number(reactions).await, Some(1));
    let reply = other.comment(&node.inbox(), url, "<p>I see you.</p>").await;
    assert_eq!(
        node.replies(&article).await,
        [note["id"].as_str().unwrap(), reply["id"].as_str().unwrap()]
    );
    // Only its author may do that.
    let theft = other
        .send(&node.inbox(), &other.activity("Delete", json!(url)))
        .await;
    assert_eq!(theft.status, 403);
    reader
        .deliver(&node.inbox(), &reader.activity("Delete", json!(url)))
        .await;
    assert_eq!(
        node.replies(&article).await,
        [reply["id"].as_str().unwrap()]
    );
    // An address shared by several notes identifies none of them.
    let mut twins = [
        reader.note(&article.id, "<p>One.</p>"),
        reader.note(&article.id, "<p>Two.</p>"),
    ];
    for twin in &mut twins {
        twin["url"] = json!(format!("{}/thread", peer.origin));
        reader
            .deliver(&node.inbox(), &reader.activity("Create", twin.clone()))
            .await;
    }
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Delete", twins[0]["url"].clone()),
        )
        .await;
    assert_eq!(node.replies(&article).await.len(), 3);
}

#[apply(both_databases)]
async fn a_block_holds_in_every_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Peer::start("letters").await.actor("reader").await;
    let article = node.publish_any().await;
    reader
        .comment(&node.inbox(), &article.id, "<p>Not for long.</p>")
        .await;
    node.admin(&["block", "add", &respelled(&reader.id)]).await;
    eventually("the comment is hidden", || async {
        node.replies(&article).await.is_empty().then_some(())
    })
    .await;
    let like = reader.activity("Like", json!(article.id));
    assert_eq!(reader.send(&node.inbox(), &like).await.status, 403);
    assert_eq!(deliver_respelled(&node, &reader, &like).await, 403);
    node.admin(&["block", "remove", &reader.id]).await;
    assert_eq!(reader.send(&node.inbox(), &like).await.status, 202);
}

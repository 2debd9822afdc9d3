//! Who may do what: nobody speaks for another, whatever an activity claims.

use crate::support::{
    Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns a note as its author would write it. No server has it.
fn unserved(id: &str, author: &str, on: &str) -> Value {
    json!({"id": id, "type": "Note", "attributedTo": author, "inReplyTo": on,
        "content": "<p>Forged words.</p>", "to": [PUBLIC]})
}

/// Returns our origin in spellings that others might use.
fn spellings(node: &TestNode) -> Vec<String> {
    let port = node.origin.rsplit(':').next().unwrap();
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "LocalHost.",
        "ｌocalhost",
        "lo\u{ad}calhost",
        "%6cocalhost",
    ]
    .iter()
    .map(|name| format!("http://{name}:{port}"))
    .collect()
}

#[apply(both_databases)]
async fn words_are_believed_only_from_their_author_s_own_server(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (good, evil) = (Peer::start("good").await, Peer::start("evil").await);
    let (victim, mallory) = (good.actor("victim").await, evil.actor("mallory").await);
    let neighbour = evil.actor("neighbour").await;
    let article = node.publish_any().await;
    let elsewhere = unserved(&mallory.new_id("notes"), &victim.id, &article.id);
    evil.serve(
        elsewhere["id"]
            .as_str()
            .unwrap()
            .strip_prefix(&evil.origin)
            .unwrap(),
        Canned::document(&elsewhere),
    );
    for (name, note) in [
        (
            "on the victim's server, where it is not",
            unserved(&victim.new_id("notes"), &victim.id, &article.id),
        ),
        (
            "the sender's own, with an id on the victim's server",
            unserved(&victim.new_id("notes"), &mallory.id, &article.id),
        ),
        ("the victim's, served by the sender's server", elsewhere),
        (
            "of another actor of the sender's server, where it is not",
            unserved(&neighbour.new_id("notes"), &neighbour.id, &article.id),
        ),
        ("an id alone, of nothing", json!(victim.new_id("notes"))),
    ] {
        let reply = mallory
            .send(&node.inbox(), &mallory.activity("Create", note))
            .await;
        assert_eq!(reply.status, 202, "{name}: {}", reply.body);
        assert!(node.replies(&article).await.is_empty(), "{name}");
    }
    let real = victim.note(&article.id, "<p>My own words.</p>");
    let mut twisted = real.clone();
    twisted["content"] = json!("<p>Twisted words.</p>");
    mallory
        .deliver(&node.inbox(), &mallory.activity("Create", twisted))
        .await;
    let comments = node.comments().await;
    assert_eq!(comments.len(), 1);
    assert_eq!(comments[0]["text"], "My own words.");
    assert_eq!(comments[0]["handle"], format!("@victim@{}", good.authority));
}

#[apply(both_databases)]
async fn nobody_changes_or_takes_back_what_is_another_s(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("server").await;
    let (author, neighbour) = (peer.actor("author").await, peer.actor("neighbour").await);
    let stranger = Peer::start("elsewhere").await.actor("stranger").await;
    let article = node.publish_any().await;
    let follow = author.follow(&node.inbox(), &node.blog()).await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>As I wrote it.</p>")
        .await;
    let like = author.activity("Like", json!(article.id));
    let boost = author.activity("Announce", json!(article.id));
    author.deliver(&node.inbox(), &like).await;
    author.deliver(&node.inbox(), &boost).await;
    let mut changed = note.clone();
    changed["content"] = json!("<p>As they wish.</p>");
    let stolen = |activity: &Value, actor: &str| {
        let mut activity = activity.clone();
        activity["actor"] = json!(actor);
        activity
    };
    for (who, actor) in [
        ("a neighbour on the same server", &neighbour),
        ("a stranger", &stranger),
    ] {
        for (name, kind, object) in [
            ("an edit", "Update", changed.clone()),
            ("an edit by its id", "Update", note["id"].clone()),
            ("a deletion by its id", "Delete", note["id"].clone()),
            (
                "a deletion by a tombstone",
                "Delete",
                json!({"id": note["id"], "type": "Tombstone"}),
            ),
            ("a deletion of the author", "Delete", json!(author.id)),
            ("an edit of the author", "Update", author.document()),
            ("taking back the like by its id", "Undo", like["id"].clone()),
            ("taking back the like", "Undo", like.clone()),
            (
                "taking back the like as if it were theirs",
                "Undo",
                stolen(&like, &actor.id),
            ),
            ("taking back the boost", "Undo", boost.clone()),
            ("ending the follow by its id", "Undo", follow["id"].clone()),
            ("ending the follow", "Undo", follow.clone()),
            (
                "ending the follow as if it were theirs",
                "Undo",
                stolen(&follow, &actor.id),
            ),
            ("moving the author", "Move", json!(author.id)),
        ] {
            let mut activity = actor.activity(kind, object);
            activity["target"] = json!(actor.id);
            let reply = actor.send(&node.inbox(), &activity).await;
            let expected =
                if (who, name) == ("a neighbour on the same server", "an edit of the author") {
                    202
                } else {
                    403
                };
            assert_eq!(reply.status, expected, "{name} by {who}: {}", reply.body);
        }
    }
    let comments = node.comments().await;
    assert_eq!(
        (comments.len(), comments[0]["text"].as_str()),
        (1, Some("As I wrote it."))
    );
    assert_eq!(comments[0]["state"], "visible");
    assert_eq!(comments[0]["edited"], Value::Null);
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
    assert_eq!(node.total(&format!("{}/shares", article.id)).await, 1);
    assert_eq!(node.total(&format!("{}/followers", node.blog())).await, 1);
}

#[apply(both_databases)]
async fn answers_that_nobody_asked_for_change_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("answerer").await.actor("reader").await;
    let article = node.publish_any().await;
    actor.follow(&node.inbox(), &node.blog()).await;
    for kind in ["Accept", "Reject", "TentativeAccept", "TentativeReject"] {
        let ours = json!({"id": node.url("/activities/1"), "type": "Follow", "actor": node.blog(), "object": actor.id});
        actor
            .deliver(&node.inbox(), &actor.activity(kind, ours))
            .await;
    }
    for kind in ["Add", "Remove"] {
        let mut activity = actor.activity(kind, json!(article.id));
        activity["target"] = json!(format!("{}/featured", node.blog()));
        actor.deliver(&node.inbox(), &activity).await;
    }
    assert_eq!(node.dropped("answer to nothing that was asked").await, 4);
    assert_eq!(
        node.dropped("change of a collection that is not ours")
            .await,
        2
    );
    assert_eq!(node.total(&format!("{}/followers", node.blog())).await, 1);
    assert_eq!(node.total(&format!("{}/following", node.blog())).await, 0);
    let featured = node
        .document(&format!("{}/featured", node.blog()))
        .await
        .json();
    assert_eq!(
        featured["orderedItems"],
        json!([article.id]),
        "the newest, as before"
    );
    assert!(node.notices().await.is_empty());
}

#[apply(both_databases)]
async fn a_boost_shows_nothing_that_is_not_public(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("booster").await;
    let (reader, group) = (peer.actor("reader").await, peer.actor("club").await);
    group.serve_with(json!({"type": "Group"}));
    let article = node.publish_any().await;
    let file = node.file(
        "draft.md",
        "---\ntitle: Not yet\n---\nUnfinished business.\n",
    );
    let draft = node.admin_json(&["post", "draft", &file]).await;
    let withdrawn = node.publish("---\ntitle: No more\n---\nRegretted.\n").await;
    node.admin(&["post", "unpublish", &withdrawn.slug, "--yes"])
        .await;
    let mut private = reader.note(&article.id, "<p>Between us.</p>");
    private["to"] = json!([node.blog()]);
    private["cc"] = json!([]);
    let path = private["id"]
        .as_str()
        .unwrap()
        .strip_prefix(&peer.origin)
        .unwrap();
    peer.serve(path, Canned::document(&private));
    for (name, object) in [
        ("a draft by its id", draft["id"].clone()),
        ("a draft by its address", draft["url"].clone()),
        ("a withdrawn article", json!(withdrawn.id)),
        ("nothing", json!(node.url("/articles/none"))),
        ("our actor", json!(node.blog())),
        ("a private note", private["id"].clone()),
        ("a private note, embedded", private.clone()),
        ("a note that is not there", json!(reader.new_id("notes"))),
        ("a public copy of a private note", {
            let mut public = private.clone();
            public["to"] = json!([PUBLIC]);
            public
        }),
    ] {
        for actor in [&reader, &group] {
            let reply = actor
                .send(&node.inbox(), &actor.activity("Announce", object.clone()))
                .await;
            assert_eq!(reply.status, 202, "{name}: {}", reply.body);
        }
    }
    let mut whispered = reader.activity("Announce", json!(article.id));
    whispered["to"] = json!([format!("{}/followers", reader.id)]);
    whispered["cc"] = json!([]);
    reader.deliver(&node.inbox(), &whispered).await;
    assert_eq!(
        node.total(&format!("{}/shares", article.id)).await,
        0,
        "boosts"
    );
    let page = node.page(&article.url).await.text;
    assert!(page.contains("No comments yet"));
    for secret in ["Between us", "Unfinished business", "Regretted"] {
        assert!(!page.contains(secret), "{secret}");
    }
    assert!(node.comments().await.is_empty());
    node.admin(&["post", "publish", &withdrawn.slug]).await;
    // It comes back under a new id, since its old one is gone for good.
    let boosts = eventually("it is back", || async {
        let shown = node.admin_json(&["post", "show", &withdrawn.slug]).await;
        let document = node.document(shown["id"].as_str().unwrap()).await;
        (document.status == 200).then(|| document.json()["shares"]["totalItems"].clone())
    })
    .await;
    assert_eq!(boosts, 0, "boosts from before");
}

#[apply(both_databases)]
async fn an_update_neither_moves_nor_steals_a_comment(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("mover").await;
    let (author, other) = (peer.actor("author").await, peer.actor("other").await);
    let article = node.publish_any().await;
    let second = node.publish("---\ntitle: Another\n---\nText.\n").await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>First version.</p>")
        .await;
    let before = node.comments().await.remove(0);
    let mut moved = note.clone();
    moved["content"] = json!("<p>Second version.</p>");
    moved["attributedTo"] = json!(other.id);
    moved["inReplyTo"] = json!(second.id);
    moved["published"] = json!("2001-01-01T00:00:00Z");
    moved["url"] = json!("https://elsewhere.example/");
    author
        .deliver(&node.inbox(), &author.activity("Update", moved))
        .await;
    let after = node.comments().await.remove(0);
    assert_eq!(after["text"], "Second version.");
    assert!(after["edited"].is_string());
    for kept in ["uri", "url", "author", "handle", "published", "number"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(node.replies(&article).await.len(), 1);
    assert_eq!(node.total(&format!("{}/replies", second.id)).await, 0);
}

#[apply(both_databases)]
async fn nobody_acts_as_us_or_under_an_id_that_is_not_theirs(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, other) = (Peer::start("evil").await, Peer::start("good").await);
    let (mallory, victim) = (peer.actor("mallory").await, other.actor("victim").await);
    let article = node.publish_any().await;
    for origin in spellings(&node) {
        let us = format!("{origin}/users/blog");
        let mut activity = mallory.activity("Like", json!(article.id));
        activity["actor"] = json!(us);
        activity["id"] = json!(format!("{us}/likes/1"));
        for key_id in [
            mallory.key_id.clone(),
            format!("{us}#main-key"),
            format!("{}#main-key", node.blog()),
        ] {
            let mut post = mallory.signed(&node.inbox(), &activity);
            post.key_id = key_id.clone();
            let reply = post.send().await;
            assert!(
                [400, 403].contains(&reply.status),
                "{us} with {key_id}: {} {}",
                reply.status,
                reply.body
            );
        }
    }
    for (name, id) in [
        ("another server", victim.new_id("activities")),
        ("our server", node.url("/activities/1")),
        (
            "another port",
            format!(
                "http://evil.localhost:1{}",
                mallory.new_id("x").strip_prefix(&peer.origin).unwrap()
            ),
        ),
        (
            "a name that only ends alike",
            mallory.new_id("x").replace("evil.", "very.evil."),
        ),
        (
            "another scheme",
            mallory.new_id("x").replace("http:", "https:"),
        ),
    ] {
        let mut activity = mallory.activity("Like", json!(article.id));
        activity["id"] = json!(id);
        let reply = mallory.send(&node.inbox(), &activity).await;
        assert_eq!(reply.status, 403, "{name}: {}", reply.body);
    }
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
    assert!(other.gets().is_empty());
}

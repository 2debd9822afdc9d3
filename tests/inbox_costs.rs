//! What one incoming activity, or a storm of them, can make the node fetch.

use crate::support::{
    Database, Peer, TestNode, both_databases,
    peer::{Canned, PUBLIC},
};
use rstest_reuse::apply;
use serde_json::json;
use std::time::Duration;

#[apply(both_databases)]
async fn a_storm_that_names_one_unknown_actor_fetches_it_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("storm").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    peer.serve(
        "/users/reader",
        Canned {
            delay: Duration::from_millis(300),
            ..Canned::document(&actor.document())
        },
    );
    let posts: Vec<_> = (0..40)
        .map(|_| {
            actor.signed(
                &node.inbox(),
                &actor.activity("Create", actor.note(&article.id, "<p>Hi.</p>")),
            )
        })
        .collect();
    let replies = futures::future::join_all(posts.iter().map(|post| post.send())).await;
    for reply in replies {
        assert!(
            [202, 503].contains(&reply.status),
            "{} {}",
            reply.status,
            reply.body
        );
    }
    assert_eq!(peer.get_count("/users/reader"), 1);
    assert!(!node.replies(&article).await.is_empty());
}

#[apply(both_databases)]
async fn one_activity_causes_a_bounded_number_of_requests(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, mirror) = (Peer::start("maze").await, Peer::start("mirror").await);
    let group = peer.actor("club").await;
    group.serve_with(json!({"type": "Group"}));
    let article = node.publish_any().await;
    let redirect = |to: String| Canned {
        headers: vec![("location".into(), to)],
        ..Canned::status(302)
    };
    for step in 0..100 {
        peer.serve(
            &format!("/maze/{step}"),
            redirect(mirror.url(&format!("/maze/{step}"))),
        );
        mirror.serve(
            &format!("/maze/{step}"),
            redirect(peer.url(&format!("/maze/{}", step + 1))),
        );
    }
    peer.serve("/loop", redirect(peer.url("/loop")));
    // Each document has the id of the next one, and so on.
    for step in 0..100 {
        let note = json!({"id": peer.url(&format!("/alias/{}", step + 1)), "type": "Note", "attributedTo": group.id,
            "inReplyTo": article.id, "content": "x", "to": [PUBLIC]});
        peer.serve(&format!("/alias/{step}"), Canned::document(&note));
    }
    for (name, start) in [
        ("redirects", "/maze/0"),
        ("a redirect to itself", "/loop"),
        ("ids of other documents", "/alias/0"),
    ] {
        let before = peer.gets().len() + mirror.gets().len();
        let announce = group.activity("Announce", json!(peer.url(start)));
        let reply = group.send(&node.inbox(), &announce).await;
        assert_eq!(reply.status, 202, "{name}: {}", reply.body);
        let made = peer.gets().len() + mirror.gets().len() - before;
        assert!((1..=20).contains(&made), "{name}: {made} requests");
    }
    // The same from an actor whose own document leads nowhere.
    let lost = peer.actor("lost").await;
    for (name, path) in [("redirects", "/maze/0"), ("a redirect to itself", "/loop")] {
        let before = peer.gets().len() + mirror.gets().len();
        peer.serve("/users/lost", redirect(peer.url(path)));
        let mut post = lost.signed(&node.inbox(), &lost.activity("Like", json!(article.id)));
        post.key_id = format!("{}#{}", lost.id, name.replace(' ', "-"));
        let reply = post.send().await;
        assert_eq!(reply.status, 401, "{name}: {}", reply.body);
        let made = peer.gets().len() + mirror.gets().len() - before;
        assert!((1..=20).contains(&made), "{name}: {made} requests");
    }
    assert!(node.replies(&article).await.is_empty());
}

#[apply(both_databases)]
async fn collections_and_lists_in_an_activity_are_not_followed(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("endless").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    let mut note = actor.note(&article.id, "<p>Many friends.</p>");
    let many = |kind: &str| -> Vec<String> {
        (0..5000)
            .map(|n| peer.url(&format!("/{kind}/{n}")))
            .collect()
    };
    note["to"] = json!([vec![PUBLIC.to_owned()], many("to")].concat());
    note["cc"] = json!(many("cc"));
    note["replies"] = json!({"type": "Collection", "first": {"type": "CollectionPage", "next": peer.url("/next"), "items": many("items")}});
    note["context"] = json!(peer.url("/context"));
    note["attachment"] = json!([{"type": "Image", "url": peer.url("/picture")}]);
    note["tag"] = json!([{"type": "Mention", "href": peer.url("/users/friend")}, {"type": "Emoji", "icon": {"url": peer.url("/emoji")}}]);
    let activity = actor.activity("Create", note);
    actor.deliver(&node.inbox(), &activity).await;
    assert_eq!(node.replies(&article).await.len(), 1);
    assert_eq!(peer.gets(), ["/users/reader"], "only the key was fetched");
}

#[apply(both_databases)]
async fn ids_that_are_too_long_or_hold_control_characters_are_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("long").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    // Random enough that no database compresses it.
    let digits: String = (0..700u64)
        .map(|n| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    let long = |kind: &str| actor.new_id(kind) + &digits;
    let broken = |kind: &str| actor.new_id(kind) + "\r\nSet-Cookie: a=b\u{1b}[2J";
    for (name, kind, object) in [
        (
            "long note",
            "Create",
            json!({"id": long("notes"), "type": "Note", "attributedTo": actor.id, "inReplyTo": article.id, "content": "x", "to": PUBLIC}),
        ),
        (
            "broken note",
            "Create",
            json!({"id": broken("notes"), "type": "Note", "attributedTo": actor.id, "inReplyTo": article.id, "content": "x", "to": PUBLIC}),
        ),
        ("long deletion", "Delete", json!(long("notes"))),
        ("broken deletion", "Delete", json!(broken("notes"))),
        ("long like", "Like", json!(long("notes"))),
        ("long undo", "Undo", json!(long("likes"))),
        ("long report", "Flag", json!([node.blog(), long("notes")])),
        ("long boost", "Announce", json!(long("notes"))),
        (
            "long update",
            "Update",
            json!({"id": long("notes"), "type": "Note"}),
        ),
    ] {
        let reply = actor
            .send(&node.inbox(), &actor.activity(kind, object))
            .await;
        assert!(
            [202, 400].contains(&reply.status),
            "{name}: {} {}",
            reply.status,
            reply.body
        );
    }
    for (name, id) in [("long", long("follows")), ("broken", broken("follows"))] {
        let mut like = actor.activity("Like", json!(article.id));
        like["id"] = json!(id);
        let reply = actor.send(&node.inbox(), &like).await;
        assert!(
            [202, 400, 403].contains(&reply.status),
            "{name} activity id: {} {}",
            reply.status,
            reply.body
        );
    }
    assert!(node.comments().await.is_empty());
    for notice in node.notices().await {
        assert!(!notice.to_string().contains("\\u001b"), "{notice}");
    }
}

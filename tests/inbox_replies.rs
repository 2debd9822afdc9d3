//! Which replies become comments, which are kept out, and how threads hold together.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{Canned, PUBLIC},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn create(node: &TestNode, actor: &Actor, note: &Value) {
    let activity = actor.activity("Create", note.clone());
    actor.deliver(&node.inbox(), &activity).await;
}

fn private(actor: &Actor, on: &str, to: Value) -> Value {
    let mut note = actor.note(on, "<p>For your eyes only.</p>");
    note["to"] = to;
    note["cc"] = json!([]);
    note
}

async fn shows_nothing_of(node: &TestNode, article: &Article, secret: &str) {
    for url in [article.url.clone(), node.url("/"), node.url("/feed.atom")] {
        assert!(!node.page(&url).await.text.contains(secret), "{url}");
    }
    for url in [
        article.id.clone(),
        format!("{}/replies?page=first", article.id),
        format!("{}/outbox?page=first", node.blog()),
    ] {
        assert!(!node.document(&url).await.text.contains(secret), "{url}");
    }
}

#[apply(both_databases)]
async fn a_reply_that_was_deleted_before_it_came_is_not_shown(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("late").await;
    let (author, neighbour) = (peer.actor("author").await, peer.actor("neighbour").await);
    let article = node.publish_any().await;
    let note = author.note(&article.id, "<p>Too late.</p>");
    // An earlier Delete by another actor of its server changes nothing.
    for actor in [&neighbour, &author] {
        let delete = actor.activity("Delete", json!({"id": note["id"], "type": "Tombstone"}));
        assert!([202, 403].contains(&actor.send(&node.inbox(), &delete).await.status));
    }
    create(&node, &author, &note).await;
    assert!(node.replies(&article).await.is_empty());
    let other = author.note(&article.id, "<p>In time.</p>");
    neighbour
        .send(
            &node.inbox(),
            &neighbour.activity("Delete", other["id"].clone()),
        )
        .await;
    create(&node, &author, &other).await;
    assert_eq!(
        node.replies(&article).await,
        [other["id"].as_str().unwrap()]
    );
}

#[apply(both_databases)]
async fn a_deleted_comment_does_not_come_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("gone").await.actor("author").await;
    let article = node.publish_any().await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>Regretted.</p>")
        .await;
    author
        .deliver(
            &node.inbox(),
            &author.activity("Delete", note["id"].clone()),
        )
        .await;
    create(&node, &author, &note).await;
    author
        .deliver(&node.inbox(), &author.activity("Update", note.clone()))
        .await;
    assert!(node.replies(&article).await.is_empty());
    let kept = author
        .comment(&node.inbox(), &article.id, "<p>Removed by the admin.</p>")
        .await;
    let id = node.comments().await[0]["id"].to_string();
    node.admin(&["comments", "delete", &id, "--yes"]).await;
    create(&node, &author, &kept).await;
    author
        .deliver(&node.inbox(), &author.activity("Update", kept.clone()))
        .await;
    for text in ["Regretted.", "Removed by the admin."] {
        shows_nothing_of(&node, &article, text).await;
    }
}

#[apply(both_databases)]
async fn replies_to_what_takes_none_are_kept_out(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("eager").await.actor("author").await;
    let file = node.file("draft.md", "---\ntitle: A draft\n---\nText.\n");
    let draft = node.admin_json(&["post", "draft", &file]).await;
    let scheduled = node
        .publish("---\ntitle: Tomorrow\ndate: 2099-01-01\n---\nText.\n")
        .await;
    let withdrawn = node.publish("---\ntitle: Withdrawn\n---\nText.\n").await;
    node.admin(&["post", "unpublish", &withdrawn.slug, "--yes"])
        .await;
    let closed = node
        .publish("---\ntitle: Closed\ncomments: closed\n---\nText.\n")
        .await;
    let deleted = node.publish("---\ntitle: Deleted\n---\nText.\n").await;
    node.admin(&["post", "delete", &deleted.slug, "--yes"])
        .await;
    let draft = |field: &str| draft[field].as_str().unwrap().to_owned();
    for (name, parent) in [
        ("a draft", draft("id")),
        ("a draft by its address", draft("url")),
        ("a scheduled article", scheduled.id),
        ("a withdrawn article", withdrawn.id),
        ("an article with closed comments", closed.id.clone()),
        ("a deleted article", deleted.id),
        ("nothing of ours", node.url("/articles/none")),
    ] {
        let reply = author
            .send(
                &node.inbox(),
                &author.activity("Create", author.note(&parent, "<p>Me first!</p>")),
            )
            .await;
        assert_eq!(reply.status, 202, "{name}: {}", reply.body);
    }
    assert!(node.comments().await.is_empty());
    let page = node.page(&closed.url).await.text;
    assert!(page.contains("Comments are closed."));
}

#[apply(both_databases)]
async fn a_private_reply_is_for_the_admin_alone(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("discreet").await.actor("author").await;
    let article = node.publish_any().await;
    let public = author
        .comment(&node.inbox(), &article.id, "<p>In public.</p>")
        .await;
    let followers = format!("{}/followers", author.id);
    for (name, note) in [
        (
            "to us directly",
            private(&author, &article.id, json!([node.blog()])),
        ),
        (
            "to followers",
            private(&author, &article.id, json!([followers])),
        ),
        (
            "to nobody at all",
            private(&author, &article.id, Value::Null),
        ),
        (
            "to a comment",
            private(
                &author,
                public["id"].as_str().unwrap(),
                json!([node.blog()]),
            ),
        ),
    ] {
        // Also where the activity around it says otherwise.
        create(&node, &author, &note).await;
        let notices = node.notices().await;
        assert_eq!(notices[0]["kind"], "private", "{name}");
        assert_eq!(notices[0]["object"], note["id"], "{name}");
        assert!(
            notices[0]["text"]
                .as_str()
                .unwrap()
                .contains("For your eyes only."),
            "{name}"
        );
    }
    assert_eq!(node.replies(&article).await.len(), 1);
    shows_nothing_of(&node, &article, "your eyes only").await;
    let mut hidden = public.clone();
    hidden["to"] = json!([followers]);
    hidden["cc"] = Value::Null;
    author
        .deliver(&node.inbox(), &author.activity("Update", hidden))
        .await;
    shows_nothing_of(&node, &article, "In public.").await;
}

#[apply(both_databases)]
async fn blind_copies_are_never_shown(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("careless").await;
    let author = peer.actor("author").await;
    let article = node.publish_any().await;
    let mut note = author.note(&article.id, "<p>Hello.</p>");
    let secret = "https://secret.example/users/friend";
    note["bto"] = json!([secret]);
    note["bcc"] = json!(secret);
    let mut activity = author.activity("Create", note);
    activity["bto"] = json!([secret]);
    activity["bcc"] = json!([secret]);
    author.deliver(&node.inbox(), &activity).await;
    let mut follow = author.activity("Follow", json!(node.blog()));
    follow["bcc"] = json!([secret]);
    author.deliver(&node.inbox(), &follow).await;
    let accept = peer.wait_for("Accept").await.activity;
    assert_eq!(
        node.document(accept["id"].as_str().unwrap()).await.status,
        404,
        "the Accept is not public"
    );
    assert_eq!(node.replies(&article).await.len(), 1);
    shows_nothing_of(&node, &article, "secret.example").await;
}

#[apply(both_databases)]
async fn a_long_thread_is_shown_whole_and_flat(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("chain").await.actor("author").await;
    let article = node.publish_any().await;
    let mut parent = article.id.clone();
    for number in 1..=110 {
        let note = author
            .comment(&node.inbox(), &parent, &format!("<p>Level {number}.</p>"))
            .await;
        parent = note["id"].as_str().unwrap().to_owned();
    }
    let first = node.page(&article.url).await.text;
    assert!(first.contains("110 comments"));
    assert!(
        first.contains("Level 1.") && first.contains("Level 100.") && !first.contains("Level 101.")
    );
    assert!(
        first.contains("in reply to #99"),
        "beyond a depth the parent is named"
    );
    assert!(
        first.matches("<ol").count() < 10,
        "the indentation is bounded"
    );
    let second = node.page(&format!("{}?after=100", article.url)).await.text;
    assert!(second.contains("Level 101.") && second.contains("Level 110."));
}

#[apply(both_databases)]
async fn a_tombstone_keeps_its_thread_together(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("thread").await;
    let (author, other) = (peer.actor("author").await, peer.actor("other").await);
    let article = node.publish_any().await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>Soon gone.</p>")
        .await;
    other
        .comment(
            &node.inbox(),
            note["id"].as_str().unwrap(),
            "<p>I answer.</p>",
        )
        .await;
    author
        .deliver(
            &node.inbox(),
            &author.activity("Delete", json!({"id": note["id"], "type": "Tombstone"})),
        )
        .await;
    let page = node.page(&article.url).await.text;
    assert!(!page.contains("Soon gone.") && !page.contains("@author@"));
    assert!(page.contains("Comment deleted") && page.contains("I answer."));
    // The thread goes on below the tombstone.
    other
        .comment(
            &node.inbox(),
            note["id"].as_str().unwrap(),
            "<p>And again.</p>",
        )
        .await;
    assert!(node.page(&article.url).await.text.contains("And again."));
}

#[apply(both_databases)]
async fn circles_and_parents_that_never_answer_hold_nothing_up(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, slow) = (Peer::start("circle").await, Peer::start("slow").await);
    let author = peer.actor("author").await;
    let article = node.publish_any().await;
    slow.serve(
        "/notes/1",
        Canned {
            delay: Duration::from_secs(60),
            ..Canned::status(200)
        },
    );
    let begun = Instant::now();
    create(
        &node,
        &author,
        &author.note(&slow.url("/notes/1"), "<p>To the slow one.</p>"),
    )
    .await;
    let (a, b) = (author.note(&article.id, ""), author.note(&article.id, ""));
    for (note, parent) in [(&a, &b), (&b, &a), (&a, &a)] {
        let mut note = note.clone();
        note["inReplyTo"] = parent["id"].clone();
        peer.serve(
            note["id"]
                .as_str()
                .unwrap()
                .strip_prefix(&peer.origin)
                .unwrap(),
            Canned::document(&note),
        );
        create(&node, &author, &note).await;
    }
    // A comment that its author moves below its own replies stays where it was.
    let first = author
        .comment(&node.inbox(), &article.id, "<p>First.</p>")
        .await;
    let second = author
        .comment(
            &node.inbox(),
            first["id"].as_str().unwrap(),
            "<p>Second.</p>",
        )
        .await;
    let mut bent = first.clone();
    bent["inReplyTo"] = second["id"].clone();
    author
        .deliver(&node.inbox(), &author.activity("Update", bent))
        .await;
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert_eq!(
        node.replies(&article).await,
        [
            first["id"].as_str().unwrap(),
            second["id"].as_str().unwrap()
        ]
    );
    let page = node.page(&article.url).await.text;
    assert!(page.contains("First.") && page.contains("Second."));
}

#[apply(both_databases)]
async fn a_post_that_only_mentions_us_is_a_notice(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("talker").await.actor("author").await;
    let article = node.publish_any().await;
    let mention = json!([{"type": "Mention", "href": node.blog(), "name": "@blog"}]);
    let mut note = author.note(&article.id, "<p>Have you read <b>this</b>?</p>");
    note["inReplyTo"] = Value::Null;
    note["tag"] = mention;
    create(&node, &author, &note).await;
    let mut unrelated = author.note(&node.url("/articles/none"), "<p>About something else.</p>");
    unrelated["to"] = json!([PUBLIC]);
    create(&node, &author, &unrelated).await;
    let notices = eventually("the notice is there", || async {
        Some(node.notices().await).filter(|notices| !notices.is_empty())
    })
    .await;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0]["kind"], "mention");
    assert_eq!(notices[0]["actor"], author.id);
    assert!(
        notices[0]["text"]
            .as_str()
            .unwrap()
            .contains("Have you read this?")
    );
    assert!(node.comments().await.is_empty());
    assert_eq!(node.dropped("post that is not about us").await, 1);
}

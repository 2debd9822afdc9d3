//! Replies, likes and boosts whose servers ask for approval (GoToSocial's interaction requests): decided by the
//! article's policy and by the admin.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{PUBLIC, ReceivedActivity},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns a request that embeds its interaction, as GoToSocial sends it.
fn request(actor: &Actor, kind: &str, target: &str, instrument: &Value) -> Value {
    let mut request = actor.activity(kind, json!(target));
    request["to"] = json!([target]);
    request.as_object_mut().unwrap().remove("cc");
    request["instrument"] = instrument.clone();
    request["instrument"]
        .as_object_mut()
        .unwrap()
        .remove("@context");
    request
}

/// Returns the `number`th answer to an activity or object.
async fn answer_to(peer: &Peer, id: &Value, number: usize) -> ReceivedActivity {
    let is_it = |delivered: &ReceivedActivity| {
        let object = &delivered.activity["object"];
        let is_answer = ["Accept", "Reject"]
            .iter()
            .any(|kind| delivered.activity["type"] == *kind);
        is_answer && (object == id || object["id"] == *id)
    };
    eventually(&format!("{id} is answered"), || async {
        peer.received().into_iter().filter(is_it).nth(number)
    })
    .await
}

async fn moderated(node: &TestNode) -> Article {
    let article = node
        .publish("---\ntitle: Looked at\ncomments: moderated\n---\nText.\n")
        .await;
    eventually("the article can be fetched", || async {
        (node.document(&article.id).await.status == 200).then_some(())
    })
    .await;
    article
}

async fn comment_id(node: &TestNode, uri: &Value) -> String {
    let comments = node.comments().await;
    let found = comments.iter().find(|comment| comment["uri"] == *uri);
    found.unwrap()["id"].to_string()
}

#[apply(both_databases)]
async fn a_requested_reply_gets_the_admins_decision(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, home) = (Peer::start("peer").await, Peer::start("home").await);
    let actor = peer.actor("writer").await;
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = moderated(&node).await;
    let note = actor.note(&article.id, "<p>May I?</p>");
    let asked = request(&actor, "ReplyRequest", &article.id, &note);
    actor.deliver(&node.inbox(), &asked).await;
    actor.deliver(&node.inbox(), &asked).await;
    let id = comment_id(&node, &note["id"]).await;
    assert_eq!(node.comments().await[0]["state"], "held");
    assert!(peer.received().is_empty(), "nothing is decided yet");
    node.admin(&["comments", "approve", &id]).await;
    let accept = answer_to(&peer, &asked["id"], 0).await;
    accept.verified.clone().unwrap();
    let accept = accept.activity;
    assert_eq!(
        (&accept["type"], &accept["actor"], &accept["to"]),
        (&json!("Accept"), &json!(node.blog()), &json!([actor.id]))
    );
    let object = &accept["object"];
    assert_eq!(
        (
            &object["type"],
            &object["instrument"],
            &object["object"],
            &object["actor"]
        ),
        (
            &json!("ReplyRequest"),
            &note["id"],
            &json!(article.id),
            &json!(actor.id)
        )
    );
    let authorization = accept["result"].as_str().unwrap();
    let stamp = node.document(authorization).await.json();
    assert_eq!(
        (&stamp["type"], &stamp["attributedTo"], &stamp["id"]),
        (
            &json!("ReplyAuthorization"),
            &json!(node.blog()),
            &json!(authorization)
        )
    );
    assert_eq!(
        (&stamp["interactingObject"], &stamp["interactionTarget"]),
        (&note["id"], &json!(article.id))
    );
    // The reply then arrives with its authorization, and is the stored comment.
    let mut create = actor.activity("Create", note.clone());
    create["object"]["replyAuthorization"] = json!(authorization);
    actor.deliver(&node.inbox(), &create).await;
    assert_eq!(
        (
            node.comments().await.len(),
            node.replies(&article).await.len()
        ),
        (1, 1)
    );
    // Hiding it rejects it; showing it again accepts it.
    node.admin(&["comments", "hide", &id]).await;
    let reject = answer_to(&peer, &asked["id"], 1).await.activity;
    assert_eq!(
        (&reject["type"], reject.get("result")),
        (&json!("Reject"), None)
    );
    assert_eq!(node.document(authorization).await.status, 410);
    node.admin(&["comments", "undo", &id]).await;
    assert_eq!(
        answer_to(&peer, &asked["id"], 2).await.activity["type"],
        "Accept"
    );
    assert_eq!(node.document(authorization).await.status, 200);
    // Its author deletes it.
    actor
        .deliver(&node.inbox(), &actor.activity("Delete", note["id"].clone()))
        .await;
    assert_eq!(node.document(authorization).await.status, 410);
    assert_eq!(
        home.received_of("Accept").len(),
        1,
        "the follow's: a request is nobody else's business"
    );
    assert_eq!(node.document("/authorizations/nothing").await.status, 404);
}

#[apply(both_databases)]
async fn a_reply_that_just_came_is_answered_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, home) = (Peer::start("peer").await, Peer::start("home").await);
    let (writer, pest) = (peer.actor("writer").await, peer.actor("pest").await);
    let reader = home.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = moderated(&node).await;
    let note = writer
        .comment(&node.inbox(), &article.id, "<p>Good.</p>")
        .await;
    let bad = pest
        .comment(&node.inbox(), &article.id, "<p>Bad.</p>")
        .await;
    node.admin(&["comments", "approve", &comment_id(&node, &note["id"]).await])
        .await;
    node.admin(&["comments", "spam", &comment_id(&node, &bad["id"]).await])
        .await;
    for peer in [&peer, &home] {
        let accept = answer_to(peer, &note["id"], 0).await;
        accept.verified.unwrap();
        let accept = accept.activity;
        assert_eq!(
            (&accept["object"], &accept["target"]),
            (&note["id"], &json!(article.id))
        );
        assert_eq!(
            (&accept["to"], &accept["cc"]),
            (
                &json!([writer.id]),
                &json!([PUBLIC, format!("{}/followers", node.blog())])
            )
        );
        let stamp = node
            .document(accept["result"].as_str().unwrap())
            .await
            .json();
        assert_eq!(
            (&stamp["type"], &stamp["interactingObject"]),
            (&json!("ReplyAuthorization"), &note["id"])
        );
    }
    let reject = answer_to(&peer, &bad["id"], 0).await.activity;
    assert_eq!(
        (&reject["type"], &reject["to"]),
        (&json!("Reject"), &json!([pest.id]))
    );
    // A trusted author gets an answer at once. A reply to another's comment is not ours to approve.
    node.admin(&["allow", "add", &reader.id]).await;
    let trusted = reader
        .comment(&node.inbox(), &article.id, "<p>Known.</p>")
        .await;
    assert_eq!(
        answer_to(&home, &trusted["id"], 0).await.activity["type"],
        "Accept"
    );
    let below = writer
        .comment(
            &node.inbox(),
            trusted["id"].as_str().unwrap(),
            "<p>Below.</p>",
        )
        .await;
    node.admin(&[
        "comments",
        "approve",
        &comment_id(&node, &below["id"]).await,
    ])
    .await;
    assert_eq!(node.number("SELECT COUNT(*) FROM approvals").await, Some(3));
    // Our own notes in the thread have the same policy, and their replies are answered too.
    node.admin(&[
        "reply",
        &comment_id(&node, &trusted["id"]).await,
        "Thank you.",
    ])
    .await;
    let printed = home.wait_for("Create").await;
    let printed = match printed.activity["object"]["type"].as_str() {
        Some("Note") => printed.activity["object"].clone(),
        _ => {
            eventually("the note arrives", || async {
                home.received_of("Create")
                    .into_iter()
                    .map(|create| create.activity["object"].clone())
                    .find(|object| object["type"] == "Note")
            })
            .await
        }
    };
    assert_eq!(
        printed["interactionPolicy"]["canReply"]["manualApproval"],
        json!([PUBLIC])
    );
    let answer = writer.note(printed["id"].as_str().unwrap(), "<p>Welcome.</p>");
    let asked = request(
        &writer,
        "ReplyRequest",
        printed["id"].as_str().unwrap(),
        &answer,
    );
    writer.deliver(&node.inbox(), &asked).await;
    node.admin(&[
        "comments",
        "approve",
        &comment_id(&node, &answer["id"]).await,
    ])
    .await;
    assert_eq!(
        answer_to(&peer, &asked["id"], 0).await.activity["object"]["object"],
        printed["id"]
    );
}

#[apply(both_databases)]
async fn what_needs_no_decision_is_answered_at_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let (writer, other) = (peer.actor("writer").await, peer.actor("other").await);
    let open = node.publish_any().await;
    let closed = node
        .publish("---\ntitle: Closed\ncomments: closed\n---\nText.\n")
        .await;
    let friends = node
        .publish("---\ntitle: Friends\ncomments: followers\n---\nText.\n")
        .await;
    eventually("all are told", || async {
        (node.document(&friends.id).await.status == 200).then_some(())
    })
    .await;
    for (article, expected) in [(&open, "Accept"), (&closed, "Reject"), (&friends, "Reject")] {
        let note = writer.note(&article.id, "<p>A thought.</p>");
        let asked = request(&writer, "ReplyRequest", &article.id, &note);
        writer.deliver(&node.inbox(), &asked).await;
        assert_eq!(
            answer_to(&peer, &asked["id"], 0).await.activity["type"],
            expected,
            "{}",
            article.slug
        );
    }
    writer.follow(&node.inbox(), &node.blog()).await;
    let note = writer.note(&friends.id, "<p>A friend now.</p>");
    let asked = request(&writer, "ReplyRequest", &friends.id, &note);
    writer.deliver(&node.inbox(), &asked).await;
    assert_eq!(
        answer_to(&peer, &asked["id"], 0).await.activity["type"],
        "Accept"
    );
    // The reply may arrive first, and the request may name it by its id alone.
    let note = writer
        .comment(&node.inbox(), &open.id, "<p>First.</p>")
        .await;
    let mut asked = request(&writer, "ReplyRequest", &open.url, &note);
    asked["instrument"] = note["id"].clone();
    writer.deliver(&node.inbox(), &asked).await;
    assert_eq!(
        answer_to(&peer, &asked["id"], 0).await.activity["object"]["object"],
        open.id
    );
    // Likes and boosts are open to everyone.
    for (kind, inner, stamp, total) in [
        ("LikeRequest", "Like", "LikeAuthorization", "likes"),
        (
            "AnnounceRequest",
            "Announce",
            "AnnounceAuthorization",
            "shares",
        ),
    ] {
        let interaction = writer.activity(inner, json!(open.id));
        let asked = request(&writer, kind, &open.id, &interaction);
        writer.deliver(&node.inbox(), &asked).await;
        let accept = answer_to(&peer, &asked["id"], 0).await.activity;
        let authorization = accept["result"].as_str().unwrap();
        assert_eq!(node.document(authorization).await.json()["type"], stamp);
        assert_eq!(node.total(&format!("{}/{total}", open.id)).await, 1);
        writer.deliver(&node.inbox(), &interaction).await;
        assert_eq!(
            node.total(&format!("{}/{total}", open.id)).await,
            1,
            "the same once more"
        );
        writer
            .deliver(
                &node.inbox(),
                &writer.activity("Undo", interaction["id"].clone()),
            )
            .await;
        assert_eq!(node.document(authorization).await.status, 410);
    }
    // A request for another's post, about nothing, or in a broken form gets no answer.
    let before = (peer.received().len(), node.comments().await.len());
    let theirs = other.note(&open.id, "<p>Mine.</p>");
    let astray = writer.note(&closed.id, "<p>Elsewhere.</p>");
    let nowhere = writer.note(&node.url("/articles/0123456789abcdef"), "<p>Nowhere.</p>");
    for (name, status, target, instrument) in [
        ("another's", 202, open.id.as_str(), theirs["id"].clone()),
        ("a reply to something else", 202, &open.id, astray),
        (
            "about nothing",
            202,
            nowhere["inReplyTo"].as_str().unwrap(),
            nowhere.clone(),
        ),
        (
            "on another host",
            403,
            &open.id,
            json!("http://elsewhere.localhost/notes/1"),
        ),
        ("no reply", 400, &open.id, Value::Null),
    ] {
        let mut asked = writer.activity("ReplyRequest", json!(target));
        asked["instrument"] = instrument;
        assert_eq!(
            writer.send(&node.inbox(), &asked).await.status,
            status,
            "{name}"
        );
    }
    assert_eq!((peer.received().len(), node.comments().await.len()), before);
}

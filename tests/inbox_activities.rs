//! What each activity does, and does once.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually, node::Article, peer::embedded,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

async fn followers(node: &TestNode) -> i64 {
    node.total(&format!("{}/followers", node.blog())).await
}

async fn likes_and_boosts(node: &TestNode, article: &Article) -> (i64, i64) {
    (
        node.total(&format!("{}/likes", article.id)).await,
        node.total(&format!("{}/shares", article.id)).await,
    )
}

async fn accepts(peer: &Peer, count: usize) -> Vec<Value> {
    eventually(&format!("{count} follows are accepted"), || async {
        let accepts = peer.received_of("Accept");
        (accepts.len() >= count)
            .then(|| accepts.into_iter().map(|accept| accept.activity).collect())
    })
    .await
}

fn without_id(mut activity: Value) -> Value {
    activity.as_object_mut().unwrap().remove("id");
    activity
}

/// Returns a group's boost of an actor's activity, as Lemmy sends it.
fn announce(group: &Actor, object: Value) -> Value {
    group.activity("Announce", object)
}

#[apply(both_databases)]
async fn a_follow_is_accepted_with_itself_and_a_repeat_again(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    let mut first = reader.activity("Follow", json!(node.blog()));
    first["something"] = json!({"of": ["their", "own"]});
    reader.deliver(&node.inbox(), &first).await;
    let answers = accepts(&peer, 1).await;
    assert_eq!(
        answers[0]["object"],
        embedded(&first),
        "the follow comes back as it was"
    );
    assert_eq!(answers[0]["actor"], node.blog());
    assert_eq!(answers[0]["to"], json!([reader.id]));
    let second = reader.activity("Follow", json!({"id": node.blog(), "type": "Person"}));
    reader
        .deliver(&format!("{}/inbox", node.blog()), &second)
        .await;
    assert_eq!(accepts(&peer, 2).await[1]["object"]["id"], second["id"]);
    assert_eq!(followers(&node).await, 1);
    for (name, whom) in [
        ("nobody", node.url("/users/nobody")),
        ("the instance", node.url("/actor")),
        ("an article", node.url("/articles/1")),
    ] {
        reader
            .deliver(&node.inbox(), &reader.activity("Follow", json!(whom)))
            .await;
        assert_eq!(followers(&node).await, 1, "{name}");
    }
    assert_eq!(node.dropped("follow of nobody here").await, 3);
}

#[apply(both_databases)]
async fn a_follow_ends_in_every_form_of_undo(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("leaver").await;
    let reader = peer.actor("reader").await;
    let mut times = 0;
    for name in [
        "embedded",
        "by id",
        "embedded, of another id",
        "embedded, without id",
        "without an id of its own",
        "as a list",
    ] {
        let follow = reader.activity("Follow", json!(node.blog()));
        reader.deliver(&node.inbox(), &follow).await;
        times += 1;
        accepts(&peer, times).await;
        assert_eq!(followers(&node).await, 1, "{name}");
        let undo = match name {
            "by id" => reader.activity("Undo", follow["id"].clone()),
            "embedded, of another id" => {
                let mut other = follow.clone();
                other["id"] = json!(reader.new_id("follows"));
                reader.activity("Undo", other)
            }
            "embedded, without id" => reader.activity("Undo", without_id(follow.clone())),
            "without an id of its own" => without_id(reader.activity("Undo", follow.clone())),
            "as a list" => reader.activity("Undo", json!([follow])),
            _ => reader.activity("Undo", follow.clone()),
        };
        reader.deliver(&node.inbox(), &undo).await;
        assert_eq!(followers(&node).await, 0, "{name}");
        reader.deliver(&node.inbox(), &undo).await;
    }
    assert!(node.dropped("undo of nothing here").await + node.dropped("repeat").await >= 6);
    // Nothing is delivered to a former follower.
    let other = Peer::start("stayer").await;
    other
        .actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.publish_any().await;
    other.wait_for("Create").await;
    assert!(peer.received_of("Create").is_empty());
}

#[apply(both_databases)]
async fn ids_made_of_actor_and_object_can_come_again(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("deterministic").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    let begun = SystemTime::now();
    let fixed = |kind: &str, id: &str, object: Value| {
        let mut activity = reader.activity(kind, object);
        activity["id"] = json!(peer.url(id));
        activity
    };
    let follow = fixed("Follow", "/follows/1", json!(node.blog()));
    let unfollow = fixed("Undo", "/follows/1/undo", follow.clone());
    let like = fixed("Like", "/likes/1", json!(article.id));
    let unlike = fixed("Undo", "/likes/1/undo", like.clone());
    // A real retry comes later, with another Date and signature.
    for round in 0..3 {
        for (after, activities, expected) in [
            (1, [&follow, &like], (1, 1)),
            (2, [&unfollow, &unlike], (0, 0)),
            // The same requests are repeated.
            (1, [&follow, &unfollow], (0, 0)),
        ] {
            let date = httpdate::fmt_http_date(begun + Duration::from_secs(60 * round + after));
            for activity in activities {
                let reply = reader
                    .signed(&node.inbox(), activity)
                    .header("date", &date)
                    .send()
                    .await;
                assert_eq!(reply.status, 202, "{}", reply.body);
            }
            let now = (
                followers(&node).await,
                likes_and_boosts(&node, &article).await.0,
            );
            assert_eq!(now, expected, "step {after} of round {round}");
        }
    }
}

#[apply(both_databases)]
async fn a_reaction_counts_once_for_each_actor_and_object(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("fans").await;
    let (one, two) = (peer.actor("one").await, peer.actor("two").await);
    let article = node.publish_any().await;
    let note = one
        .comment(&node.inbox(), &article.id, "<p>A comment.</p>")
        .await;
    let emoji = |actor: &Actor, kind: &str, emoji: &str| {
        let mut activity = actor.activity(kind, json!(article.id));
        activity["content"] = json!(emoji);
        activity
    };
    for (name, activity, expected) in [
        ("a like", one.activity("Like", json!(article.id)), (1, 0)),
        (
            "the same again",
            one.activity("Like", json!(article.id)),
            (1, 0),
        ),
        (
            "by the address of the page",
            one.activity("Like", json!(article.url)),
            (1, 0),
        ),
        (
            "an emoji of the same actor",
            emoji(&one, "EmojiReact", "🔥"),
            (1, 0),
        ),
        ("another emoji", emoji(&one, "Like", ":blobcat:"), (1, 0)),
        (
            "a dislike",
            two.activity("Dislike", json!(article.id)),
            (1, 0),
        ),
        (
            "an emoji of another actor",
            emoji(&two, "EmojiReact", "🔥"),
            (2, 0),
        ),
        (
            "a boost",
            one.activity("Announce", json!(article.id)),
            (2, 1),
        ),
        (
            "a boost again",
            one.activity("Announce", json!({"id": article.id, "type": "Article"})),
            (2, 1),
        ),
        (
            "a boost of another actor",
            two.activity("Announce", json!(article.url)),
            (2, 2),
        ),
        (
            "a like of a comment",
            two.activity("Like", note["id"].clone()),
            (2, 2),
        ),
        (
            "a boost of a comment",
            two.activity("Announce", note["id"].clone()),
            (2, 2),
        ),
        (
            "a like of nothing",
            two.activity("Like", json!(node.url("/articles/none"))),
            (2, 2),
        ),
    ] {
        let actor = if activity["actor"] == one.id {
            &one
        } else {
            &two
        };
        let reply = actor.send(&node.inbox(), &activity).await;
        assert_eq!(reply.status, 202, "{name}: {}", reply.body);
        assert_eq!(
            likes_and_boosts(&node, &article).await,
            expected,
            "after {name}"
        );
    }
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("1 like<") && page.contains("1 boost<"),
        "those of the comment"
    );
    assert_eq!(node.dropped("reaction to nothing here").await, 1);
}

#[apply(both_databases)]
async fn every_reaction_can_be_taken_back_in_every_form(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("fickle").await.actor("reader").await;
    let article = node.publish_any().await;
    for (kind, content) in [
        ("Like", None),
        ("Like", Some("👍")),
        ("EmojiReact", Some("🔥")),
        ("Announce", None),
    ] {
        for form in ["embedded", "by id", "without ids"] {
            let mut reaction = actor.activity(kind, json!(article.id));
            if let Some(content) = content {
                reaction["content"] = json!(content);
            }
            actor.deliver(&node.inbox(), &reaction).await;
            let (likes, boosts) = likes_and_boosts(&node, &article).await;
            assert_eq!(likes + boosts, 1, "{kind} {content:?}");
            let undo = match form {
                "by id" => actor.activity("Undo", reaction["id"].clone()),
                "without ids" => actor.activity("Undo", without_id(reaction)),
                _ => actor.activity("Undo", reaction),
            };
            actor.deliver(&node.inbox(), &undo).await;
            assert_eq!(
                likes_and_boosts(&node, &article).await,
                (0, 0),
                "{kind} {content:?} undone {form}"
            );
        }
    }
}

#[apply(both_databases)]
async fn a_group_is_a_hint_at_what_its_members_wrote(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (hall, home) = (Peer::start("hall").await, Peer::start("home").await);
    let (group, person) = (hall.actor("club").await, hall.actor("person").await);
    let author = home.actor("author").await;
    group.serve_with(json!({"type": "Group"}));
    let article = node.publish_any().await;
    let note = |text: &str| author.note(&article.id, &format!("<p>{text}</p>"));
    let (a, b, c, d) = (
        note("Within a Create."),
        note("By its id."),
        note("Embedded."),
        note("By a person."),
    );
    let mut lie = a.clone();
    lie["content"] = json!("<p>What the group wishes.</p>");
    for (name, announced) in [
        ("a Create", announce(&group, author.activity("Create", lie))),
        (
            "the same again",
            announce(&group, author.activity("Create", a.clone())),
        ),
        ("an id", announce(&group, b["id"].clone())),
        ("a note", announce(&group, c.clone())),
        (
            "a like of ours",
            announce(&group, author.activity("Like", json!(article.id))),
        ),
        (
            "a note that is gone",
            announce(&group, json!(author.new_id("notes"))),
        ),
        (
            "something unrelated",
            announce(
                &group,
                author.note("https://elsewhere.example/", "x")["id"].clone(),
            ),
        ),
    ] {
        let reply = group.send(&node.inbox(), &announced).await;
        assert_eq!(reply.status, 202, "{name}: {}", reply.body);
    }
    person
        .deliver(&node.inbox(), &announce(&person, d["id"].clone()))
        .await;
    assert_eq!(
        node.replies(&article).await,
        [&a, &b, &c].map(|note| note["id"].as_str().unwrap().to_owned())
    );
    let page = node.page(&article.url).await.text;
    assert!(page.contains("Within a Create.") && !page.contains("What the group wishes."));
    assert!(page.contains(&format!("@author@{}", home.authority)) && !page.contains("@club@"));
    // The group boosts the article itself, as everyone can.
    group
        .deliver(&node.inbox(), &announce(&group, json!(article.id)))
        .await;
    assert_eq!(likes_and_boosts(&node, &article).await, (0, 1));
}

#[apply(both_databases)]
async fn unknown_types_are_taken_and_counted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("inventor").await.actor("reader").await;
    let article = node.publish_any().await;
    for kind in [
        "View",
        "Listen",
        "Travel",
        "Offer",
        "Invite",
        "Question",
        "Arrive",
        "litepub:Bite",
        "https://example.org/ns#Own",
    ] {
        actor
            .deliver(&node.inbox(), &actor.activity(kind, json!(article.id)))
            .await;
    }
    assert!(node.dropped("unknown activity type").await >= 9);
    let counted = node.admin(&["notices", "dropped"]).await;
    assert!(counted.contains("unknown activity type"));
    // An object of an unknown type that answers an article is still an answer.
    let mut note = actor.note(&article.id, "<p>In a form of my own.</p>");
    note["type"] = json!("Recipe");
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note))
        .await;
    assert_eq!(node.replies(&article).await.len(), 1);
}

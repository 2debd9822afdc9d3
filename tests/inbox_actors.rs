//! What actors say about themselves and about us: moves, blocks, reports, farewells, new names; and edits.

use crate::support::{
    Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn followers(node: &TestNode) -> Vec<Value> {
    let url = format!("{}/followers?page=first", node.blog());
    node.document(&url).await.json()["orderedItems"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

async fn following(node: &TestNode) -> Vec<Value> {
    let url = format!("{}/following?page=first", node.blog());
    node.document(&url).await.json()["orderedItems"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

#[apply(both_databases)]
async fn our_follow_moves_along_if_the_new_account_names_the_old(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (old_home, new_home) = (Peer::start("old").await, Peer::start("new").await);
    let old = old_home.actor("writer").await;
    let (named, unnamed) = (
        new_home.actor("named").await,
        new_home.actor("unnamed").await,
    );
    named.serve_with(json!({"alsoKnownAs": ["https://else.example/1", old.id]}));
    new_home.serve("/users/gone", Canned::status(404));
    new_home.serve("/users/down", Canned::status(500));
    node.admin(&["follow", &old.id]).await;
    let follow = old_home.wait_for("Follow").await.activity;
    old.deliver(&node.inbox(), &old.activity("Accept", follow.clone()))
        .await;
    assert_eq!(following(&node).await, [json!(old.id)]);
    let moving_to = |target: Value| {
        let mut activity = old.activity("Move", json!(old.id));
        activity["target"] = target;
        activity
    };
    for (name, target, status) in [
        (
            "to an account that does not name the old one",
            json!(unnamed.id),
            202,
        ),
        (
            "to an account that is not there",
            json!(new_home.url("/users/gone")),
            202,
        ),
        (
            "to an account whose server is down",
            json!(new_home.url("/users/down")),
            503,
        ),
        ("to us", json!(node.blog()), 202),
        ("to nowhere", Value::Null, 400),
    ] {
        let reply = old.send(&node.inbox(), &moving_to(target)).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        assert_eq!(following(&node).await, [json!(old.id)], "{name}");
    }
    let stranger = old_home.actor("stranger").await;
    let mut theft = stranger.activity("Move", json!(old.id));
    theft["target"] = json!(named.id);
    assert_eq!(stranger.send(&node.inbox(), &theft).await.status, 403);
    old.deliver(
        &node.inbox(),
        &moving_to(json!({"id": named.id, "type": "Person"})),
    )
    .await;
    let undo = old_home.wait_for("Undo").await.activity;
    assert_eq!(undo["object"]["id"], follow["id"]);
    let asked = new_home.wait_for("Follow").await.activity;
    assert_eq!(
        (&asked["actor"], &asked["object"]),
        (&json!(node.blog()), &json!(named.id))
    );
    assert!(
        following(&node).await.is_empty(),
        "until the new account accepts"
    );
    named
        .deliver(&node.inbox(), &named.activity("Accept", asked))
        .await;
    assert_eq!(following(&node).await, [json!(named.id)]);
    // A repeat, and a move of an actor that nobody here follows, change nothing.
    old.deliver(&node.inbox(), &moving_to(json!(named.id)))
        .await;
    let idle = old_home.actor("idle").await;
    let mut unasked = idle.activity("Move", json!(idle.id));
    unasked["target"] = json!(unnamed.id);
    idle.deliver(&node.inbox(), &unasked).await;
    assert_eq!(
        node.dropped("move of somebody whom nobody here follows")
            .await,
        2
    );
    assert_eq!(
        new_home.get_count("/users/unnamed"),
        1,
        "nothing is fetched for that"
    );
    assert_eq!(
        (
            old_home.received_of("Undo").len(),
            new_home.received_of("Follow").len()
        ),
        (1, 1)
    );
}

#[apply(both_databases)]
async fn a_follower_who_moves_makes_nobody_else_a_follower(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (old_home, new_home) = (Peer::start("old").await, Peer::start("new").await);
    let (old, new) = (
        old_home.actor("reader").await,
        new_home.actor("reader").await,
    );
    new.serve_with(json!({"alsoKnownAs": [old.id]}));
    old.follow(&node.inbox(), &node.blog()).await;
    let mut activity = old.activity("Move", json!(old.id));
    activity["target"] = json!(new.id);
    old.deliver(&node.inbox(), &activity).await;
    assert_eq!(followers(&node).await, [json!(old.id)]);
    new.follow(&node.inbox(), &node.blog()).await;
    old.deliver(
        &node.inbox(),
        &old.activity(
            "Undo",
            json!({"type": "Follow", "actor": old.id, "object": node.blog()}),
        ),
    )
    .await;
    assert_eq!(
        followers(&node).await,
        [json!(new.id)],
        "they say so themselves"
    );
    node.publish_any().await;
    new_home.wait_for("Create").await;
    assert!(old_home.received_of("Create").is_empty());
}

#[apply(both_databases)]
async fn a_block_of_us_ends_the_follows_both_ways_and_is_told(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("blocker").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    reader.follow(&node.inbox(), &node.blog()).await;
    reader
        .comment(&node.inbox(), &article.id, "<p>My opinion.</p>")
        .await;
    let (friend, silent) = (peer.actor("friend").await, peer.actor("silent").await);
    for actor in [&reader, &friend, &silent] {
        node.admin(&["follow", &actor.id]).await;
        let follow = eventually("we ask to follow", || async {
            let asked = peer.received_of("Follow");
            asked
                .into_iter()
                .find(|follow| follow.activity["object"] == actor.id)
        })
        .await
        .activity;
        if actor.id != silent.id {
            actor
                .deliver(&node.inbox(), &actor.activity("Accept", follow))
                .await;
        }
    }
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Block", json!("https://else.example/users/x")),
        )
        .await;
    assert_eq!(
        (followers(&node).await.len(), following(&node).await.len()),
        (1, 2),
        "a block of somebody else"
    );
    let block = reader.activity("Block", json!(node.blog()));
    for actor in [&reader, &silent] {
        actor
            .deliver(&node.inbox(), &actor.activity("Block", json!(node.blog())))
            .await;
    }
    assert!(followers(&node).await.is_empty());
    assert_eq!(following(&node).await, [json!(friend.id)]);
    let late = silent.activity(
        "Accept",
        json!({"type": "Follow", "actor": node.blog(), "object": silent.id}),
    );
    silent.deliver(&node.inbox(), &late).await;
    assert_eq!(
        following(&node).await,
        [json!(friend.id)],
        "of what was asked nothing is left"
    );
    let notices = node.notices().await;
    let told = |actor: &str| {
        notices
            .iter()
            .any(|notice| notice["kind"] == "block" && notice["actor"] == actor)
    };
    assert!(told(&reader.id) && told(&silent.id), "{notices:?}");
    assert_eq!(
        node.replies(&article).await.len(),
        1,
        "what becomes of the comment is the admin's to decide"
    );
    reader
        .deliver(&node.inbox(), &reader.activity("Undo", block))
        .await;
    reader.follow(&node.inbox(), &node.blog()).await;
    assert_eq!(followers(&node).await.len(), 1);
}

#[apply(both_databases)]
async fn a_report_reaches_the_admin(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("reporter").await;
    let (reporter, author) = (peer.actor("reporter").await, peer.actor("author").await);
    // Mastodon reports as its instance actor.
    reporter.serve_with(json!({"type": "Application"}));
    let article = node.publish_any().await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>Offensive.</p>")
        .await;
    for (name, object, named) in [
        (
            "a comment with its author, as Mastodon does",
            json!([author.id, note["id"]]),
            note["id"].clone(),
        ),
        ("an article alone", json!(article.id), json!(article.id)),
        (
            "our actor, embedded",
            json!({"id": node.blog(), "type": "Person"}),
            json!(node.blog()),
        ),
    ] {
        let before = node.notices().await.len();
        let mut flag = reporter.activity("Flag", object);
        flag["content"] = json!("It is\r\nrude\u{1b}[31m.\u{202e}");
        flag["to"] = json!([node.blog()]);
        reporter.deliver(&node.inbox(), &flag).await;
        let notices = node.notices().await;
        assert_eq!(notices.len(), before + 1, "{name}");
        assert_eq!(notices[0]["kind"], "report", "{name}");
        let text = notices[0]["text"].as_str().unwrap();
        assert!(text.contains(named.as_str().unwrap()), "{name}: {text}");
        assert!(text.contains("“It is rude[31m.”"), "{name}: {text:?}");
    }
    reporter
        .deliver(
            &node.inbox(),
            &reporter.activity("Flag", json!(["https://else.example/1", null, 5])),
        )
        .await;
    assert_eq!(node.dropped("report of nothing here").await, 1);
    assert_eq!(
        node.replies(&article).await.len(),
        1,
        "a report alone changes nothing"
    );
    let list = node.admin(&["notices", "list"]).await;
    assert!(
        list.lines().all(|line| !line.chars().any(char::is_control)),
        "{list:?}"
    );
}

#[apply(both_databases)]
async fn an_actor_that_deletes_itself_leaves_nothing_behind(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("leaving").await;
    let (leaver, friend) = (peer.actor("leaver").await, peer.actor("friend").await);
    let article = node.publish_any().await;
    leaver.follow(&node.inbox(), &node.blog()).await;
    let first = leaver
        .comment(&node.inbox(), &article.id, "<p>Words to forget.</p>")
        .await;
    leaver
        .comment(&node.inbox(), &article.id, "<p>More of them.</p>")
        .await;
    friend
        .comment(
            &node.inbox(),
            first["id"].as_str().unwrap(),
            "<p>I remember.</p>",
        )
        .await;
    leaver
        .deliver(&node.inbox(), &leaver.activity("Like", json!(article.id)))
        .await;
    leaver
        .deliver(
            &node.inbox(),
            &leaver.activity("Announce", json!(article.id)),
        )
        .await;
    peer.serve("/users/leaver", Canned::status(410));
    leaver
        .deliver(&node.inbox(), &leaver.activity("Delete", json!(leaver.id)))
        .await;
    assert!(followers(&node).await.is_empty());
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
    assert_eq!(node.total(&format!("{}/shares", article.id)).await, 0);
    let page = node.page(&article.url).await.text;
    assert!(page.contains("I remember.") && page.contains("Comment deleted"));
    for left in ["Words to forget", "More of them", "leaver"] {
        assert!(!page.contains(left), "{left}");
    }
    assert!(!node.admin(&["comments", "list"]).await.contains("leaver"));
    // The deletion is repeated, and an unknown actor is deleted too: their keys are gone.
    let stranger = peer.actor("stranger").await;
    peer.serve("/users/stranger", Canned::status(410));
    for (name, actor) in [("again", &leaver), ("a stranger", &stranger)] {
        let before = peer.gets().len();
        for object in [
            json!(actor.id),
            json!({"id": actor.id, "type": "Tombstone"}),
        ] {
            let reply = actor
                .send(&node.inbox(), &actor.activity("Delete", object))
                .await;
            assert_eq!(reply.status, 202, "{name}: {}", reply.body);
        }
        assert_eq!(peer.gets().len(), before, "{name}: nothing is fetched");
    }
}

#[apply(both_databases)]
async fn a_changed_profile_is_read_from_its_own_server(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("renamed").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    reader
        .comment(&node.inbox(), &article.id, "<p>Hello.</p>")
        .await;
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("The actor reader")
    );
    reader.serve_with(json!({"name": "A new name", "url": peer.url("/people/reader")}));
    let mut claimed = reader.document();
    claimed["name"] = json!("Somebody famous");
    reader
        .deliver(&node.inbox(), &reader.activity("Update", claimed.clone()))
        .await;
    let page = eventually("the page has the new name", || async {
        let page = node.page(&article.url).await.text;
        page.contains("A new name").then_some(page)
    })
    .await;
    assert!(page.contains(&peer.url("/people/reader")));
    assert!(!page.contains("Somebody famous") && !page.contains("The actor reader"));
    reader.serve_with(json!({"name": "By its id alone"}));
    reader
        .deliver(&node.inbox(), &reader.activity("Update", json!(reader.id)))
        .await;
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("By its id alone")
    );
    for status in [404, 410] {
        peer.serve("/users/reader", Canned::status(status));
        reader
            .deliver(&node.inbox(), &reader.activity("Update", claimed.clone()))
            .await;
    }
    peer.serve("/users/reader", Canned::status(500));
    let reply = reader
        .send(&node.inbox(), &reader.activity("Update", claimed))
        .await;
    assert_eq!(reply.status, 503, "that may pass: {}", reply.body);
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("By its id alone")
    );
}

#[apply(both_databases)]
async fn an_edit_arrives_in_every_form_and_never_goes_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("editor").await;
    let author = peer.actor("author").await;
    let article = node.publish_any().await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>Version 1.</p>")
        .await;
    let path = note["id"]
        .as_str()
        .unwrap()
        .strip_prefix(&peer.origin)
        .unwrap()
        .to_owned();
    let edited = |version: u32, minute: u32| {
        let mut edited = note.clone();
        edited["content"] = json!(format!("<p>Version {version}.</p>"));
        edited["updated"] = json!(format!("2026-11-23T12:{minute:02}:00Z"));
        edited
    };
    let update = |object: Value| author.activity("Update", object);
    let text = || async { node.comments().await[0]["text"].clone() };
    author.deliver(&node.inbox(), &update(edited(2, 1))).await;
    assert_eq!(text().await, "Version 2.");
    author
        .deliver(&node.inbox(), &update(json!([edited(3, 2)])))
        .await;
    assert_eq!(text().await, "Version 3.");
    peer.serve(&path, Canned::document(&edited(4, 3)));
    author
        .deliver(&node.inbox(), &update(note["id"].clone()))
        .await;
    assert_eq!(text().await, "Version 4.", "by its id alone");
    author.deliver(&node.inbox(), &update(edited(2, 1))).await;
    assert_eq!(text().await, "Version 4.", "an older edit that comes late");
    let page = node.page(&article.url).await.text;
    assert!(page.contains("Version 4.") && page.contains("edited"));
    // An Update of an object whose Create never arrived stores it.
    let missed = author.note(&article.id, "<p>Missed at first.</p>");
    author.deliver(&node.inbox(), &update(missed.clone())).await;
    assert_eq!(node.replies(&article).await.len(), 2);
    // A hidden comment stays hidden when it is edited.
    let id = node
        .comments()
        .await
        .iter()
        .find(|comment| comment["uri"] == note["id"])
        .unwrap()["id"]
        .to_string();
    node.admin(&["comments", "hide", &id]).await;
    author.deliver(&node.inbox(), &update(edited(5, 4))).await;
    assert!(!node.page(&article.url).await.text.contains("Version"));
}

#[apply(both_databases)]
async fn bare_objects_of_every_kind_can_be_answers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("bare").await.actor("author").await;
    let article = node.publish_any().await;
    for (count, kind) in [
        "Note", "Article", "Page", "Question", "Image", "Video", "Audio", "Event", "Document",
    ]
    .iter()
    .enumerate()
    {
        let object = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": author.new_id("objects"), "type": kind,
            "attributedTo": author.id, "inReplyTo": article.id, "to": [PUBLIC],
            "name": format!("A {kind} by name"), "content": format!("<p>A {kind}.</p>")});
        author.deliver(&node.inbox(), &object).await;
        assert_eq!(
            node.replies(&article).await.len(),
            2 * count + 1,
            "{kind} alone"
        );
        let mut within = object.clone();
        within["id"] = json!(author.new_id("objects"));
        author
            .deliver(&node.inbox(), &author.activity("Create", within))
            .await;
        assert_eq!(
            node.replies(&article).await.len(),
            2 * count + 2,
            "{kind} in a Create"
        );
    }
}

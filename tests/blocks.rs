//! What the admin blocks stays out: nothing comes in from there, nothing goes there, nothing of it is shown.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

#[apply(both_databases)]
async fn a_host_is_blocked_in_every_spelling(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    for (arguments, host, outcome) in [
        (
            &[
                "blocked.localhost",
                "BLOCKED.LocalHost",
                "blocked.localhost.",
                "ｂlocked.localhost",
            ][..],
            "blocked",
            403,
        ),
        (&["blocked.localhost"][..], "deep.sub.blocked", 403),
        (
            &[
                "bücher.localhost",
                "BÜCHER.localhost",
                "xn--bcher-kva.localhost",
                "XN--BCHER-KVA.localhost.",
            ][..],
            "xn--bcher-kva",
            403,
        ),
        (
            &[
                "blocked.localhost",
                "ocked.localhost",
                "sub.unblocked.localhost",
            ][..],
            "unblocked",
            202,
        ),
    ] {
        let actor = Peer::start(host).await.actor("reader").await;
        for argument in arguments {
            node.admin(&["block", "add", argument, "--reason", "spam"])
                .await;
            let reply = actor
                .send(&node.inbox(), &actor.activity("Like", json!(article.id)))
                .await;
            assert_eq!(
                reply.status, outcome,
                "{argument} blocked, {host} sends: {}",
                reply.body
            );
            if outcome == 403 {
                assert!(
                    actor.peer.gets().is_empty(),
                    "{argument} blocked, {host} was asked for its key"
                );
            }
            node.admin(&["block", "remove", argument]).await;
        }
    }
    assert_eq!(node.admin_json(&["block", "list"]).await, json!([]));
}

#[apply(both_databases)]
async fn a_blocked_sender_does_not_pass_by_another_spelling_of_itself(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("evil").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    node.admin(&["block", "add", "evil.localhost"]).await;
    let port = peer.origin.rsplit(':').next().unwrap();
    for name in [
        "EVIL.localhost",
        "evil.localhost.",
        "sub.evil.localhost",
        "evil%2Elocalhost",
        "ｅvil.localhost",
        "e\u{ad}vil.localhost",
    ] {
        let id = format!("http://{name}:{port}/users/reader");
        let mut like = actor.activity("Like", json!(article.id));
        like["actor"] = json!(id);
        like["id"] = json!(format!("{id}/likes/1"));
        let mut post = actor.signed(&node.inbox(), &like);
        if name.is_ascii() {
            post.key_id = format!("{id}#main-key");
        }
        let reply = post.send().await;
        assert_eq!(reply.status, 403, "{name}: {}", reply.body);
    }
    assert!(peer.gets().is_empty());
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
}

#[apply(both_databases)]
async fn a_blocked_host_gets_nothing_until_it_is_unblocked(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (evil, good) = (Peer::start("evil").await, Peer::start("good").await);
    let (outcast, friend) = (evil.actor("outcast").await, good.actor("friend").await);
    let club = good.actor("club").await;
    club.serve_with(json!({"type": "Group"}));
    for actor in [&outcast, &friend] {
        actor.follow(&node.inbox(), &node.blog()).await;
    }
    node.admin(&["block", "add", "evil.localhost"]).await;
    let article = node.publish_any().await;
    let fetched = evil.gets().len();
    let note = outcast.note(&article.id, "<p>Let me in.</p>");
    for object in [
        note["id"].clone(),
        note.clone(),
        outcast.activity("Create", note.clone()),
    ] {
        club.deliver(&node.inbox(), &club.activity("Announce", object))
            .await;
    }
    node.admin(&["follow", &friend.id]).await;
    good.wait_for("Follow").await;
    let mut moved = friend.activity("Move", json!(friend.id));
    moved["target"] = json!(outcast.id);
    outcast.serve_with(json!({"alsoKnownAs": [friend.id]}));
    friend.deliver(&node.inbox(), &moved).await;
    let last = node.publish("---\ntitle: The last\n---\nText.\n").await;
    eventually("the friend has both articles", || async {
        let creates = good.received_of("Create");
        creates
            .iter()
            .any(|create| create.activity["object"]["id"] == last.id)
            .then_some(())
    })
    .await;
    assert!(evil.received_of("Create").is_empty() && evil.received_of("Follow").is_empty());
    assert_eq!(evil.gets().len(), fetched, "{:?}", evil.gets());
    assert!(node.replies(&article).await.is_empty());
    node.admin(&["block", "remove", "EVIL.localhost"]).await;
    let after = node.publish("---\ntitle: Welcome back\n---\nText.\n").await;
    let create = evil.wait_for("Create").await;
    assert_eq!(
        create.activity["object"]["id"], after.id,
        "what was missed stays missed"
    );
}

#[apply(both_databases)]
async fn comments_of_the_blocked_are_hidden_and_come_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (evil, good) = (Peer::start("evil").await, Peer::start("good").await);
    let (first, second) = (evil.actor("first").await, evil.actor("second").await);
    let friend = good.actor("friend").await;
    let article = node.publish_any().await;
    let one = first
        .comment(&node.inbox(), &article.id, "<p>From the first.</p>")
        .await;
    second
        .comment(&node.inbox(), &article.id, "<p>From the second.</p>")
        .await;
    friend
        .comment(
            &node.inbox(),
            one["id"].as_str().unwrap(),
            "<p>From the friend.</p>",
        )
        .await;
    second
        .comment(&node.inbox(), &article.id, "<p>Hidden by hand.</p>")
        .await;
    let by_hand = node.comments().await[0]["id"].to_string();
    node.admin(&["comments", "hide", &by_hand]).await;
    let shown = || async {
        let page = node.page(&article.url).await.text;
        [
            "From the first",
            "From the second",
            "From the friend",
            "Hidden by hand",
        ]
        .map(|text| page.contains(text))
    };
    assert_eq!(shown().await, [true, true, true, false]);
    for (target, with_it) in [
        ("evil.localhost".to_owned(), [false, false, true, false]),
        (first.id.clone(), [false, true, true, false]),
        (
            format!("@first@{}", evil.authority),
            [false, true, true, false],
        ),
        (
            format!("First@{}", evil.authority.to_uppercase()),
            [false, true, true, false],
        ),
    ] {
        node.admin(&["block", "add", &target]).await;
        assert_eq!(shown().await, with_it, "{target} blocked");
        assert_eq!(
            node.replies(&article).await.len(),
            with_it.iter().filter(|shown| **shown).count(),
            "{target}"
        );
        node.admin(&["block", "remove", &target]).await;
        assert_eq!(
            shown().await,
            [true, true, true, false],
            "{target} unblocked"
        );
    }
}

#[apply(both_databases)]
async fn a_blocked_actor_is_shut_out_and_others_of_its_server_are_not(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("mixed").await;
    let (outcast, friend) = (peer.actor("outcast").await, peer.actor("friend").await);
    for actor in [&outcast, &friend] {
        actor.serve_with(json!({"endpoints": null}));
        actor.follow(&node.inbox(), &node.blog()).await;
    }
    node.admin(&["block", "add", &outcast.id]).await;
    let article = node.publish_any().await;
    eventually("the friend has the article", || async {
        peer.received_of("Create")
            .iter()
            .any(|create| create.path == "/users/friend/inbox")
            .then_some(())
    })
    .await;
    for (name, activity) in [
        ("a like", outcast.activity("Like", json!(article.id))),
        (
            "a reply",
            outcast.activity("Create", outcast.note(&article.id, "<p>Hello.</p>")),
        ),
        ("a follow", outcast.activity("Follow", json!(node.blog()))),
        ("a report", outcast.activity("Flag", json!(node.blog()))),
    ] {
        let reply = outcast.send(&node.inbox(), &activity).await;
        assert_eq!(reply.status, 403, "{name}: {}", reply.body);
    }
    friend
        .comment(&node.inbox(), &article.id, "<p>Hello.</p>")
        .await;
    assert_eq!(node.replies(&article).await.len(), 1);
    // The next article shows that nothing is delivered to the blocked server.
    node.publish("---\ntitle: Second\n---\nText.\n").await;
    eventually("the friend has both articles", || async {
        let creates = peer.received_of("Create");
        (creates
            .iter()
            .filter(|create| create.path == "/users/friend/inbox")
            .count()
            == 2)
            .then_some(())
    })
    .await;
    assert!(
        peer.received_of("Create")
            .iter()
            .all(|create| create.path == "/users/friend/inbox")
    );
    node.admin(&["block", "remove", &outcast.id]).await;
    node.publish("---\ntitle: Third\n---\nText.\n").await;
    eventually("the outcast is back", || async {
        peer.received_of("Create")
            .iter()
            .any(|create| create.path == "/users/outcast/inbox")
            .then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_closed_federation_talks_with_its_members_alone(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let (member, outside) = (
        Peer::start("sub.member").await,
        Peer::start("outside").await,
    );
    let (inside, stranger) = (
        member.actor("inside").await,
        outside.actor("stranger").await,
    );
    for actor in [&inside, &stranger] {
        actor.follow(&node.inbox(), &node.blog()).await;
    }
    node.configure("[federation]\nallowed_hosts = [\"MEMBER.localhost.\"]\n");
    node.restart().await;
    let fetched = outside.gets().len();
    let article = node.publish_any().await;
    member.wait_for("Create").await;
    inside
        .comment(&node.inbox(), &article.id, "<p>I may.</p>")
        .await;
    let note = stranger.note(&article.id, "<p>I may not.</p>");
    let reply = stranger
        .send(&node.inbox(), &stranger.activity("Create", note.clone()))
        .await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    inside.serve_with(json!({"type": "Group"}));
    inside
        .deliver(&node.inbox(), &inside.activity("Announce", note))
        .await;
    assert_eq!(node.replies(&article).await.len(), 1);
    assert_eq!(outside.gets().len(), fetched, "{:?}", outside.gets());
    assert!(outside.received_of("Create").is_empty());
}

#[apply(both_databases)]
async fn what_cannot_be_blocked_is_said_in_one_sentence(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for (argument, sentence) in [
        ("@never@seen.example", "unknown to this node"),
        ("127.0.0.1", "not an IP address"),
        ("not a host", "a host is a domain name"),
        ("https://", ""),
    ] {
        let output = node.cli(&["block", "add", argument]).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{argument}");
        assert!(
            error.contains(sentence) && error.trim().lines().count() == 1,
            "{argument}: {error}"
        );
    }
    let output = node.cli(&["block", "remove", "never.example"]).await;
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("is not blocked")
    );
    assert_eq!(
        node.admin_json(&["block", "list"]).await,
        Value::Array(Vec::new())
    );
}

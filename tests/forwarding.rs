//! Replies that another server than their author's brings, and those that we pass on (ActivityPub 7.1.2).

use crate::support::{
    Actor, Database, Peer, Prover, TestNode, both_databases, eventually,
    peer::{Canned, ReceivedActivity},
};
use chrono::{TimeDelta, Utc};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// The change that a forwarder makes to an activity.
type Make<'a> = &'a dyn Fn(&Value) -> Value;

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

fn serve(actor: &Actor, note: &Value, canned: Canned) {
    let path = id(note).strip_prefix(&actor.peer.origin).unwrap();
    actor.peer.serve(path, canned);
}

/// Returns a note with another text, and the time of the change.
fn edited(note: &Value, words: &str) -> Value {
    let mut note = note.clone();
    note["content"] = json!(words);
    note["updated"] = json!(Utc::now().to_rfc3339());
    note
}

async fn wait_for_rest(node: &TestNode) {
    eventually("all is looked up", || async {
        (node.number("SELECT COUNT(*) FROM lookups").await == Some(0)).then_some(())
    })
    .await;
}

async fn text_of_first(node: &TestNode) -> String {
    node.comments().await.last().unwrap()["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn wait_for_text(node: &TestNode, words: &str) {
    eventually(&format!("the comment says {words}"), || async {
        let comments = node.comments().await;
        comments
            .iter()
            .any(|one| one["text"] == words)
            .then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn what_another_brings_is_believed_by_its_proof(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("home").await, Peer::start("relay").await);
    let (author, forwarder) = (
        Prover::at(&home, "author").await,
        relay.actor("forwarder").await,
    );
    let article = node.publish_any().await;
    let note = author.actor.note(&article.id, "<p>My words.</p>");
    // It can't be fetched: only its proof shows that it is genuine.
    serve(&author.actor, &note, Canned::status(404));
    let create = author.activity("Create", note.clone());
    for _ in 0..2 {
        forwarder.deliver(&node.inbox(), &create).await;
    }
    assert_eq!(node.replies(&article).await, [id(&note)]);
    assert_eq!(text_of_first(&node).await, "My words.");
    assert_eq!(home.gets(), ["/users/author"]);
    forwarder
        .deliver(
            &node.inbox(),
            &author.activity("Update", edited(&note, "<p>Better words.</p>")),
        )
        .await;
    assert_eq!(text_of_first(&node).await, "Better words.");
    forwarder
        .deliver(
            &node.inbox(),
            &author.activity("Delete", json!({"id": note["id"], "type": "Tombstone"})),
        )
        .await;
    assert!(node.replies(&article).await.is_empty());
    // A deleted comment does not return.
    forwarder
        .deliver(&node.inbox(), &author.activity("Create", note.clone()))
        .await;
    forwarder
        .deliver(
            &node.inbox(),
            &author.activity("Update", edited(&note, "<p>Again.</p>")),
        )
        .await;
    assert!(node.replies(&article).await.is_empty());
    wait_for_rest(&node).await;
}

#[apply(both_databases)]
async fn what_does_not_prove_itself_is_fetched_from_its_author(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("home").await, Peer::start("relay").await);
    let (author, neighbour) = (
        Prover::at(&home, "author").await,
        Prover::at(&home, "neighbour").await,
    );
    let mallory = Prover::at(&relay, "mallory").await;
    let article = node.publish_any().await;
    let cases: [(&str, Make); 7] = [
        ("no proof", &|create| create.clone()),
        ("a broken proof", &|create| {
            let mut proven = author.prove(create);
            proven["object"]["summary"] = json!("More");
            proven
        }),
        ("a neighbour's proof", &|create| neighbour.prove(create)),
        ("the forwarder's proof", &|create| mallory.prove(create)),
        ("an old proof", &|create| {
            author.prove_at(create, Utc::now() - TimeDelta::days(15))
        }),
        ("a key that is not there", &|create| {
            let mut proven = author.prove(create);
            proven["proof"]["verificationMethod"] = json!(format!("{}#other", author.actor.id));
            proven
        }),
        ("a linked-data signature", &|create| {
            let mut signed = create.clone();
            signed["signature"] = json!({"type": "RsaSignature2017", "creator": author.method, "signatureValue": "AAAA"});
            signed
        }),
    ];
    for (count, (name, make)) in cases.iter().enumerate() {
        let note = author.actor.note(&article.id, "<p>True words.</p>");
        let mut twisted = note.clone();
        twisted["content"] = json!("<p>Twisted words.</p>");
        let create = make(&author.actor.activity("Create", twisted));
        mallory.actor.deliver(&node.inbox(), &create).await;
        let replies = eventually(&format!("{name}: it is fetched"), || async {
            Some(node.replies(&article).await).filter(|replies| replies.len() == count + 1)
        })
        .await;
        assert_eq!(replies[count], id(&note), "{name}");
        // The activity itself may still come from its actor.
        author
            .actor
            .deliver(
                &node.inbox(),
                &author.actor.activity("Create", note.clone()),
            )
            .await;
    }
    let unserved = author.actor.note(&article.id, "");
    serve(&author.actor, &unserved, Canned::status(404));
    mallory
        .actor
        .deliver(
            &node.inbox(),
            &author.actor.activity("Create", unserved.clone()),
        )
        .await;
    wait_for_rest(&node).await;
    let comments = node.comments().await;
    assert_eq!(comments.len(), cases.len());
    assert!(
        comments
            .iter()
            .all(|comment| comment["text"] == "True words."),
        "{comments:?}"
    );
}

#[apply(both_databases)]
async fn a_change_or_an_end_that_another_tells_of_is_asked_for(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("home").await, Peer::start("relay").await);
    let (author, mallory) = (
        Prover::at(&home, "author").await,
        relay.actor("mallory").await,
    );
    let club = relay.actor("club").await;
    club.serve_with(json!({"type": "Group"}));
    let article = node.publish_any().await;
    let note = author
        .actor
        .comment(&node.inbox(), &article.id, "<p>First.</p>")
        .await;
    let tell = async |activity: &Value| mallory.deliver(&node.inbox(), activity).await;
    let delete = || author.actor.activity("Delete", note["id"].clone());
    // It is still there, as it was.
    tell(&delete()).await;
    tell(
        &author
            .actor
            .activity("Update", edited(&note, "<p>Twisted.</p>")),
    )
    .await;
    club.deliver(&node.inbox(), &club.activity("Announce", delete()))
        .await;
    wait_for_rest(&node).await;
    assert_eq!(text_of_first(&node).await, "First.");
    assert_eq!(node.comments().await[0]["edited"], Value::Null);
    // An old edit with its proof, but without its time, brings nothing back.
    let second = edited(&note, "<p>Second.</p>");
    serve(&author.actor, &note, Canned::document(&second));
    let mut undated = note.clone();
    undated["content"] = json!("<p>Undated.</p>");
    tell(&author.activity("Update", undated)).await;
    wait_for_text(&node, "Second.").await;
    // A group announces an edit.
    let third = edited(&note, "<p>Third.</p>");
    serve(&author.actor, &note, Canned::document(&third));
    club.deliver(
        &node.inbox(),
        &club.activity("Announce", author.actor.activity("Update", third.clone())),
    )
    .await;
    wait_for_text(&node, "Third.").await;
    // A server that is down has not deleted its comment.
    serve(&author.actor, &note, Canned::status(503));
    tell(&delete()).await;
    eventually("it was tried", || async {
        (node
            .number("SELECT attempts FROM lookups WHERE next_attempt_at > created_at + 50000")
            .await
            == Some(1))
        .then_some(())
    })
    .await;
    assert_eq!(node.replies(&article).await, [id(&note)]);
    serve(&author.actor, &note, Canned::status(410));
    node.sql("UPDATE lookups SET next_attempt_at = 0").await;
    eventually("it is gone", || async {
        node.replies(&article).await.is_empty().then_some(())
    })
    .await;
    // Its author never deleted it, so the author's own activity restores it (threat 19).
    author
        .actor
        .deliver(&node.inbox(), &author.actor.activity("Update", third))
        .await;
    assert_eq!(node.replies(&article).await, [id(&note)]);
}

#[apply(both_databases)]
async fn what_another_brings_of_other_things_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, relay, blocked) = (
        Peer::start("home").await,
        Peer::start("relay").await,
        Peer::start("blocked").await,
    );
    let (author, mallory) = (
        Prover::at(&home, "author").await,
        relay.actor("mallory").await,
    );
    let (neighbour, outcast) = (
        home.actor("neighbour").await,
        Prover::at(&blocked, "outcast").await,
    );
    let article = node.publish_any().await;
    node.admin(&["block", "add", "blocked.localhost"]).await;
    let private = |mut activity: Value| {
        activity["to"] = json!([node.blog()]);
        activity["cc"] = json!([]);
        activity
    };
    let note = author.actor.note(&article.id, "<p>Words.</p>");
    let elsewhere = author
        .actor
        .note("https://elsewhere.example/1", "<p>Words.</p>");
    for (name, who, activity) in [
        (
            "a like",
            &mallory,
            author.activity("Like", json!(article.id)),
        ),
        (
            "a follow",
            &mallory,
            author.activity("Follow", json!(node.blog())),
        ),
        (
            "an undo",
            &mallory,
            author.activity("Undo", author.actor.activity("Like", json!(article.id))),
        ),
        (
            "a deletion of the actor",
            &mallory,
            author.activity("Delete", json!(author.actor.id)),
        ),
        (
            "an edit of the actor",
            &mallory,
            author.activity("Update", author.actor.document()),
        ),
        (
            "a private reply",
            &mallory,
            author.prove(&private(author.actor.activity("Create", note.clone()))),
        ),
        (
            "a reply to nothing here",
            &mallory,
            author.activity("Create", elsewhere),
        ),
        (
            "a reply by its id",
            &mallory,
            author.activity("Create", note["id"].clone()),
        ),
        (
            "a deletion of nothing here",
            &mallory,
            author.activity("Delete", note["id"].clone()),
        ),
        (
            "a reply on another host than its actor's",
            &mallory,
            author.activity("Create", mallory.note(&article.id, "")),
        ),
        (
            "a reply brought by a neighbour",
            &neighbour,
            author.activity("Create", note.clone()),
        ),
        (
            "a reply brought by a blocked server",
            &outcast.actor,
            author.activity("Create", note.clone()),
        ),
        (
            "a reply of a blocked author",
            &mallory,
            outcast.activity("Create", outcast.actor.note(&article.id, "")),
        ),
    ] {
        let reply = who.send(&node.inbox(), &activity).await;
        assert_eq!(reply.status, 403, "{name}: {}", reply.body);
    }
    // A forwarded activity needs the signature of its forwarder.
    let mut unsigned = mallory.signed(&node.inbox(), &author.activity("Create", note));
    unsigned.key = author.actor.key.clone();
    unsigned.covered.pop();
    assert_eq!(unsigned.send().await.status, 401);
    assert!(node.comments().await.is_empty());
    assert_eq!(node.number("SELECT COUNT(*) FROM lookups").await, Some(0));
    assert!(blocked.gets().is_empty());
    assert_eq!(node.total(&format!("{}/followers", node.blog())).await, 0);
}

#[apply(both_databases)]
async fn replies_that_others_can_check_are_passed_on_to_the_followers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, one, two) = (
        Peer::start("home").await,
        Peer::start("one").await,
        Peer::start("two").await,
    );
    let author = Prover::at(&home, "author").await;
    for reader in [
        one.actor("ann").await,
        two.actor("bob").await,
        author.actor.clone(),
    ] {
        reader.follow(&node.inbox(), &node.blog()).await;
    }
    let article = node.publish_any().await;
    let send = async |activity: &Value| author.actor.deliver(&node.inbox(), activity).await;
    let note = author.actor.note(&article.id, "<p>For all to see.</p>");
    let mut signed = author.actor.activity(
        "Create",
        author
            .actor
            .note(id(&note), "<p>Signed as Mastodon does.</p>"),
    );
    signed["signature"] = json!({"type": "RsaSignature2017", "creator": author.actor.key_id, "signatureValue": "AAAA"});
    let mut whispered = author.actor.activity(
        "Create",
        author.actor.note(&article.id, "<p>For few to see.</p>"),
    );
    whispered["to"] = json!([]);
    let mut long = author.actor.note(&article.id, "<p>Long.</p>");
    long["summary"] = json!("long ".repeat(40_000));
    let passed = [
        author.activity("Create", note.clone()),
        signed,
        author.activity("Update", edited(&note, "<p>Better.</p>")),
        author.activity("Delete", note["id"].clone()),
    ];
    for kept in [
        author
            .actor
            .activity("Create", author.actor.note(&article.id, "<p>Unproven.</p>")),
        author.prove(&whispered),
        author.activity("Create", long),
        author.activity("Like", json!(article.id)),
        author.activity(
            "Create",
            author
                .actor
                .note(&node.url("/articles/none"), "<p>Of nothing here.</p>"),
        ),
    ] {
        send(&kept).await;
    }
    for activity in &passed {
        send(activity).await;
        send(activity).await;
    }
    let forwarded =
        |delivered: &ReceivedActivity| delivered.activity["actor"] == author.actor.id.as_str();
    for follower in [&one, &two] {
        let mut arrived = eventually("all is passed on", || async {
            let arrived: Vec<ReceivedActivity> =
                follower.received().into_iter().filter(forwarded).collect();
            (arrived.len() >= passed.len()).then_some(arrived)
        })
        .await;
        arrived.sort_by_key(|one| passed.iter().position(|sent| *sent == one.activity));
        let activities: Vec<Value> = arrived.iter().map(|one| one.activity.clone()).collect();
        assert_eq!(activities, passed, "as it came, and nothing else");
        for one in arrived {
            assert_eq!(one.verified, Ok(format!("{}#main-key", node.blog())));
        }
    }
    // Forwarded activities are not forwarded again, and are not in our own lists.
    let relayed = author.activity(
        "Create",
        author.actor.note(&article.id, "<p>By a relay.</p>"),
    );
    one.actor("ann")
        .await
        .deliver(&node.inbox(), &relayed)
        .await;
    assert_eq!(node.replies(&article).await.len(), 5);
    assert_eq!(
        node.number("SELECT COUNT(*) FROM activities WHERE kind = 'Forward'")
            .await,
        Some(passed.len() as i64)
    );
    assert!(
        home.received()
            .iter()
            .all(|one| one.activity["actor"] == node.blog())
    );
    assert_eq!(node.total(&format!("{}/outbox", node.blog())).await, 1);
    let second = node.publish("---\ntitle: Last\n---\nText.\n").await;
    eventually("the last article arrives", || async {
        two.received_of("Create")
            .into_iter()
            .find(|one| one.activity["object"]["id"] == second.id.as_str())
    })
    .await;
    assert_eq!(
        two.received().iter().filter(|one| forwarded(one)).count(),
        passed.len()
    );
}

/// Sends a reply with a proof while there is one follower. Returns how many activities are forwarded.
async fn passed_on(node: &TestNode) -> i64 {
    let (home, one) = (Peer::start("home").await, Peer::start("one").await);
    let author = Prover::at(&home, "author").await;
    one.actor("ann")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node.publish_any().await;
    for _ in 0..3 {
        let create = author.activity("Create", author.actor.note(&article.id, "<p>Yes.</p>"));
        author.actor.deliver(&node.inbox(), &create).await;
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM comments").await, Some(3));
    let forwards = "SELECT COUNT(*) FROM activities WHERE kind = 'Forward'";
    node.number(forwards).await.unwrap()
}

#[apply(both_databases)]
async fn nothing_is_passed_on_where_the_admin_wants_it_so(#[case] database: Database) {
    let node = TestNode::start_with(database, "[conversations]\nforward = false\n").await;
    assert_eq!(passed_on(&node).await, 0);
}

#[apply(both_databases)]
async fn no_more_is_passed_on_in_an_hour_than_the_admin_wants(#[case] database: Database) {
    let node = TestNode::start_with(database, "[conversations]\nforward_per_hour = 2\n").await;
    assert_eq!(passed_on(&node).await, 2);
}

#[apply(both_databases)]
async fn what_waits_for_the_admin_is_not_passed_on(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nmoderation = \"held\"\n").await;
    assert_eq!(passed_on(&node).await, 0);
}

//! What strangers can make the node fetch at once, and what of theirs it stores.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC, any_key},
    signed_post::RawResponse,
};
use futures::future::join_all;
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// Limits that a small flood reaches: a larger one is the work of the machine, not of the node.
const FEW: &str =
    "[limits]\ninbox_requests = 90\nwaiting_requests = 50\nwaiting_for_host = 20\nfetches = 32\n";

fn hanging() -> Canned {
    Canned {
        delay: Duration::from_secs(60),
        ..Canned::status(200)
    }
}

/// Returns the same actor on another host of the same server.
fn on_host(actor: &Actor, name: &str) -> Actor {
    let port = actor.peer.authority.rsplit(':').next().unwrap();
    let id = format!("http://{name}.localhost:{port}/users/actor");
    Actor {
        key_id: format!("{id}#main-key"),
        id,
        ..actor.clone()
    }
}

/// Sends an activity that is dropped after its signature is verified.
async fn knock(node: &TestNode, actor: &Actor) -> RawResponse {
    let knock = actor.activity("Knock", json!(node.blog()));
    actor.send(&node.inbox(), &knock).await
}

/// Posts all at once, without an end.
fn flood(node: &TestNode, posts: Vec<(Actor, Value)>) -> Vec<JoinHandle<RawResponse>> {
    let send = |(actor, activity): (Actor, Value)| {
        let inbox = node.inbox();
        tokio::spawn(async move { actor.send(&inbox, &activity).await })
    };
    posts.into_iter().map(send).collect()
}

/// Waits until all but some are answered, which must be with 503; who was refused.
async fn refused(flood: &[JoinHandle<RawResponse>], waiting: usize) -> Vec<usize> {
    eventually("most of the flood is refused", || async {
        let done: Vec<usize> = (0..flood.len())
            .filter(|n| flood[*n].is_finished())
            .collect();
        (done.len() + waiting >= flood.len()).then_some(done)
    })
    .await
}

async fn all_503(flood: Vec<JoinHandle<RawResponse>>) {
    for post in flood {
        match post.is_finished() {
            true => {
                let reply = post.await.unwrap();
                assert!(reply.is_problem(503), "{reply:?}");
                assert!(reply.head.contains("retry-after: "), "{reply:?}");
            }
            false => post.abort(),
        }
    }
}

/// Checks that activities of known senders are accepted.
async fn assert_known_are_received(node: &TestNode, known: &[Actor]) {
    for round in 0..10 {
        let begun = Instant::now();
        let replies = join_all(known.iter().map(|actor| knock(node, actor))).await;
        assert!(
            replies.iter().all(|reply| reply.status == 202),
            "{round}: {replies:?}"
        );
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{round}: {:?}",
            begun.elapsed()
        );
    }
}

/// Returns the rows without the counters for the admin.
async fn rows(node: &TestNode) -> BTreeMap<String, i64> {
    let mut rows = node.rows().await;
    let counts = ["inbox_counts", "key_failures", "limit_hits"];
    rows.retain(|table, _| !counts.contains(&table.as_str()));
    rows
}

async fn known(node: &TestNode) -> Vec<Actor> {
    let peer = Peer::start("known").await;
    let mut known = Vec::new();
    for number in 0..5 {
        let actor = peer.actor(&format!("reader{number}")).await;
        assert_eq!(knock(node, &actor).await.status, 202);
        known.push(actor);
    }
    known
}

#[apply(both_databases)]
async fn a_slow_server_occupies_its_own_share_of_the_fetches(#[case] database: Database) {
    let node = TestNode::start_with(database, FEW).await;
    let known = known(&node).await;
    let hostile = Peer::start("hostile").await;
    let sender = hostile.actor("sender").await;
    assert_eq!(knock(&node, &sender).await.status, 202);
    let posts = (0..110).map(|number| {
        let path = format!("/slow/{number}");
        hostile.serve(&path, hanging());
        (
            sender.clone(),
            sender.activity("Create", json!(hostile.url(&path))),
        )
    });
    let before = hostile.gets().len();
    let flood = flood(&node, posts.collect());
    let newcomer = Peer::start("newcomer").await.actor("reader").await;
    assert_known_are_received(&node, &known).await;
    assert_eq!(
        knock(&node, &newcomer).await.status,
        202,
        "another host is asked"
    );
    assert!(refused(&flood, 4).await.len() >= 106);
    assert_known_are_received(&node, &known).await;
    assert_eq!(hostile.gets().len() - before, 4);
    all_503(flood).await;
}

#[apply(both_databases)]
async fn a_thousand_subdomains_are_one_domain_that_is_asked(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let known = known(&node).await;
    let actor = Peer::start("evil").await.actor("actor").await;
    actor.peer.serve("/users/actor", hanging());
    let senders: Vec<Actor> = (0..100)
        .map(|number| on_host(&actor, &format!("x{number}.evil")))
        .collect();
    let post = |sender: &Actor| (sender.clone(), sender.activity("Knock", json!(node.blog())));
    let flood = flood(&node, senders.iter().map(post).collect());
    let refused = refused(&flood, 8).await;
    assert_eq!(actor.peer.gets().len(), 8);
    assert_known_are_received(&node, &known).await;
    let newcomer = Peer::start("newcomer").await.actor("reader").await;
    assert_eq!(
        knock(&node, &newcomer).await.status,
        202,
        "another domain is asked"
    );
    all_503(flood).await;
    // Their keys were not fetched, which says nothing about them.
    let late = &senders[refused[0]];
    actor
        .peer
        .serve("/users/actor", Canned::document(&late.document()));
    eventually("the slots are free again", || async {
        (knock(&node, late).await.status == 202).then_some(())
    })
    .await;
    let doctor = String::from_utf8(node.cli(&["doctor"]).await.stdout).unwrap();
    assert!(!doctor.contains(".evil.localhost"), "{doctor}");
    eventually("the admin sees it", || async {
        let reached = node.admin(&["limits"]).await;
        reached.contains("fetches_of_domain").then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn invented_hosts_keep_no_known_sender_waiting(#[case] database: Database) {
    let node = TestNode::start_with(database, FEW).await;
    let known = known(&node).await;
    let actor = Peer::start("base").await.actor("actor").await;
    actor.peer.serve("/users/actor", hanging());
    let garbage = Actor {
        key: any_key(1),
        ..actor.clone()
    };
    let posts = (0..140).map(|number| {
        let sender = on_host(&garbage, &format!("x{number}"));
        let activity = sender.activity("Knock", json!(node.blog()));
        (sender, activity)
    });
    let flood = flood(&node, posts.collect());
    eventually("many are asked", || async {
        (actor.peer.gets().len() >= 25).then_some(())
    })
    .await;
    assert_known_are_received(&node, &known).await;
    assert!(refused(&flood, 32).await.len() >= 108);
    assert!(actor.peer.gets().len() <= 32, "{}", actor.peer.gets().len());
    assert_known_are_received(&node, &known).await;
    all_503(flood).await;
}

#[apply(both_databases)]
async fn nothing_is_stored_of_whom_we_drop(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("strangers").await;
    let elsewhere = peer.url("/notes/elsewhere");
    let before = rows(&node).await;
    let mut senders = Vec::new();
    for (number, kind) in [
        "Announce",
        "Knock",
        "Like",
        "EmojiReact",
        "Undo",
        "Create",
        "Update",
        "update itself",
        "delete itself",
        "bare id",
        "bare object",
        "Add",
        "Accept",
        "Block",
        "Flag",
        "Move",
        "Follow",
        "forged",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("actor{number}");
        let mut actor = peer.actor(&name).await;
        let note = actor.note(&elsewhere, "<p>Not about you.</p>");
        let mut unaddressed = note.clone();
        unaddressed.as_object_mut().unwrap().remove("inReplyTo");
        peer.serve(
            note["id"]
                .as_str()
                .unwrap()
                .strip_prefix(&peer.origin)
                .unwrap(),
            Canned::document(&unaddressed),
        );
        if kind == "forged" {
            actor.key = (0..4)
                .map(any_key)
                .find(|key| key.public() != actor.key.public())
                .unwrap();
        }
        for time in ["first", "second"] {
            let activity = match kind {
                "Create" | "Update" => actor.activity(kind, unaddressed.clone()),
                "update itself" => actor.activity("Update", actor.document()),
                "delete itself" => actor.activity("Delete", json!(actor.id)),
                "bare id" => actor.activity("Create", note["id"].clone()),
                "bare object" => unaddressed.clone(),
                "Undo" => actor.activity("Undo", json!(actor.new_id("likes"))),
                "Block" => actor.activity("Block", json!(elsewhere)),
                "Move" => {
                    let mut activity = actor.activity("Move", json!(actor.id));
                    activity["target"] = json!(peer.url("/users/actor0"));
                    activity
                }
                "Follow" => actor.activity("Follow", json!(node.url("/users/nobody"))),
                kind => actor.activity(kind, json!(elsewhere)),
            };
            let reply = actor.send(&node.inbox(), &activity).await;
            let expected: &[u16] = match (kind, time) {
                ("forged", "first") => &[401],
                ("forged", _) => &[401, 503],
                _ => &[202],
            };
            assert!(
                expected.contains(&reply.status),
                "{kind}, {time}: {reply:?}"
            );
            assert_eq!(rows(&node).await, before, "{kind}, {time}");
        }
        let fetched = peer.get_count(&format!("/users/{name}"));
        let expected = match kind {
            "delete itself" => 0,
            "update itself" => 2,
            _ => 1,
        };
        assert_eq!(fetched, expected, "{kind}");
        senders.push(actor);
    }
    // Another's post that a group boosts.
    let group = peer.actor("group").await;
    group.serve_with(json!({"type": "Group"}));
    let author = Peer::start("author").await.actor("author").await;
    let note = author.note(&elsewhere, "<p>Not about you either.</p>");
    let note = json!({"id": note["id"], "type": "Note", "attributedTo": author.id, "content": "x", "to": [PUBLIC]});
    let path = note["id"]
        .as_str()
        .unwrap()
        .strip_prefix(&author.peer.origin)
        .unwrap()
        .to_owned();
    author.peer.serve(&path, Canned::document(&note));
    group
        .deliver(
            &node.inbox(),
            &group.activity("Announce", note["id"].clone()),
        )
        .await;
    assert_eq!(author.peer.get_count("/users/author"), 1);
    assert_eq!(rows(&node).await, before);
    // The end of an unknown post is remembered, but not its author.
    let deletion = senders[0].activity("Delete", json!(senders[0].new_id("notes")));
    senders[0].deliver(&node.inbox(), &deletion).await;
    let count = async || {
        let rows = node.rows().await;
        (rows["remote_actors"], rows["remote_keys"])
    };
    assert_eq!(count().await, (0, 0));

    // Once one of them changes something, it is stored, without another fetch.
    let (sender, path) = (&senders[0], "/users/actor0");
    for (kind, object) in [
        ("Like", &article.id),
        ("Knock", &article.id),
        ("Announce", &article.id),
    ] {
        sender
            .deliver(&node.inbox(), &sender.activity(kind, json!(object)))
            .await;
        assert_eq!(count().await, (1, 1), "{kind}");
    }
    assert_eq!(peer.get_count(path), 1);
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
}

#[apply(both_databases)]
async fn a_new_actor_whose_activities_end_differently_is_stored_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("busy").await;
    for round in 0..3 {
        let actor = peer.actor(&format!("reader{round}")).await;
        let posts = (0..24).map(|number| {
            let actor = actor.clone();
            let activity = match number % 3 {
                0 => actor.activity("Like", json!(peer.url("/nothing"))),
                1 => actor.activity("Create", actor.note(&article.id, "<p>Something.</p>")),
                _ => actor.activity("Knock", json!(article.id)),
            };
            let inbox = node.inbox();
            async move { actor.send(&inbox, &activity).await }
        });
        let replies = join_all(posts).await;
        assert!(
            replies.iter().all(|reply| reply.status == 202),
            "{replies:?}"
        );
        assert_eq!(peer.get_count(&format!("/users/reader{round}")), 1);
    }
    assert_eq!(node.replies(&article).await.len(), 24);
    assert_eq!(node.rows().await["remote_actors"], 3);
    assert_eq!(node.rows().await["remote_keys"], 3);
}

#[apply(both_databases)]
async fn an_actor_is_stored_as_this_node_writes_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("verbose").await;
    let actor = peer.actor("writer").await;
    let pem = actor
        .key
        .public_key_pem()
        .replace('\n', &"\r\n ".repeat(50));
    let key = |name: &str| json!({"id": format!("{}#{name}", actor.id), "owner": actor.id, "publicKeyPem": pem});
    let keys: Vec<Value> = ["main-key", "a", "b", "c", "d", "e", "f"].map(key).into();
    let aliases: Vec<String> = (0..20)
        .map(|number| peer.url(&format!("/{number}/{}", "x".repeat(1900))))
        .collect();
    actor.serve_with(json!({"publicKey": keys, "alsoKnownAs": aliases}));
    actor
        .deliver(&node.inbox(), &actor.activity("Like", json!(article.id)))
        .await;
    let stored = node.texts("SELECT public_key FROM remote_keys").await;
    assert!((1..=4).contains(&stored.len()), "{stored:?}");
    for key in stored {
        assert_eq!(key, actor.key.public_key_pem());
    }
    assert_eq!(
        node.texts("SELECT aliases FROM remote_actors").await,
        ["[]"]
    );
    assert_eq!(
        node.texts("SELECT DISTINCT purpose FROM remote_keys").await,
        ["signature"]
    );
}

#[apply(both_databases)]
async fn an_actor_to_whom_nothing_refers_any_more_is_forgotten(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let article = node.publish_any().await;
    let peer = Peer::start("visitors").await;
    let names = ["follower", "author", "fan", "reporter", "former"];
    let mut actors = Vec::new();
    for name in names {
        actors.push(peer.actor(name).await);
    }
    let [follower, author, fan, reporter, former] = &actors[..] else {
        panic!()
    };
    follower.follow(&node.inbox(), &node.blog()).await;
    author
        .comment(&node.inbox(), &article.id, "<p>Indeed.</p>")
        .await;
    fan.deliver(&node.inbox(), &fan.activity("Like", json!(article.id)))
        .await;
    reporter
        .deliver(
            &node.inbox(),
            &reporter.activity("Flag", json!([article.id])),
        )
        .await;
    let like = former.activity("Like", json!(article.id));
    former.deliver(&node.inbox(), &like).await;
    former
        .deliver(&node.inbox(), &former.activity("Undo", like))
        .await;
    assert_eq!(node.rows().await["remote_actors"], 5);
    node.restart().await;
    assert_eq!(node.rows().await["remote_actors"], 5, "they are young");
    node.sql("UPDATE remote_actors SET fetched_at = 0").await;
    node.restart().await;
    eventually("the former fan is forgotten", || async {
        (node.rows().await["remote_actors"] == 4).then_some(())
    })
    .await;
    let left = node
        .texts("SELECT username FROM remote_actors ORDER BY username")
        .await;
    assert_eq!(left, ["author", "fan", "follower", "reporter"]);
    former
        .deliver(&node.inbox(), &former.activity("Like", json!(article.id)))
        .await;
    assert_eq!(node.rows().await["remote_actors"], 5);
}

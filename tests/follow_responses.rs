//! Answers to follows: they repeat what is small and plain, and spare inboxes that asked for nothing.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::embedded};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Waits for the answer to a follow.
async fn answer_to(peer: &Peer, kind: &str, follow: &Value) -> Value {
    eventually(&format!("a {kind} arrives"), || async {
        let answers = peer.received_of(kind).into_iter();
        let mut answers = answers.map(|answer| answer.activity);
        answers.find(|answer| {
            answer["object"]["id"] == follow["id"] || answer["object"] == follow["id"]
        })
    })
    .await
}

fn bare(follow: &Value) -> Value {
    json!({"id": follow["id"], "type": "Follow", "actor": follow["actor"], "object": follow["object"]})
}

#[apply(both_databases)]
async fn a_large_or_odd_follow_is_answered_in_short(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    for (number, (fields, is_whole)) in [
        (json!({}), true),
        (
            json!({"summary": "Please", "published": "2026-11-23T12:00:00Z"}),
            true,
        ),
        (json!({"content": "x".repeat(900_000)}), false),
        (json!({"content": "x".repeat(2100)}), false),
        (
            json!({"attachment": [{"type": "Image", "url": [{"href": "https://a.example/"}]}]}),
            false,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let actor = peer.actor(&format!("reader{number}")).await;
        let mut follow = actor.activity("Follow", json!(node.blog()));
        for (name, value) in fields.as_object().unwrap() {
            follow[name] = value.clone();
        }
        actor.deliver(&node.inbox(), &follow).await;
        let answer = answer_to(&peer, "Accept", &follow).await;
        let expected = if is_whole {
            embedded(&follow)
        } else {
            bare(&follow)
        };
        assert_eq!(answer["object"], expected, "{number}");
    }
    let largest = "SELECT CAST(MAX(octet_length(body)) AS BIGINT) FROM activities";
    assert!(node.number(largest).await.unwrap() < 6000);
}

#[apply(both_databases)]
async fn a_large_follow_that_waits_is_kept_in_short(#[case] database: Database) {
    let node = TestNode::start_with(database, "[followers]\napprove = true\n").await;
    let peer = Peer::start("peer").await;
    let actor = peer.actor("reader").await;
    let mut follow = actor.activity("Follow", json!(node.blog()));
    follow["content"] = json!("x".repeat(900_000));
    actor.deliver(&node.inbox(), &follow).await;
    let kept = "SELECT CAST(octet_length(follow) AS BIGINT) FROM followers";
    assert!(node.number(kept).await.unwrap() < 2048);
    node.admin(&["followers", "accept", &actor.id]).await;
    assert_eq!(
        answer_to(&peer, "Accept", &follow).await["object"],
        bare(&follow)
    );
}

#[apply(both_databases)]
async fn an_inbox_elsewhere_gets_few_and_short_answers(#[case] database: Database) {
    let node = TestNode::start_with(database, "[limits]\nanswers_to_domain = 3\n").await;
    let (evil, victim) = (Peer::start("evil").await, Peer::start("inbox.victim").await);
    let hosted = async |number: usize| -> Actor {
        let actor = evil.actor(&format!("reader{number}")).await;
        let inbox = victim.url(&format!("/inboxes/{number}"));
        actor.serve_with(json!({"inbox": inbox, "endpoints": null}));
        actor
    };
    let mut statuses = Vec::new();
    for number in 0..5 {
        let actor = hosted(number).await;
        let mut follow = actor.activity("Follow", json!(node.blog()));
        follow["summary"] = json!("x".repeat(if number == 0 { 1500 } else { 100 }));
        statuses.push(actor.send(&node.inbox(), &follow).await.status);
    }
    assert_eq!(statuses, [202, 202, 202, 503, 503]);
    let answers = eventually("the answers arrive", || async {
        let answers = victim.received();
        (answers.len() == 3).then_some(answers)
    })
    .await;
    for answer in answers {
        let length = answer.headers["content-length"]
            .to_str()
            .unwrap()
            .parse::<usize>()
            .unwrap();
        assert!(length <= 2048, "{length}: {}", answer.activity);
    }
    // Other requests with answers are charged too.
    let actor = hosted(6).await;
    let article = node.publish_any().await;
    let mut quote = actor.note("", "<p>Worth reading.</p>");
    quote["quote"] = json!(article.id);
    for (kind, object) in [
        ("QuoteRequest", article.id.clone()),
        ("FeatureRequest", node.blog()),
        ("LikeRequest", article.id.clone()),
    ] {
        let mut request = actor.activity(kind, json!(object));
        request["instrument"] = quote.clone();
        assert_eq!(
            actor.send(&node.inbox(), &request).await.status,
            503,
            "{kind}"
        );
    }
    // An inbox on the actor's own domain is none of these.
    let own = evil.actor("own").await;
    own.follow(&node.inbox(), &node.blog()).await;
}

#[apply(both_databases)]
async fn each_follow_is_charged_to_its_domain(#[case] database: Database) {
    let node = TestNode::start_with(database, "[limits]\nfollows_of_domain = 4\n").await;
    let (evil, other) = (Peer::start("evil").await, Peer::start("other").await);
    let actor = evil.actor("reader").await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let follow = actor.activity("Follow", json!(node.blog()));
        statuses.push(actor.send(&node.inbox(), &follow).await.status);
        actor
            .deliver(&node.inbox(), &actor.activity("Undo", follow))
            .await;
    }
    // The domain is known once a follow was accepted, and each of its hosts has a share then.
    let taken = statuses.iter().filter(|status| **status == 202).count();
    assert!(
        (4..6).contains(&taken) && statuses[taken..].iter().all(|status| *status == 503),
        "{statuses:?}"
    );
    other
        .actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
}

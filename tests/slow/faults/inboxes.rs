//! Inboxes that can't be delivered to, among those that can. tests/delivery/forbidden_addresses.rs has the
//! addresses to which a public node never connects.

use super::TEXT;
use crate::support::{Crowd, Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::json;

/// An inbox, and the reason for refusing it.
const IMPOSSIBLE: [(&str, &str); 6] = [
    ("ftp://files.example/inbox", "ftp URLs are not connected to"),
    (
        "mailto:reader@mail.example",
        "mailto URLs are not connected to",
    ),
    (
        "http://user@named.localhost/inbox",
        "a user name in a URL is not accepted",
    ),
    (
        "http://user:word@named.localhost/inbox",
        "a user name in a URL is not accepted",
    ),
    ("//half.example/inbox", "the inbox is not a URL"),
    ("", "the inbox is not a URL"),
];

#[apply(both_databases)]
async fn an_impossible_inbox_is_refused_with_a_reason_and_nothing_else_suffers(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    let names: Vec<String> = (0..IMPOSSIBLE.len())
        .map(|number| format!("odd{number}"))
        .collect();
    let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
    all.extend(["well", "fine"]);
    crowd.follow(&node.database_url, &all).await;
    for (name, (inbox, _)) in names.iter().zip(IMPOSSIBLE) {
        let before = crowd.inbox(name);
        node.sql(&format!(
            "UPDATE destinations SET inbox = '{inbox}' WHERE inbox = '{before}'"
        ))
        .await;
    }
    for number in 1..=3 {
        node.publish(&TEXT.replace("News", &format!("News {number}")))
            .await;
        for name in ["well", "fine"] {
            assert_eq!(crowd.wait_at(name, number).await.len(), number);
        }
        eventually("nothing waits", || async {
            (node
                .number("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'")
                .await
                == Some(0))
            .then_some(())
        })
        .await;
    }
    let refused = node.admin_json(&["deliveries", "refused"]).await;
    let refused = refused.as_array().unwrap();
    assert_eq!(
        refused.len(),
        IMPOSSIBLE.len(),
        "what is refused gets no further articles"
    );
    let status = node.admin_json(&["deliveries", "status"]).await;
    let shown = status["hosts"].as_array().unwrap();
    for (inbox, reason) in IMPOSSIBLE {
        let of_inbox = refused
            .iter()
            .find(|refusal| refusal["inbox"] == inbox)
            .unwrap();
        assert!(
            of_inbox["error"].as_str().unwrap().contains(reason),
            "{inbox}: {of_inbox}"
        );
        let state = shown.iter().find(|shown| shown["inbox"] == inbox).unwrap();
        assert_eq!(state["state"], "refused", "{inbox}");
        assert!(
            state["last_error"].as_str().unwrap().contains(reason),
            "{inbox}: {state}"
        );
    }
}

#[apply(both_databases)]
async fn an_actor_with_an_impossible_inbox_does_not_become_a_follower(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("odd").await;
    for (number, (inbox, _)) in IMPOSSIBLE.into_iter().enumerate() {
        let actor = peer.actor(&format!("reader{number}")).await;
        actor.serve_with(json!({"inbox": inbox, "endpoints": null}));
        let follow = actor.activity("Follow", json!(node.blog()));
        let status = actor.send(&node.inbox(), &follow).await.status;
        assert!((400..500).contains(&status), "{inbox}: {status}");
    }
    assert_eq!(node.total("/users/blog/followers").await, 0);
    // One whose shared inbox alone is impossible is reached at its own.
    let actor = peer.actor("half").await;
    actor.serve_with(json!({"endpoints": {"sharedInbox": "ftp://files.example/inbox"}}));
    actor.follow(&node.inbox(), &node.blog()).await;
    node.publish(TEXT).await;
    peer.wait_for("Create").await;
}

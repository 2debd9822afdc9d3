//! Handles of other servers: who they lead to, and whose they are believed to be.

use crate::support::{
    Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, webfinger_path},
};
use pamphlet::federation::remote::signed_client::federation_config;
use pamphlet::{federation::remote::webfinger, node::caches::handle_lookups::LookupError};
use rstest_reuse::apply;
use serde_json::json;
use std::time::{Duration, Instant};

/// Resolves a handle or address as the node does. Returns the actor's id and its handle.
async fn resolve(node: &TestNode, text: &str) -> Result<(String, String), LookupError> {
    let data = federation_config(&node.node)
        .await
        .unwrap()
        .to_request_data();
    let actor = webfinger::actor(text, &data).await?;
    let row = node
        .node
        .store
        .read()
        .await
        .unwrap()
        .remote_actor(&actor.row.uri)
        .await
        .unwrap()
        .unwrap();
    Ok((row.uri, format!("@{}@{}", row.username, row.handle_host)))
}

fn redirect(to: &str) -> Canned {
    let mut canned = Canned::status(302);
    canned.headers.push(("location".into(), to.to_owned()));
    canned
}

#[apply(both_databases)]
async fn a_handle_leads_to_its_actor_once_and_then_from_memory(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("home").await;
    let actor = peer.actor("reader").await;
    let expected = (actor.id.clone(), actor.handle());
    for text in [
        actor.handle(),
        format!("acct:{}", &actor.handle()[1..]),
        actor.handle().to_uppercase(),
        actor.id.clone(),
    ] {
        assert_eq!(resolve(&node, &text).await.unwrap(), expected, "{text}");
    }
    assert_eq!(
        peer.gets(),
        [webfinger_path(&actor.handle()), "/users/reader".to_owned()]
    );
}

#[apply(both_databases)]
async fn a_domain_may_delegate_its_handles_to_the_host_of_the_actor(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (domain, host) = (Peer::start("domain").await, Peer::start("social").await);
    // By a redirect, and the actor's document agrees.
    let first = host.actor("first").await;
    let handle = format!("@first@{}", domain.authority);
    first.serve_with(json!({"webfinger": handle[1..]}));
    domain.serve(&webfinger_path(&handle), redirect(&host.url("/elsewhere")));
    host.serve(
        "/elsewhere",
        Canned::document(&json!({"subject": format!("acct:{}", &handle[1..]),
        "links": [{"rel": "self", "type": "application/activity+json", "href": first.id}]})),
    );
    assert_eq!(
        resolve(&node, &handle).await.unwrap(),
        (first.id.clone(), handle)
    );
    // The document names no handle, but its host's WebFinger agrees; its host's name leads to the same actor.
    let second = host.actor("second").await;
    let handle = format!("@second@{}", domain.authority);
    domain.serve_handle(&handle, &handle, &second.id);
    host.serve_handle(&second.handle(), &handle, &second.id);
    assert_eq!(
        resolve(&node, &second.handle()).await.unwrap(),
        (second.id.clone(), handle.clone())
    );
    assert_eq!(
        resolve(&node, &handle).await.unwrap(),
        (second.id.clone(), handle)
    );
}

#[apply(both_databases)]
async fn a_handle_of_an_actor_who_does_not_agree_is_not_believed(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (evil, home) = (Peer::start("evil").await, Peer::start("home").await);
    let victim = home.actor("victim").await;
    let stolen = format!("@victim@{}", evil.authority);
    evil.serve_handle(&stolen, &stolen, &victim.id);
    let error = resolve(&node, &stolen).await.unwrap_err();
    assert!(matches!(error, LookupError::Unconfirmed { .. }), "{error}");
    assert_eq!(
        resolve(&node, &victim.handle()).await.unwrap(),
        (victim.id.clone(), victim.handle())
    );
    // An actor claims a handle that its domain gives to somebody else, or to nobody.
    let liar = evil.actor("victim").await;
    liar.serve_with(json!({"webfinger": &victim.handle()[1..]}));
    assert_eq!(resolve(&node, &liar.id).await.unwrap().1, liar.handle());
    eventually("the claim was asked about", || async {
        (home.get_count(&webfinger_path(&victim.handle())) >= 2).then_some(())
    })
    .await;
    let article = node.publish_any().await;
    liar.comment(&node.inbox(), &article.id, "<p>It is me.</p>")
        .await;
    assert_eq!(node.comments().await[0]["handle"], liar.handle());
}

#[apply(both_databases)]
async fn a_commenter_is_shown_with_the_handle_that_its_domain_confirms(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (domain, host) = (Peer::start("domain").await, Peer::start("social").await);
    let actor = host.actor("reader").await;
    let handle = format!("@reader@{}", domain.authority);
    actor.serve_with(json!({"webfinger": handle[1..]}));
    domain.serve_handle(&handle, &handle, &actor.id);
    let article = node.publish_any().await;
    actor
        .comment(&node.inbox(), &article.id, "<p>Well said.</p>")
        .await;
    eventually("the comment has the confirmed handle", || async {
        (node.comments().await[0]["handle"] == handle.as_str()).then_some(())
    })
    .await;
    actor
        .comment(&node.inbox(), &article.id, "<p>And again.</p>")
        .await;
    assert_eq!(node.comments().await[0]["handle"], handle.as_str());
    assert_eq!(domain.get_count(&webfinger_path(&handle)), 1);
}

#[apply(both_databases)]
async fn a_blocked_host_is_not_asked_not_even_by_a_redirect(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (evil, good) = (Peer::start("evil").await, Peer::start("good").await);
    let outcast = evil.actor("outcast").await;
    node.admin(&["block", "add", "evil.localhost"]).await;
    good.serve(
        &webfinger_path(&format!("@way@{}", good.authority)),
        redirect(&evil.url(&webfinger_path(&outcast.handle()))),
    );
    good.serve_handle(
        &format!("@link@{}", good.authority),
        &outcast.handle(),
        &outcast.id,
    );
    for text in [
        outcast.handle(),
        outcast.id.clone(),
        format!("@way@{}", good.authority),
        format!("@link@{}", good.authority),
    ] {
        assert!(resolve(&node, &text).await.is_err(), "{text}");
    }
    assert!(evil.gets().is_empty());
}

#[apply(both_databases)]
async fn what_leads_to_nobody_is_said_in_a_sentence_soon_and_not_asked_again(
    #[case] database: Database,
) {
    let node = TestNode::start_with(database, "[federation]\nfetch_timeout = 2\n").await;
    let peer = Peer::start("odd").await;
    let handle = |name: &str| format!("@{name}@{}", peer.authority);
    let large = Canned {
        body: vec![b' '; 10 << 20],
        ..Canned::status(200)
    };
    let slow = Canned {
        delay: Duration::from_secs(300),
        ..Canned::status(200)
    };
    for (name, answer) in [
        ("absent", Canned::status(404)),
        ("gone", Canned::status(410)),
        ("broken", Canned::status(500)),
        (
            "html",
            Canned {
                body: b"<html>".to_vec(),
                ..Canned::status(200)
            },
        ),
        ("large", large),
        ("slow", slow),
        (
            "linkless",
            Canned::document(&json!({"subject": "acct:x@y.example", "links": []})),
        ),
        (
            "circle",
            redirect(&peer.url(&webfinger_path(&handle("circle")))),
        ),
        ("file", redirect("file:///etc/passwd")),
        ("home", redirect(&node.url("/users/blog"))),
        (
            "ours",
            Canned::document(
                &json!({"links": [{"rel": "self", "type": "application/activity+json", "href": node.blog()}]}),
            ),
        ),
    ] {
        peer.serve(&webfinger_path(&handle(name)), answer);
        let begun = Instant::now();
        assert!(resolve(&node, &handle(name)).await.is_err(), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{name}");
        let parsed = handle(name).parse().unwrap();
        assert!(
            node.node.handle_lookups.failed_lately(&parsed).await,
            "{name}"
        );
    }
    assert_eq!(peer.get_count(&webfinger_path(&handle("circle"))), 4);
    for text in [
        "reader",
        "https://",
        "ftp://a.example/b",
        "@a b@c.example",
        "@blog@10.0.0.1",
    ] {
        assert!(
            matches!(
                resolve(&node, text).await,
                Err(LookupError::Form(_) | LookupError::NotFound { .. })
            ),
            "{text}"
        );
    }
    assert!(matches!(
        resolve(&node, &node.blog()).await,
        Err(LookupError::Ours(_))
    ));
}

/// A node that is not in development mode connects to no private address.
#[tokio::test]
async fn a_public_node_looks_nobody_up_inside_the_network() {
    use crate::support::Database;
    let node = TestNode::start_public(Database::Sqlite, "https://pamphlet.example").await;
    for text in [
        "@reader@localhost",
        "@reader@localhost:8080",
        "@reader@ip6-localhost",
        "http://localhost/users/reader",
    ] {
        assert!(resolve(&node, text).await.is_err(), "{text}");
    }
}

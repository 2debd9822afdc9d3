//! Other servers that are never asked: by no fetch, and by no redirect of one.

use crate::support::{Database, Peer, TestNode, both_databases, node::pamphlet, peer::Canned};
use pamphlet::federation::remote::signed_client::federation_config;
use pamphlet::federation::remote::{fetch, fetch_error::FetchError, unsigned_fetch};
use rstest_reuse::apply;
use serde_json::json;

/// Fetches an address in every way that the node has; the ways with their outcomes.
async fn fetch_in_every_way(node: &TestNode, url: &str) -> Vec<(&'static str, String)> {
    let context = federation_config(&node.node)
        .await
        .unwrap()
        .to_request_data();
    let outcome_text = |outcome: Result<String, FetchError>| match outcome {
        Ok(got) => format!("got {got}"),
        Err(FetchError::Unusable { reason, .. }) => reason,
        Err(other) => format!("{other:?}"),
    };
    let document = fetch::document(url, &context).await;
    let collection = fetch::collection(url, &context).await;
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().unwrap());
    let picture = unsigned_fetch::picture(url, &mut file, &node.node).await;
    let mut ways = vec![
        ("document", outcome_text(document.map(|it| it.to_string()))),
        (
            "collection",
            outcome_text(collection.map(|it| it.to_string())),
        ),
        (
            "picture",
            outcome_text(picture.map(|()| "a picture".to_owned())),
        ),
    ];
    if let Ok(url) = url.parse() {
        let jrd = unsigned_fetch::jrd(url, &node.node).await;
        ways.push(("jrd", outcome_text(jrd.map(|it| it.to_string()))));
    }
    ways
}

fn redirect(target: &str) -> Canned {
    Canned {
        headers: vec![("location".into(), target.to_owned())],
        ..Canned::status(302)
    }
}

#[apply(both_databases)]
async fn no_redirect_leads_to_a_blocked_host_or_to_the_node_itself(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (good, evil) = (Peer::start("good").await, Peer::start("evil").await);
    node.admin(&["block", "add", "evil.localhost"]).await;
    let note =
        |peer: &Peer, path: &str| Canned::document(&json!({"id": peer.url(path), "type": "Note"}));
    good.serve("/note", note(&good, "/note"));
    good.serve("/way", redirect(&good.url("/note")));
    evil.serve("/note", note(&evil, "/note"));
    for (path, target, reason) in [
        ("/blocked", evil.url("/note"), "its host is blocked"),
        ("/home", node.url("/users/blog"), "it is on this node"),
        (
            "/home-in-another-spelling",
            node.url("/users/blog").replace("localhost", "LOCALHOST."),
            "it is on this node",
        ),
        (
            "/user",
            good.url("/note").replace("://", "://user@"),
            "a user name in a URL is not accepted",
        ),
    ] {
        good.serve(path, redirect(&target));
        for (way, outcome_text) in fetch_in_every_way(&node, &good.url(path)).await {
            assert_eq!(outcome_text, reason, "{way} by {path}");
        }
        for (way, outcome_text) in fetch_in_every_way(&node, &target).await {
            assert_eq!(outcome_text, reason, "{way} of {target}");
        }
    }
    assert_eq!(evil.gets(), Vec::<String>::new());
    let ways = fetch_in_every_way(&node, &good.url("/way")).await;
    assert!(ways[0].1.starts_with("got "), "{ways:?}");
    // Neither is a host that a closed federation does not know.
    node.admin(&["block", "remove", "evil.localhost"]).await;
    let ways = fetch_in_every_way(&node, &good.url("/blocked")).await;
    assert!(ways[0].1.starts_with("got "), "{ways:?}");
}

#[apply(both_databases)]
async fn a_closed_federation_follows_no_redirect_out_of_it(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[federation]\nallowed_hosts = [\"good.localhost\"]\n",
    )
    .await;
    let (good, other) = (Peer::start("good").await, Peer::start("other").await);
    good.serve("/out", redirect(&other.url("/note")));
    for (way, outcome_text) in fetch_in_every_way(&node, &good.url("/out")).await {
        assert_eq!(outcome_text, "its host is blocked", "{way}");
    }
    assert_eq!(other.gets(), Vec::<String>::new());
}

#[apply(both_databases)]
async fn a_public_node_asks_no_private_address(#[case] database: Database) {
    let node = TestNode::start_public(database, "https://blog.example").await;
    let _peer = Peer::start("peer").await;
    for url in [
        "http://peer.example/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[fec0::1]/",
        "https://[::ffff:0:10.0.0.1]/",
        "https://2130706433/",
        "https://peer.example:8443/",
        "https://localhost/",
        "https://user:password@peer.example/",
        "https://blog.example/users/blog",
        "ftp://peer.example/",
    ] {
        for (way, outcome_text) in fetch_in_every_way(&node, url).await {
            assert!(
                !outcome_text.starts_with("got ") && !outcome_text.contains("Unreachable"),
                "{way} of {url}: {outcome_text}"
            );
        }
    }
    let arguments = ["follow", "https://127.0.0.1/users/x"].map(str::to_owned);
    assert!(
        !pamphlet(&node.config_file, node.folder.path(), &arguments)
            .status
            .success()
    );
}

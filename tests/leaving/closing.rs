//! `pamphlet publication close`.

use crate::support::{
    Database, Peer, SignedGet, TestNode, both_databases, eventually, peer::Canned,
};
use rstest_reuse::apply;
use serde_json::Value;

/// Returns what a command that fails says, with its exit code.
async fn refusal(node: &TestNode, arguments: &[&str]) -> (i32, String) {
    let output = node.cli(arguments).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.trim().lines().count(), 1, "{arguments:?}: {error}");
    (output.status.code().unwrap(), error)
}

/// Returns the ids of the deleted actors that arrived at a server with a good signature.
fn deleted(peer: &Peer) -> Vec<String> {
    let mut ids: Vec<String> = peer
        .received_of("Delete")
        .iter()
        .filter(|one| one.verified.is_ok())
        .map(|one| one.activity["object"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// A follower's server gets the end, and so do servers that only replied. One of them is away at first.
#[apply(both_databases)]
async fn a_closed_publication_is_deleted_on_every_server_and_responds_with_410(
    #[case] database: Database,
) {
    let mut node = TestNode::start(database).await;
    let (reader, critic) = (Peer::start("reader").await, Peer::start("critic").await);
    let follower = reader.actor("follower").await;
    let writer = critic.actor("writer").await;
    node.admin(&["author", "add", "ada", "--name", "Ada", "--federated"])
        .await;
    let ada = node.url("/users/ada");
    follower.follow(&node.inbox(), &node.blog()).await;
    let article = node
        .publish("---\ntitle: Farewell\n---\nThe last words.\n")
        .await;
    reader.wait_for("Create").await;
    writer
        .comment(&node.inbox(), &article.id, "<p>A pity.</p>")
        .await;
    let draft = node.file("draft.md", "---\ntitle: Unfinished\n---\nA thought.\n");
    node.admin(&["post", "draft", &draft]).await;
    let domain = node.node.config.domain.to_string();

    let careless = node.cli(&["publication", "close"]).await;
    let error = String::from_utf8(careless.stderr).unwrap();
    assert!(careless.status.code() == Some(2) && error.contains("--exported"));
    for arguments in [
        &["publication", "close", "--exported"][..],
        &["publication", "close", "--exported", "--yes"],
        &["publication", "close", "--exported", "--confirm", &domain],
        &[
            "publication",
            "close",
            "--exported",
            "--yes",
            "--confirm",
            "example.org",
        ],
    ] {
        let (code, error) = refusal(&node, arguments).await;
        assert!(
            code == 2 && error.contains(&domain),
            "{arguments:?}: {error}"
        );
    }
    let dry = ["publication", "close", "--exported", "--dry-run"];
    let plan = node.admin_json(&dry).await;
    assert_eq!(
        (&plan["servers"], &plan["followers"]),
        (&2.into(), &1.into())
    );
    assert_eq!(plan["actors"].as_array().unwrap().len(), 2);
    assert_eq!(node.page("/").await.status, 200);
    let open = node.admin_json(&["publication", "close", "--status"]).await;
    assert_eq!(open["closed_at"], Value::Null);

    critic.respond_next(vec![Canned::status(503)]);
    let close = [
        "publication",
        "close",
        "--exported",
        "--yes",
        "--confirm",
        &domain,
    ];
    assert_eq!(node.admin_json(&close).await["servers"], 2);
    let all = {
        let mut all = vec![node.url("/actor"), ada.clone(), node.blog()];
        all.sort();
        all
    };
    eventually("the follower's server has it", || async {
        (deleted(&reader) == all).then_some(())
    })
    .await;
    eventually("the pages are gone", || async {
        (node.page("/").await.status == 410).then_some(())
    })
    .await;
    // The other server needs the key for as long as it does not have all.
    let waiting = node.admin_json(&["publication", "close", "--status"]).await;
    assert_eq!(
        (&waiting["servers"], &waiting["waiting"]),
        (&2.into(), &1.into())
    );
    assert_eq!(node.document(&node.blog()).await.status, 200);
    node.restart().await;
    node.admin(&["deliveries", "retry"]).await;
    eventually("the critic's server has it", || async {
        (deleted(&critic) == all).then_some(())
    })
    .await;
    eventually("all have it", || async {
        let status = ["publication", "close", "--status"];
        (node.admin_json(&status).await["waiting"] == 0).then_some(())
    })
    .await;

    for id in [&node.blog(), &ada, &article.id, &node.url("/actor")] {
        let end = node.document(id).await;
        assert_eq!(end.status, 410, "{id}");
        let tombstone = end.json();
        assert_eq!(tombstone["type"], "Tombstone", "{id}");
        assert_eq!(tombstone["id"], id.as_str());
    }
    let handle = format!("acct:blog@{domain}");
    for path in [
        "/",
        &article.url,
        "/feed.atom",
        "/authors/ada",
        "/nothing",
        "/users/blog/outbox",
        "/nodeinfo/2.1",
        "/.well-known/nodeinfo",
        &format!("/.well-known/webfinger?resource={handle}"),
        "/api/articles",
    ] {
        assert_eq!(node.page(path).await.status, 410, "{path}");
    }
    assert!(node.page("/").await.text.contains("has ended"));
    assert_eq!(node.page("/healthz").await.status, 200);
    let signed = SignedGet::by(&follower).of(&node, &article.id).await;
    assert_eq!(signed.status, 410);
    let late = follower.note(&article.id, "<p>Too late.</p>");
    let late = follower.activity("Create", late);
    assert_eq!(follower.send(&node.inbox(), &late).await.status, 410);

    // The admin keeps all, and publishes nothing.
    let posts = node.admin_json(&["post", "list"]).await;
    assert_eq!(posts.as_array().unwrap().len(), 2, "{posts}");
    let file = node.file("new.md", "---\ntitle: New\n---\nText.\n");
    for arguments in [
        &["post", "publish", &file, "--tell"][..],
        &["note", "One more word."],
        &["follow", &follower.id],
        &close,
    ] {
        let (code, error) = refusal(&node, arguments).await;
        assert!(
            code == 1 && error.contains("closed"),
            "{arguments:?}: {error}"
        );
    }
    assert_eq!(reader.received_of("Create").len(), 1);
    assert_eq!(reader.received_of("Delete").len(), 3);
}

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
    let domain = node.node.config.domain.clone();

    let (code, error) = refusal(&node, &["publication", "close"]).await;
    assert!(code == 2 && error.contains("--export FILE"), "{error}");
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
    let dry = ["publication", "close", "--dry-run"];
    let plan = node.admin_json(&dry).await;
    assert_eq!(
        (&plan["servers"], &plan["followers"]),
        (&2.into(), &1.into())
    );
    assert_eq!(plan["actors"].as_array().unwrap().len(), 2);
    assert_eq!(node.page("/").await.status, 200);
    let open = node.admin_json(&["publication", "close", "--status"]).await;
    assert_eq!(open["closed_at"], Value::Null);

    // An author was deleted a moment before, and the follower's server was away.
    node.admin(&["author", "add", "bea", "--name", "Bea", "--federated"])
        .await;
    eventually("she has an actor", || async {
        let bea = node.document(&node.url("/users/bea")).await;
        (bea.status == 200).then_some(())
    })
    .await;
    reader.respond_next(vec![Canned::status(503)]);
    node.admin(&["author", "remove", "bea", "--delete-actor", "--yes"])
        .await;
    let away = eventually("the attempt has failed", || async {
        node.number("SELECT id FROM destinations WHERE failing_since IS NOT NULL")
            .await
    })
    .await;
    node.admin(&["deliveries", "pause"]).await;
    let close_to = |archive: &'static str| {
        ["publication", "close", "--export", archive]
            .into_iter()
            .chain(["--yes", "--confirm", &domain])
            .collect::<Vec<_>>()
    };
    // Nothing is closed while nothing would be sent.
    let (code, error) = refusal(&node, &close_to("held.tar.gz")).await;
    assert!(code == 1 && error.contains("deliveries resume"), "{error}");
    assert!(!node.folder.path().join("held.tar.gz").exists());
    node.admin(&["deliveries", "resume"]).await;
    critic.respond_next(vec![Canned::status(503)]);
    // Nothing is closed before everything is in the archive.
    let (code, error) = refusal(&node, &close_to("nowhere/site.tar.gz")).await;
    assert!(code == 1 && error.contains("nowhere"), "{error}");
    assert_eq!(node.page("/").await.status, 200);
    let close = close_to("site.tar.gz");
    let closed = node.admin_json(&close).await;
    assert_eq!(
        (&closed["servers"], &closed["export"]),
        (&2.into(), &"site.tar.gz".into())
    );
    assert!(node.folder.path().join("site.tar.gz").is_file());
    let all = {
        let mut all = vec![node.url("/actor"), ada.clone(), node.blog()];
        all.sort();
        all
    };
    let with_author = {
        let mut all = all.clone();
        all.push(node.url("/users/bea"));
        all.sort();
        all
    };
    node.sql(&format!(
        "UPDATE destinations SET next_attempt_at = 0 WHERE id = {away}"
    ))
    .await;
    eventually("the follower's server has all ends", || async {
        (deleted(&reader) == with_author).then_some(())
    })
    .await;
    eventually("the pages are gone", || async {
        (node.page("/").await.status == 410).then_some(())
    })
    .await;
    // The other server needs the key for as long as it does not have all.
    let status = ["publication", "close", "--status"];
    let waiting = node.admin_json(&status).await;
    assert_eq!(
        (&waiting["servers"], &waiting["waiting"], &waiting["held"]),
        (&2.into(), &1.into(), &false.into())
    );
    assert_eq!(node.document(&node.blog()).await.status, 200);
    // It is away for so long that it counts as dead.
    eventually("the first attempt is recorded", || async {
        let failing = "SELECT COUNT(*) FROM destinations WHERE failing_since IS NOT NULL";
        (node.number(failing).await == Some(1)).then_some(())
    })
    .await;
    critic.respond_next(vec![Canned::status(503)]);
    node.sql(
        "UPDATE destinations SET failing_since = 1, next_attempt_at = 0 WHERE failing_since IS NOT NULL",
    )
    .await;
    eventually("the critic's server is dead", || async {
        (node.admin_json(&status).await["dead"] == 1).then_some(())
    })
    .await;
    node.admin(&["deliveries", "pause"]).await;
    assert_eq!(node.admin_json(&status).await["held"], true);
    node.admin(&["deliveries", "resume"]).await;
    let old_host = node.origin.replace("http://localhost", "old.example");
    let mut tx = node.node.store.begin().await.unwrap();
    tx.add_former_host(&old_host).await.unwrap();
    tx.commit().await.unwrap();
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
    let headers = [
        ("host", old_host.as_str()),
        ("accept", "application/activity+json"),
    ];
    let former = node.get_with("/?author=1", &headers).await;
    assert_eq!(
        (former.status, &former.json()["id"]),
        (410, &format!("http://{old_host}/?author=1").into())
    );
    let handle = format!("acct:blog@{domain}");
    for path in [
        "/",
        &article.url,
        "/feed.atom",
        "/authors/ada",
        "/authors/Ada/",
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
    assert_eq!(reader.received_of("Delete").len(), 4);
}

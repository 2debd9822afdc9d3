//! What the site does by itself, as Fedify and bovine understand it, and what they do in return.

use crate::support::{
    Database, TestNode, eventually,
    foreign_server::{ServerKind, each_server},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

fn id_of(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// Waits until so many are in a collection of the publication's.
async fn wait_for_total(node: &TestNode, collection: &str, total: i64) {
    let path = format!("/users/blog/{collection}");
    eventually(&format!("{total} {collection}"), || async {
        (node.total(&path).await == total).then_some(())
    })
    .await;
}

#[apply(each_server)]
async fn hears_what_the_site_does_by_itself(
    #[case] server: ServerKind,
    #[case] database: Database,
) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let (blog, reader) = (node.blog(), server.reader());
    node.admin(&["follow", &server.handle()]).await;
    let follow = server.wait_for("Follow", &blog, &reader).await;
    wait_for_total(node, "following", 1).await;

    let post = server.write("<p>Worth reading.</p>").await;
    for (command, kind) in [("like", "Like"), ("boost", "Announce")] {
        let done = id_of(&node.admin_json(&[command, &post]).await);
        let sent = id_of(&server.wait_for(kind, &blog, &post).await);
        node.admin(&["undo", &done, "--yes"]).await;
        server.wait_for("Undo", &blog, &sent).await;
    }

    let note = node
        .admin_json(&["note", &format!("Read {}!", server.handle())])
        .await;
    let url = note["url"].as_str().unwrap();
    let create = server.wait_for("Create", &blog, url).await;
    assert_eq!(create["understood"]["object"]["mentions"], json!([reader]));
    node.admin(&["undo", url, "--yes"]).await;
    server.wait_for("Delete", &blog, url).await;

    node.admin(&["unfollow", &server.handle()]).await;
    let undo = server.wait_for("Undo", &blog, &id_of(&follow)).await;
    let undone = &undo["understood"]["object"];
    assert_eq!(
        (&undone["type"], &undone["object"]),
        (&json!("Follow"), &json!(reader))
    );
}

#[apply(each_server)]
async fn is_answered_and_reported(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let article = node.publish_any().await;
    let question = server.reply(node, &article.id, "<p>Why slowly?</p>").await;
    let number = eventually("the comment is there", || async {
        node.comments()
            .await
            .first()
            .map(|comment| comment["id"].to_string())
    })
    .await;
    let answer = node.admin_json(&["reply", &number, "It lasts."]).await;
    let create = server
        .wait_for("Create", &node.blog(), answer["url"].as_str().unwrap())
        .await;
    let understood = &create["understood"]["object"];
    assert_eq!(understood["inReplyTo"], question);
    assert_eq!(understood["mentions"], json!([server.reader()]));

    node.admin(&["report", &question, "a trial"]).await;
    let flag = server
        .wait_for("Flag", &node.url("/actor"), &question)
        .await;
    assert_eq!(
        flag["understood"]["objects"],
        json!([server.reader(), question])
    );
}

#[apply(each_server)]
async fn refuses_and_blocks(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let about = json!({"actor": node.blog()});
    node.admin(&["follow", &server.reader()]).await;
    wait_for_total(node, "following", 1).await;
    server.send("reject", about.clone()).await;
    wait_for_total(node, "following", 0).await;
    assert_eq!(
        node.admin_json(&["following"]).await[0]["state"],
        "rejected"
    );

    server.send("follow", about.clone()).await;
    wait_for_total(node, "followers", 1).await;
    server.send("block", about).await;
    wait_for_total(node, "followers", 0).await;
    let notices = node.notices().await;
    assert_eq!(
        (&notices[0]["kind"], &notices[0]["actor"]),
        (&json!("block"), &json!(server.reader()))
    );
}

#[apply(each_server)]
async fn verifies_with_the_key_that_took_the_place_of_another(
    #[case] server: ServerKind,
    #[case] database: Database,
) {
    let node =
        &TestNode::start_with(database, "[delivery]\nkey_change_pause = \"1 second\"\n").await;
    let server = server.start().await;
    server.send("follow", json!({"actor": node.blog()})).await;
    node.publish_any().await;
    node.admin(&["keys", "rotate", "--yes"]).await;
    server.wait_for("Update", &node.blog(), &node.blog()).await;
    let handle = format!("@blog@{}", node.origin.strip_prefix("http://").unwrap());
    let found = server.ask("lookup", json!({"handle": handle})).await;
    let key = node.document(&node.blog()).await.json()["publicKey"]["id"].clone();
    assert!(!key.as_str().unwrap().ends_with("#main-key"));
    assert!(
        found["publicKeys"].as_array().unwrap().contains(&key),
        "{key}: {found}"
    );
    let article = node.publish("---\ntitle: Later\n---\nText.\n").await;
    server.wait_for("Create", &node.blog(), &article.id).await;
}

#[apply(each_server)]
async fn follows_when_the_admin_says_so(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start_with(database, "[followers]\napprove = true\n").await;
    let server = server.start().await;
    let (blog, reader) = (node.blog(), server.reader());
    let ask = json!({"actor": blog});
    let follow = server.send("follow", ask.clone()).await;
    node.admin(&["followers", "accept", &reader]).await;
    let accept = server.wait_for("Accept", &blog, &follow).await;
    let accepted = &accept["understood"]["object"];
    assert_eq!(accepted["type"], "Follow");
    assert_eq!(
        (&accepted["actor"], &accepted["object"]),
        (&json!(reader), &json!(blog))
    );
    node.admin(&["followers", "remove", &reader, "--yes"]).await;
    server.wait_for("Reject", &blog, &follow).await;

    let again = server.send("follow", ask).await;
    node.admin(&["followers", "reject", &reader]).await;
    server.wait_for("Reject", &blog, &again).await;
}

#[apply(each_server)]
async fn reads_and_follows_in_secure_mode(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start_with(database, "[federation]\nauthorized_fetch = true\n").await;
    let server = server.start().await;
    let handle = format!("@blog@{}", node.origin.strip_prefix("http://").unwrap());
    assert_eq!(
        server.ask("lookup", json!({"handle": handle})).await["id"],
        node.blog()
    );
    let follow = server.send("follow", json!({"actor": node.blog()})).await;
    server.wait_for("Accept", &node.blog(), &follow).await;
    let article = node
        .publish("---\ntitle: For those who sign\n---\nText.\n")
        .await;
    server.wait_for("Create", &node.blog(), &article.id).await;
    assert_eq!(node.document(&article.id).await.status, 401);
    let found = server.ask("fetch", json!({"id": article.id})).await;
    assert_eq!(found["name"], "For those who sign");
    // Not `reply`: Fedify signs an `@target-uri` with the fragment when it fetches a key by its id
    // (against RFC 9110, 7.1), is refused, and from then on knocks with draft-cavage first.
    let answer = json!({"inReplyTo": article.id, "to": node.blog(), "content": "<p>Signed.</p>"});
    assert_eq!(server.ask("reply", answer).await["status"], 202);
    eventually("the comment is there", || async {
        (node.comments().await.len() == 1).then_some(())
    })
    .await;
}

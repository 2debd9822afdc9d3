//! What is kept about somebody can be read by them, and ends when they wish.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::json;

/// Returns whether a text is in any table with personal data.
async fn is_kept(node: &TestNode, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (table, columns) in [
        (
            "comments",
            "content || author_name || author_handle || COALESCE(author_url, '') || COALESCE(url, '')
            || COALESCE(admin_note, '') || COALESCE(extras, '') || COALESCE(reason, '') || COALESCE(replies_uri, '')",
        ),
        ("comment_edits", "content"),
        ("remote_actors", "uri || username || name"),
        ("remote_keys", "key_id"),
        ("reactions", "uri"),
        ("followers", "follow_uri"),
        (
            "notices",
            "actor_uri || text || COALESCE(object_uri, '')",
        ),
        ("log", "about || COALESCE(why, '')"),
        ("activities", "body"),
        ("guests", "name || COALESCE(mail, '')"),
        ("messages", "recipient || payload"),
    ] {
        let count = format!("SELECT COUNT(*) FROM {table} WHERE {columns} LIKE '%{text}%'");
        if node.number(&count).await != Some(0) {
            found.push(table.to_owned());
        }
    }
    found
}

async fn complaint(node: &TestNode, arguments: &[&str]) -> String {
    let output = node.cli(arguments).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert_eq!(error.trim().lines().count(), 1, "{arguments:?}: {error}");
    error
}

#[apply(both_databases)]
async fn somebody_of_another_server_is_erased(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, other) = (Peer::start("peer").await, Peer::start("other").await);
    let (quitter, friend) = (peer.actor("quitter").await, other.actor("friend").await);
    quitter.serve_with(json!({"endpoints": null}));
    let article = node.publish_any().await;
    quitter.follow(&node.inbox(), &node.blog()).await;
    let mut note = quitter
        .comment(&node.inbox(), &article.id, "<p>My first quitter words.</p>")
        .await;
    note["content"] = json!("<p>My quitter words.</p>");
    quitter
        .deliver(&node.inbox(), &quitter.activity("Update", note.clone()))
        .await;
    let on = note["id"].as_str().unwrap();
    friend.comment(&node.inbox(), on, "<p>An answer.</p>").await;
    let like = quitter.activity("Like", json!(article.id));
    quitter.deliver(&node.inbox(), &like).await;
    let mut letter = quitter.note(&article.id, "<p>In private.</p>");
    letter["to"] = json!([node.blog()]);
    letter["cc"] = json!([]);
    quitter
        .deliver(&node.inbox(), &quitter.activity("Create", letter))
        .await;
    friend
        .deliver(&node.inbox(), &friend.activity("Flag", json!([on])))
        .await;
    let comments = node.comments().await;
    let id = comments
        .iter()
        .find(|comment| comment["uri"] == on)
        .unwrap()["id"]
        .to_string();
    node.admin(&["comments", "edit-note", &id, "About the quitter."])
        .await;
    node.admin(&["comments", "hide", &id, "--why", "the quitter asked"])
        .await;
    node.admin(&["comments", "approve", &id]).await;
    let handle = quitter.handle();
    let kept = node.admin(&["export", "person", &handle]).await;
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["profile"]["id"], quitter.id);
    assert_eq!(
        (
            &kept["comments"][0]["text"],
            &kept["comments"][0]["earlier"][0]["text"]
        ),
        (
            &json!("My quitter words."),
            &json!("My first quitter words.")
        )
    );
    for (table, rows) in [
        ("reactions", 1),
        ("follows", 1),
        ("notices", 2),
        ("keys", 1),
        ("log", 2),
    ] {
        assert_eq!(
            kept[table].as_array().map(Vec::len),
            Some(rows),
            "{table}: {kept}"
        );
    }
    assert_eq!(kept["log"][1]["why"], "the quitter asked");
    let would = node
        .admin_json(&["actor", "erase", &handle, "--dry-run"])
        .await;
    assert_eq!(
        (
            &would["erased"]["comments"],
            &would["erased"]["notices"],
            &would["dry_run"]
        ),
        (&json!(1), &json!(2), &json!(true))
    );
    assert_eq!(node.replies(&article).await.len(), 2);
    let printed = node.admin(&["actor", "erase", &quitter.id, "--yes"]).await;
    assert!(
        printed.starts_with("Erased: the profile, 1 comments, 1 reactions, 1 follows"),
        "{printed}"
    );
    assert_eq!(is_kept(&node, "quitter").await, Vec::<String>::new());
    assert_eq!(node.replies(&article).await.len(), 1);
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("An answer.") && !page.contains("quitter"),
        "the thread holds together"
    );
    assert_eq!(node.admin_json(&["log"]).await[0]["about"], "a person");
    for command in [
        &["actor", "erase", &handle, "--yes"][..],
        &["export", "person", &quitter.id],
    ] {
        assert!(
            complaint(&node, command)
                .await
                .contains("unknown to this node")
        );
    }
    // Erased content does not return. The actor can, although the node still has their key.
    let again = quitter.activity("Like", json!(article.id));
    assert_eq!(quitter.send(&node.inbox(), &again).await.status, 503);
    quitter.deliver(&node.inbox(), &again).await;
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
    for kind in ["Create", "Update"] {
        quitter
            .deliver(&node.inbox(), &quitter.activity(kind, note.clone()))
            .await;
    }
    assert_eq!(node.replies(&article).await.len(), 1);
}

#[apply(both_databases)]
async fn who_writes_without_an_account_is_erased_and_their_address_forgotten(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let peer = Peer::start("peer").await;
    let namesake = peer.actor("gus").await;
    let article = node.publish_any().await;
    namesake
        .comment(&node.inbox(), &article.id, "<p>I am another.</p>")
        .await;
    let mail = namesake.handle().trim_start_matches('@').to_owned();
    let comment = |id: i64, number: i64, guest: i64, received: i64| {
        format!(
        "INSERT INTO comments (id, article_id, number, uri, author_name, author_handle, content, markdown, state,
                published_at, received_at, guest_id, address_hash)
             SELECT {id}, id, {number}, 'urn:{number}', 'Gus', '', '<p>By Gus</p>', 'By Gus', 'visible', 0, {received}, {guest}, 'hash'
             FROM articles;")
    };
    let now = pamphlet::store::now();
    node.sql(&format!(
        "INSERT INTO guests (id, name, mail, created_at) VALUES (7, 'Gus', '{mail}', 0), (8, 'Gus', '{}', 0), (9, 'Ann', 'ann@example.org', 0);
             {} {} {}
             INSERT INTO messages (uid, channel, recipient, payload, created_at) VALUES ('m1', 'mail', '{mail}', '{{\"to\": \"{mail}\"}}', {now});",
        mail.to_uppercase(), comment(101, 101, 7, 0), comment(102, 102, 8, now), comment(103, 103, 9, now)
    )).await;
    // Addresses are forgotten after some days.
    node.restart().await;
    eventually("the old address is forgotten", || async {
        (node
            .texts("SELECT uri FROM comments WHERE address_hash IS NOT NULL ORDER BY id")
            .await
            == ["urn:102", "urn:103"])
        .then_some(())
    })
    .await;
    assert!(
        complaint(&node, &["actor", "erase", &mail, "--yes"])
            .await
            .contains("both an email address and a handle")
    );
    assert!(
        complaint(&node, &["actor", "erase", "nobody@example.org", "--yes"])
            .await
            .contains("no data is stored")
    );
    assert!(
        complaint(&node, &["export", "person", "gus"])
            .await
            .contains("is not a handle")
    );
    let named = format!("mailto:{mail}");
    let kept = node.admin(&["export", "person", &named]).await;
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let lengths = ["names", "comments", "mails"].map(|list| kept[list].as_array().unwrap().len());
    assert_eq!(
        (lengths, &kept["names"][0]["mail"]),
        ([2, 2, 1], &json!(mail))
    );
    let printed = node.admin(&["actor", "erase", &named, "--yes"]).await;
    assert!(
        printed.contains("2 comments") && printed.contains("1 mails") && !printed.contains(&mail),
        "{printed}"
    );
    assert_eq!(node.texts("SELECT name FROM guests").await, ["Ann"]);
    assert_eq!(node.texts("SELECT uri FROM comments WHERE state = 'deleted' AND content = '' AND markdown IS NULL ORDER BY id").await, ["urn:101", "urn:102"]);
    assert_eq!(
        is_kept(&node, &mail).await,
        ["comments"],
        "of the namesake with that handle"
    );
    assert!(
        complaint(&node, &["export", "person", &named])
            .await
            .contains("no data is stored")
    );
}

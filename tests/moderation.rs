//! Blocks in part, shared lists of them, and what waits for whom the admin blocks.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the types of the activities that wait for an inbox.
async fn waiting(node: &TestNode, inbox: &str) -> Vec<String> {
    node.texts(&format!(
        "SELECT a.kind FROM deliveries w JOIN activities a ON a.id = w.activity_id
         JOIN destinations d ON d.id = w.destination_id WHERE d.inbox = '{inbox}' ORDER BY w.id"
    ))
    .await
}

/// Returns the value and the rules of each block.
async fn blocks(node: &TestNode) -> Vec<(String, String, bool)> {
    let list = node.admin_json(&["blocks", "list"]).await;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| {
        (
            text(row, "value"),
            text(row, "severity"),
            row["no_media"] == true,
        )
    })
    .collect()
}

#[apply(both_databases)]
async fn comments_of_some_servers_wait_for_the_admin(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (loud, good) = (Peer::start("deep.loud").await, Peer::start("good").await);
    let (shouter, friend) = (loud.actor("shouter").await, good.actor("friend").await);
    shouter.follow(&node.inbox(), &node.blog()).await;
    node.admin(&[
        "block",
        "add",
        "loud.localhost",
        "--comments-held",
        "--reason",
        "shouts",
    ])
    .await;
    let article = node.publish_any().await;
    loud.wait_for("Create").await;
    let held = shouter
        .comment(&node.inbox(), &article.id, "<p>HELLO.</p>")
        .await;
    friend
        .comment(&node.inbox(), &article.id, "<p>Hello.</p>")
        .await;
    shouter
        .deliver(&node.inbox(), &shouter.activity("Like", json!(article.id)))
        .await;
    assert_eq!(
        node.total(&format!("{}/likes", article.id)).await,
        0,
        "reactions wait too"
    );
    assert_eq!(node.replies(&article).await.len(), 1);
    let comments = node.comments().await;
    let waits = comments
        .iter()
        .find(|comment| comment["state"] == "held")
        .unwrap();
    node.admin(&["comments", "approve", &waits["id"].to_string()])
        .await;
    assert_eq!(
        node.replies(&article).await[0],
        held["id"].as_str().unwrap()
    );
    // A full block takes the place of a limit.
    node.admin(&["block", "add", "loud.localhost"]).await;
    assert_eq!(
        blocks(&node).await,
        [("loud.localhost".into(), "block".into(), false)]
    );
    assert_eq!(node.replies(&article).await.len(), 1);
    let reply = shouter
        .send(&node.inbox(), &shouter.activity("Like", json!(article.id)))
        .await;
    assert_eq!(reply.status, 403);
    // One actor alone can be limited, too.
    node.admin(&["block", "remove", "loud.localhost"]).await;
    node.admin(&["block", "add", &friend.id, "--comments-held"])
        .await;
    friend
        .comment(&node.inbox(), &article.id, "<p>Again.</p>")
        .await;
    shouter
        .comment(&node.inbox(), &article.id, "<p>Quietly.</p>")
        .await;
    assert_eq!(node.replies(&article).await.len(), 3);
}

#[apply(both_databases)]
async fn pictures_of_some_servers_are_not_kept(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("gaudy").await;
    let actor = peer.actor("reader").await;
    actor.serve_with(json!({"icon": {"type": "Image", "url": peer.url("/face.png")}}));
    let icons = "SELECT COALESCE(icon_url, '') FROM remote_actors";
    let article = node.publish_any().await;
    actor
        .comment(&node.inbox(), &article.id, "<p>Hello.</p>")
        .await;
    assert_eq!(node.texts(icons).await, [peer.url("/face.png")]);
    node.admin(&["block", "add", "gaudy.localhost", "--no-media"])
        .await;
    assert_eq!(node.texts(icons).await, [""]);
    actor
        .deliver(&node.inbox(), &actor.activity("Update", actor.document()))
        .await;
    assert_eq!(node.texts(icons).await, [""], "nor taken in again");
    assert_eq!(node.replies(&article).await.len(), 1, "the comment stays");
}

#[apply(both_databases)]
async fn a_shared_list_is_taken_as_far_as_it_makes_sense(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (evil, loud) = (Peer::start("deep.evil").await, Peer::start("loud").await);
    let (outcast, shouter) = (evil.actor("outcast").await, loud.actor("shouter").await);
    let article = node.publish_any().await;
    let list = node.file(
        "list.csv",
        "\u{feff}#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
        EVIL.localhost,suspend,FALSE,FALSE,\"spam, lies\",TRUE\r\n\
        loud.localhost,silence,true,true,,false\r\n\
        b*d.example,suspend,false,false,,false\r\n\
        localhost,suspend,false,false,,false\r\n\
        quiet.example,noop,false,false,,false\r\n\
        odd.example,explode,false,false,,false\r\n\
        10.0.0.1,suspend,,,,\r\n\
        \"open.example,suspend,,,,\r\n\
        evil.localhost.,suspend,,,,\r\n",
    );
    let would = node
        .admin_json(&["blocks", "import", &list, "--dry-run"])
        .await;
    assert_eq!(
        (&would["added"], &would["dry_run"]),
        (&json!(2), &json!(true))
    );
    assert!(blocks(&node).await.is_empty());
    let done = node.admin_json(&["blocks", "import", &list, "--yes"]).await;
    assert_eq!(
        (&done["added"], &done["changed"], &done["unchanged"]),
        (&json!(2), &json!(0), &json!(1))
    );
    let lines: Vec<i64> = done["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bad| bad["line"].as_i64().unwrap())
        .collect();
    assert_eq!(lines, [4, 5, 6, 7, 8, 9], "{done}");
    let expected = [
        ("evil.localhost".to_owned(), "block".to_owned(), false),
        ("loud.localhost".into(), "hold".into(), true),
    ];
    assert_eq!(blocks(&node).await, expected);
    let reply = outcast
        .send(&node.inbox(), &outcast.activity("Like", json!(article.id)))
        .await;
    assert_eq!(reply.status, 403);
    shouter
        .deliver(
            &node.inbox(),
            &shouter.activity("Flag", json!([article.id])),
        )
        .await;
    assert_eq!(
        node.dropped("report that is not wanted from there").await,
        1
    );
    assert!(node.notices().await.is_empty());
    // The same again changes nothing; a plain list only makes what is there stricter.
    let again = node.admin(&["blocks", "import", &list, "--yes"]).await;
    assert!(
        again.contains("0 added, 0 made stricter, 3 unchanged, 6 skipped"),
        "{again}"
    );
    let plain = node.file("plain.txt", "loud.localhost\nevil.localhost\nnew.example\n");
    let done = node
        .admin_json(&["blocks", "import", &plain, "--yes"])
        .await;
    assert_eq!(
        (&done["added"], &done["changed"], &done["unchanged"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let exported = node.admin(&["blocks", "export"]).await;
    assert_eq!(
        exported,
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n\
        evil.localhost,suspend,false,false,,true\nloud.localhost,suspend,true,true,,false\nnew.example,suspend,false,false,,false\n"
    );
    assert!(
        node.admin(&["blocks", "export", "--reasons"])
            .await
            .contains("evil.localhost,suspend,false,false,\"spam, lies\",true\n")
    );
    let back = node.file("back.csv", &exported);
    assert_eq!(
        node.admin_json(&["blocks", "import", &back, "--yes"]).await["unchanged"],
        3
    );
    for name in ["absent.csv", "."] {
        let output = node.cli(&["blocks", "import", name]).await;
        assert!(!output.status.success());
        assert_eq!(
            String::from_utf8(output.stderr)
                .unwrap()
                .trim()
                .lines()
                .count(),
            1
        );
    }
}

#[apply(both_databases)]
async fn what_waits_for_a_blocked_actor_alone_is_not_sent(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (mixed, lonely) = (Peer::start("mixed").await, Peer::start("lonely").await);
    let (friend, outcast) = (mixed.actor("friend").await, mixed.actor("outcast").await);
    let hermit = lonely.actor("hermit").await;
    hermit.serve_with(json!({"endpoints": null}));
    friend.follow(&node.inbox(), &node.blog()).await;
    hermit.follow(&node.inbox(), &node.blog()).await;
    // Both servers are down, so that all deliveries wait.
    for peer in [&mixed, &lonely] {
        peer.respond_next(vec![crate::support::peer::Canned::status(503); 3]);
    }
    let (shared, own) = (mixed.url("/inbox"), format!("{}/inbox", hermit.id));
    node.publish_any().await;
    outcast
        .deliver(
            &node.inbox(),
            &outcast.activity("Follow", json!(node.blog())),
        )
        .await;
    eventually("all waits", || async {
        (waiting(&node, &shared).await == ["Create", "Accept"]
            && waiting(&node, &own).await == ["Create"])
        .then_some(())
    })
    .await;
    for actor in [&outcast, &hermit] {
        node.admin(&["block", "add", &actor.id]).await;
    }
    assert_eq!(
        waiting(&node, &shared).await,
        ["Create"],
        "the friend gets theirs"
    );
    assert!(waiting(&node, &own).await.is_empty());
}

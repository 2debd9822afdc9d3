//! The admin finds comments, decides on one or on many, takes that back, and sees what was decided and why.

use crate::support::{Database, Peer, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// The texts that `comments list` finds by these options, newest first.
async fn found(node: &TestNode, options: &[&str]) -> Vec<String> {
    let list = node
        .admin_json(&[&["comments", "list"], options].concat())
        .await;
    texts(&list, "text")
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row[field].as_str().unwrap().to_owned())
        .collect()
}

/// The one line that a command complains by, and its exit code.
async fn complaint(node: &TestNode, arguments: &[&str]) -> (i32, String) {
    let output = node.cli(arguments).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && output.stdout.is_empty(),
        "{arguments:?}"
    );
    (output.status.code().unwrap(), error)
}

#[apply(both_databases)]
async fn comments_are_found_by_all_that_is_known_of_them(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (loud, good) = (Peer::start("deep.loud").await, Peer::start("good").await);
    let (shouter, friend) = (loud.actor("shouter").await, good.actor("friend").await);
    let (one, other) = (
        node.publish_any().await,
        node.publish("---\ntitle: Another\n---\nText.\n").await,
    );
    friend
        .comment(
            &node.inbox(),
            &one.id,
            "<p>A <b>wide</b> world, gr\u{fc}n &amp; 50% <a href=\"https://x.example/\">x</a></p>",
        )
        .await;
    shouter
        .comment(&node.inbox(), &one.id, "<p>Buy pills</p>")
        .await;
    shouter
        .comment(&node.inbox(), &other.id, "<p>Buy more</p>")
        .await;
    node.sql(&format!(
        "INSERT INTO guests (id, name, mail, site, created_at) VALUES (7, 'Gus', 'gus@example.org', 'https://gus.example/', 0);
             INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, reason, published_at,
                received_at, guest_id, score, score_reasons)
             SELECT id, 99, 'urn:x', 'Gus', '', '<p>By hand</p>', 'held', 'waits for approval', 0, 0, 7, 12,
                '[{{\"points\": 12, \"what\": \"3 links\"}}]' FROM articles WHERE slug = '{}'", one.slug
    )).await;
    let (wide, pills, more, hand) = (
        "A wide world, gr\u{fc}n & 50% x",
        "Buy pills",
        "Buy more",
        "By hand",
    );
    for (options, expected) in [
        (&[][..], &[hand, more, pills, wide][..]),
        (&["--article", &one.slug], &[hand, pills, wide]),
        (&["--actor", &friend.handle()], &[wide]),
        (&["--actor", &loud.url("/@shouter")], &[more, pills]),
        (&["--host", "LOUD.localhost"], &[more, pills]),
        (&["--host", "oud.localhost"], &[]),
        (&["--guest"], &[hand]),
        (&["--state", "held", "--search", "gus"], &[hand]),
        (&["--search", "WIDE GR\u{dc}N & 50%"], &[wide]),
        (&["--search", "nofollow"], &[]),
        (
            &[
                "--host",
                "loud.localhost",
                "--article",
                &other.slug,
                "--state",
                "visible",
                "--search",
                "b_y",
            ],
            &[],
        ),
        (&["--search", "@shouter@ buy", "--limit", "1"], &[more]),
    ] {
        assert_eq!(found(&node, options).await, expected, "{options:?}");
    }
    let first = node.admin_json(&["comments", "list", "--limit", "2"]).await;
    assert_eq!(
        found(&node, &["--before", &first[1]["id"].to_string()]).await,
        [pills, wide]
    );
    assert_eq!(
        (&first[0]["guest"], &first[0]["article"], &first[0]["score"]),
        (&json!(true), &json!(one.slug), &json!(12))
    );
    let shown = node
        .admin(&["comments", "show", &first[0]["id"].to_string()])
        .await;
    for part in [
        "(held, waits for approval)",
        "Gus, guest without an account",
        "https://gus.example/",
        "12 (12 for 3 links)",
        "#comment-99",
        "On reading slowly",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("gus@example.org"), "{shown}");
    for (options, complains_of) in [
        (&["--article", "gone"][..], "gone"),
        (
            &["--actor", "@nobody@good.localhost"],
            "unknown to this node",
        ),
        (&["--host", "no host"], "host"),
    ] {
        let (code, error) = complaint(&node, &[&["comments", "list"], options].concat()).await;
        assert!(
            code == 1 && error.contains(complains_of) && error.trim().lines().count() == 1,
            "{options:?}: {error}"
        );
    }
}

#[apply(both_databases)]
async fn decisions_are_made_by_the_many_and_taken_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (loud, good) = (Peer::start("loud").await, Peer::start("good").await);
    let (shouter, friend) = (loud.actor("shouter").await, good.actor("friend").await);
    let article = node.publish_any().await;
    let shown = || async { node.replies(&article).await.len() };
    for text in ["<p>One.</p>", "<p>Two.</p>", "<p>Three.</p>"] {
        shouter.comment(&node.inbox(), &article.id, text).await;
    }
    let note = friend
        .comment(&node.inbox(), &article.id, "<p>Frist.</p>")
        .await;
    let comments = node.comments().await;
    let id = |index: usize| comments[index]["id"].to_string();
    let (mine, three, two, one) = (id(0), id(1), id(2), id(3));
    // First what would be, then that.
    let all = ["comments", "hide", "--host", "loud.localhost"];
    let would = node.admin_json(&[&all[..], &["--dry-run"]].concat()).await;
    assert_eq!(
        (
            would["changed"].as_array().unwrap().len(),
            &would["dry_run"],
            shown().await
        ),
        (3, &json!(true), 4)
    );
    let printed = node
        .admin(&[&all[..], &["--why", "too loud"]].concat())
        .await;
    assert!(
        printed.contains(&format!(
            "Comment {two} by {} is off the page.",
            shouter.handle()
        )) && printed.contains("3 comments are off the page."),
        "{printed}"
    );
    assert_eq!(shown().await, 1);
    assert!(node.admin(&all).await.contains("No comments changed."));
    assert!(
        node.admin(&["comments", "show", &two])
            .await
            .contains("(hidden, too loud)")
    );
    // Back, and back again.
    assert!(
        node.admin(&["comments", "undo", &two])
            .await
            .contains("is visible again")
    );
    assert_eq!(shown().await, 2);
    assert_eq!(
        node.admin_json(&["comments", "undo", &two]).await["state"],
        "hidden"
    );
    assert!(
        node.admin(&["comments", "show", &two])
            .await
            .contains("(hidden, too loud)")
    );
    node.admin(&["comments", "spam", &one]).await;
    assert_eq!(found(&node, &["--state", "spam"]).await, ["One."]);
    let done = node
        .admin_json(&["comments", "approve", &one, &two, &mine])
        .await;
    assert_eq!(done["changed"].as_array().unwrap().len(), 3, "{done}");
    assert_eq!(shown().await, 3);
    // What admins note, what the author changed, what was decided.
    node.admin(&["comments", "edit-note", &mine, "An old friend."])
        .await;
    let mut edited = note.clone();
    edited["content"] = json!("<p>First.</p>");
    friend
        .deliver(&node.inbox(), &friend.activity("Update", edited))
        .await;
    node.admin(&["comments", "hide", &mine]).await;
    let about = node.admin(&["comments", "show", &mine]).await;
    assert!(
        about.contains("An old friend.") && about.contains("First.") && about.contains("Edited"),
        "{about}"
    );
    let history = node.admin_json(&["comments", "history", &mine]).await;
    assert_eq!(
        (
            &history["edits"][0]["text"],
            &history["decisions"][1]["action"]
        ),
        (&json!("Frist."), &json!("hide"))
    );
    let history = node.admin(&["comments", "history", &mine]).await;
    assert!(
        history.contains("Frist.") && history.contains("was visible"),
        "{history}"
    );
    // Who edits without end does not fill the database.
    node.sql(&format!("INSERT INTO comment_edits (comment_id, content, replaced_at)
            SELECT a.id, 'x', 0 FROM comments a, comments b, comments c, comments d, comments e WHERE a.id = {mine}")).await;
    friend
        .deliver(&node.inbox(), &friend.activity("Update", note.clone()))
        .await;
    let edits = node.admin_json(&["comments", "history", &mine]).await;
    assert_eq!(edits["edits"].as_array().map(Vec::len), Some(100));
    assert!(
        !node
            .page(&article.url)
            .await
            .text
            .contains("An old friend.")
    );
    let log = node.admin_json(&["log", "--about", &two]).await;
    assert_eq!(
        texts(&log, "action"),
        ["approve", "hide", "approve", "hide"]
    );
    assert_eq!(
        (&log[3]["why"], &log[3]["before"], &log[2]["why"]),
        (
            &json!("too loud"),
            &json!("visible"),
            &json!("takes back: hide")
        )
    );
    // An answer of the publication's own.
    node.admin(&["comments", "reply", &one, "So it is."]).await;
    loud.wait_for("Create").await;
    // The end of it all.
    node.admin(&["comments", "delete", "--search", "three"])
        .await;
    for (arguments, code, complains_of) in [
        (&["comments", "undo", &three][..], 1, "deleted"),
        (&["comments", "approve", &one, &three], 1, "deleted"),
        (&["comments", "edit-note", &three, "x"], 1, "deleted"),
        (&["comments", "hide", &one, "777"], 1, "777"),
        (&["comments", "undo", "777"], 1, "777"),
        (&["comments", "hide"], 2, "required"),
        (
            &["comments", "hide", &one, "--host", "loud.localhost"],
            2,
            "cannot be used",
        ),
        (&["comments", "hide", "--state", "odd"], 2, "odd"),
    ] {
        let (was, error) = complaint(&node, arguments).await;
        assert!(
            was == code && error.contains(complains_of),
            "{arguments:?}: {error}"
        );
        assert!(
            code == 2 || error.trim().lines().count() == 1,
            "{arguments:?}: {error}"
        );
    }
    assert_eq!(
        node.admin_json(&["comments", "show", &one]).await["state"],
        "visible",
        "all or none of those that are named"
    );
    // Whom the admin shuts out or sends away is in the log as well.
    friend.follow(&node.inbox(), &node.blog()).await;
    node.admin(&["followers", "remove", &friend.id]).await;
    node.admin(&["block", "add", "loud.localhost", "--reason", "enough"])
        .await;
    let log = node.admin_json(&["log", "--limit", "2"]).await;
    assert_eq!(texts(&log, "action"), ["block", "remove follower"]);
    assert_eq!(
        (&log[0]["about"], &log[0]["why"]),
        (&json!("loud.localhost"), &json!("enough"))
    );
    assert_eq!(
        node.admin_json(&["log", "--about", &friend.handle()]).await[0]["about"],
        friend.id
    );
}

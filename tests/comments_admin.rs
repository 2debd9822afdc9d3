//! The admin finds comments, decides on one or many, undoes decisions, and reads their history.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, node::Article};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns the texts that `comments list` finds by these options, newest first.
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

/// Runs a command that must fail. Returns its exit code and its error.
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

/// An article with three comments of `shouter` and then one of `friend`.
struct Scene {
    node: TestNode,
    article: Article,
    loud: Peer,
    shouter: Actor,
    friend: Actor,
    /// The note of `friend`.
    note: Value,
    /// The ids of the comments, in order.
    ids: [String; 4],
}

impl Scene {
    async fn start(database: Database) -> Scene {
        let node = TestNode::start(database).await;
        let (loud, good) = (Peer::start("loud").await, Peer::start("good").await);
        let (shouter, friend) = (loud.actor("shouter").await, good.actor("friend").await);
        let article = node.publish_any().await;
        for text in ["<p>One.</p>", "<p>Two.</p>", "<p>Three.</p>"] {
            shouter.comment(&node.inbox(), &article.id, text).await;
        }
        let note = friend
            .comment(&node.inbox(), &article.id, "<p>Frist.</p>")
            .await;
        let comments = node.comments().await;
        let ids = [3, 2, 1, 0].map(|index: usize| comments[index]["id"].to_string());
        Scene {
            node,
            article,
            loud,
            shouter,
            friend,
            note,
            ids,
        }
    }

    /// Returns how many comments readers see.
    async fn visible(&self) -> usize {
        self.node.replies(&self.article).await.len()
    }

    async fn show(&self, id: &str) -> String {
        self.node.admin(&["comments", "show", id]).await
    }

    /// Replaces the text of the note of `friend`.
    async fn edit(&self, content: &str) {
        let mut note = self.note.clone();
        note["content"] = json!(content);
        let update = self.friend.activity("Update", note);
        self.friend.deliver(&self.node.inbox(), &update).await;
    }
}

const HIDE_LOUD: [&str; 4] = ["comments", "hide", "--host", "loud.localhost"];

#[apply(both_databases)]
async fn a_dry_run_changes_nothing(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let arguments = [&HIDE_LOUD[..], &["--dry-run"]].concat();
    let would = scene.node.admin_json(&arguments).await;
    assert_eq!(would["changed"].as_array().unwrap().len(), 3);
    assert_eq!(would["dry_run"], true);
    assert_eq!(scene.visible().await, 4);
}

#[apply(both_databases)]
async fn many_comments_are_hidden_at_once(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let two = &scene.ids[1];
    let arguments = [&HIDE_LOUD[..], &["--why", "too loud"]].concat();
    let printed = scene.node.admin(&arguments).await;
    let line = format!("Hid comment {two} by {}.", scene.shouter.handle());
    assert!(
        printed.contains(&line) && printed.contains("Hid 3 comments."),
        "{printed}"
    );
    assert_eq!(scene.visible().await, 1);
    let again = scene.node.admin(&HIDE_LOUD).await;
    assert!(again.contains("No comments changed."), "{again}");
    let shown = scene.show(two).await;
    assert!(shown.contains("(hidden, too loud)"), "{shown}");
}

#[apply(both_databases)]
async fn a_decision_is_undone_and_the_undoing_too(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let two = scene.ids[1].as_str();
    let arguments = [&HIDE_LOUD[..], &["--why", "too loud"]].concat();
    scene.node.admin(&arguments).await;
    let printed = scene.node.admin(&["comments", "undo", two]).await;
    assert!(printed.contains("is visible again"), "{printed}");
    assert_eq!(scene.visible().await, 2);
    let undone = scene.node.admin_json(&["comments", "undo", two]).await;
    assert_eq!(undone["state"], "hidden");
    let shown = scene.show(two).await;
    assert!(shown.contains("(hidden, too loud)"), "{shown}");
    scene.node.admin(&["comments", "approve", two]).await;

    let log = scene.node.admin_json(&["log", "--about", two]).await;
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
}

#[apply(both_databases)]
async fn comments_of_several_states_are_approved_at_once(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let [one, two, _, mine] = scene.ids.each_ref().map(String::as_str);
    scene.node.admin(&HIDE_LOUD).await;
    scene.node.admin(&["comments", "hide", mine]).await;
    scene.node.admin(&["comments", "spam", one]).await;
    assert_eq!(found(&scene.node, &["--state", "spam"]).await, ["One."]);
    let approve = ["comments", "approve", one, two, mine];
    let done = scene.node.admin_json(&approve).await;
    assert_eq!(done["changed"].as_array().unwrap().len(), 3, "{done}");
    assert_eq!(scene.visible().await, 3);
}

#[apply(both_databases)]
async fn a_comment_is_shown_with_its_note_its_edits_and_decisions(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let (node, mine) = (&scene.node, scene.ids[3].as_str());
    node.admin(&["comments", "edit-note", mine, "An old friend."])
        .await;
    scene.edit("<p>First.</p>").await;
    let page = node.page(&scene.article.url).await.text;
    assert!(page.contains("First.") && !page.contains("An old friend."));
    node.admin(&["comments", "hide", mine]).await;
    let shown = scene.show(mine).await;
    for part in ["An old friend.", "First.", "Edited"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let history = node.admin_json(&["comments", "history", mine]).await;
    assert_eq!(history["edits"][0]["text"], "Frist.");
    let decisions = history["decisions"].as_array().unwrap();
    assert!(decisions.iter().any(|one| one["action"] == "hide"));
    let history = node.admin(&["comments", "history", mine]).await;
    assert!(
        history.contains("Frist.") && history.contains("was visible"),
        "{history}"
    );
}

#[apply(both_databases)]
async fn edits_without_end_do_not_fill_the_database(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let mine = scene.ids[3].as_str();
    let many = format!(
        "INSERT INTO comment_edits (comment_id, content, replaced_at)
         SELECT a.id, 'x', 0 FROM comments a, comments b, comments c, comments d, comments e WHERE a.id = {mine}"
    );
    scene.node.sql(&many).await;
    scene.edit("<p>First.</p>").await;
    let history = scene.node.admin_json(&["comments", "history", mine]).await;
    assert_eq!(history["edits"].as_array().map(Vec::len), Some(100));
}

#[apply(both_databases)]
async fn the_publication_replies_to_a_comment(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let reply = ["comments", "reply", &scene.ids[0], "So it is."];
    scene.node.admin(&reply).await;
    scene.loud.wait_for("Create").await;
}

#[apply(both_databases)]
async fn a_decision_that_is_impossible_changes_no_comment(#[case] database: Database) {
    let scene = Scene::start(database).await;
    let (node, [one, _, three, _]) = (&scene.node, scene.ids.each_ref().map(String::as_str));
    node.admin(&["comments", "delete", "--search", "three", "--yes"])
        .await;
    node.admin(&["comments", "hide", one]).await;
    for (arguments, code, complains_of) in [
        (&["comments", "undo", three][..], 1, "deleted"),
        (&["comments", "approve", one, three], 1, "deleted"),
        (&["comments", "edit-note", three, "x"], 1, "deleted"),
        (&["comments", "approve", one, "777"], 1, "777"),
        (&["comments", "undo", "777"], 1, "777"),
        (&["comments", "hide"], 2, "required"),
        (
            &["comments", "hide", one, "--host", "loud.localhost"],
            2,
            "cannot be used",
        ),
        (&["comments", "hide", "--state", "odd"], 2, "odd"),
    ] {
        let (was, error) = complaint(node, arguments).await;
        assert!(
            was == code && error.contains(complains_of),
            "{arguments:?}: {error}"
        );
        assert!(
            code == 2 || error.trim().lines().count() == 1,
            "{arguments:?}: {error}"
        );
    }
    let shown = node.admin_json(&["comments", "show", one]).await;
    assert_eq!(shown["state"], "hidden", "all or none of the named ones");
}

#[apply(both_databases)]
async fn the_log_has_blocks_and_removed_followers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let friend = Peer::start("good").await.actor("friend").await;
    friend.follow(&node.inbox(), &node.blog()).await;
    node.admin(&["followers", "remove", &friend.id, "--yes"])
        .await;
    node.admin(&["block", "add", "loud.localhost", "--reason", "enough"])
        .await;
    let log = node.admin_json(&["log", "--limit", "2"]).await;
    assert_eq!(texts(&log, "action"), ["block", "remove follower"]);
    assert_eq!(
        (&log[0]["about"], &log[0]["why"]),
        (&json!("loud.localhost"), &json!("enough"))
    );
    let about = node.admin_json(&["log", "--about", &friend.handle()]).await;
    assert_eq!(about[0]["about"], friend.id);
}

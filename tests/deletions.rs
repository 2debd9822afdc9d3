//! Deleted posts disappear everywhere: from pages, notices, waiting mails and calls. They return when their author
//! restores them.

use crate::support::{
    Actor, Crowd, Database, Peer, Prover, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC},
    smtp,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

fn serve(actor: &Actor, note: &Value, canned: Canned) {
    let path = id(note).strip_prefix(&actor.peer.origin).unwrap();
    actor.peer.serve(path, canned);
}

/// Builds a note addressed only to us.
fn private(node: &TestNode, actor: &Actor, on: &str, content: &str) -> Value {
    let mut note = actor.note(on, content);
    (note["to"], note["cc"]) = (json!([node.blog()]), json!([]));
    note
}

/// Builds a public note that mentions us.
fn mention(node: &TestNode, actor: &Actor, content: &str) -> Value {
    let mut note = actor.note("", content);
    note["inReplyTo"] = Value::Null;
    note["tag"] = json!([{"type": "Mention", "href": node.blog(), "name": "@blog"}]);
    note["cc"] = json!([node.blog()]);
    note
}

/// Returns the tables that contain a word.
async fn rooms(node: &TestNode, word: &str) -> Vec<String> {
    let columns = [
        (
            "comments",
            "content || COALESCE(content_warning, '') || COALESCE(extras, '')",
        ),
        ("comment_edits", "content"),
        ("notices", "text"),
        ("messages", "payload"),
        ("activities", "body"),
        ("learned_words", "word"),
    ];
    let queries = columns.map(|(table, text)| {
        format!("SELECT DISTINCT '{table}' FROM {table} WHERE LOWER({text}) LIKE '%{word}%'")
    });
    node.texts(&queries.join(" UNION ALL ")).await
}

async fn wait_for_rest(node: &TestNode) {
    node.node.store.wake();
    eventually("all is looked up", || async {
        (node.number("SELECT COUNT(*) FROM lookups").await == Some(0)).then_some(())
    })
    .await;
}

/// Waits until this number of messages waits to be sent.
async fn wait_for_messages(node: &TestNode, count: i64) {
    node.node.store.wake();
    eventually(&format!("{count} messages wait"), || async {
        (node.number("SELECT COUNT(*) FROM messages").await == Some(count)).then_some(())
    })
    .await;
}

/// Returns the visible comments' texts with their numbers.
async fn shown(node: &TestNode) -> Vec<String> {
    node.texts(
        "SELECT number || ' ' || content FROM comments WHERE state = 'visible' ORDER BY number",
    )
    .await
}

#[apply(both_databases)]
async fn one_actor_s_reactions_are_several_and_end_one_by_one(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("fond").await;
    let (reader, other) = (peer.actor("reader").await, peer.actor("other").await);
    let article = node.publish_any().await;
    let react = |actor: &Actor, kind: &str, emoji: &str| {
        let mut reaction = actor.activity(kind, json!(article.id));
        if !emoji.is_empty() {
            reaction["content"] = json!(emoji);
        }
        if emoji.starts_with(':') {
            reaction["tag"] = json!([{"type": "Emoji", "name": emoji, "icon": {"url": actor.peer.url("/cat.png")}}]);
        }
        reaction
    };
    let standing = || {
        node.texts(
        "SELECT a.username || ' ' || r.kind || r.emoji FROM reactions r JOIN remote_actors a ON a.id = r.actor_id ORDER BY r.id")
    };
    for (kind, emoji) in [
        ("Like", ""),
        ("Like", "🎉"),
        ("EmojiReact", "🐈"),
        ("Like", ":blobcat:"),
        ("Announce", ""),
    ] {
        reader
            .deliver(&node.inbox(), &react(&reader, kind, emoji))
            .await;
    }
    other
        .deliver(&node.inbox(), &react(&other, "EmojiReact", "🐈"))
        .await;
    let all = [
        "reader like",
        "reader emoji🎉",
        "reader emoji🐈",
        "reader emoji:blobcat:",
        "reader boost",
        "other emoji🐈",
    ];
    assert_eq!(standing().await, all);
    // By content: the undone activity has an unknown id, or none.
    for (kind, emoji, left) in [
        ("Like", "🎉", &[0, 2, 3, 4, 5][..]),
        ("EmojiReact", "🎈", &[0, 2, 3, 4, 5]),
        ("EmojiReact", "🐈", &[0, 3, 4, 5]),
        ("Like", "", &[3, 4, 5]),
        ("Like", ":blobcat:", &[4, 5]),
        ("Announce", "", &[5]),
    ] {
        let mut undone = react(&reader, kind, emoji);
        undone.as_object_mut().unwrap().remove("id");
        reader
            .deliver(&node.inbox(), &reader.activity("Undo", undone))
            .await;
        let left: Vec<&str> = left.iter().map(|place| all[*place]).collect();
        assert_eq!(standing().await, left, "{kind} {emoji}");
    }
    // An undo that names no emoji ends all reactions of its kind.
    for emoji in ["🎉", "🐈"] {
        reader
            .deliver(&node.inbox(), &react(&reader, "EmojiReact", emoji))
            .await;
    }
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Undo", react(&reader, "EmojiReact", "")),
        )
        .await;
    assert_eq!(standing().await, ["other emoji🐈"]);
}

#[apply(both_databases)]
async fn a_deletion_empties_the_notice_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("talker").await;
    let (author, neighbour) = (peer.actor("author").await, peer.actor("neighbour").await);
    let article = node.publish_any().await;
    let comment = author
        .comment(&node.inbox(), &article.id, "<p>Something public.</p>")
        .await;
    let mut quote = author.note("", "<p>Look at this.</p>");
    (quote["inReplyTo"], quote["quote"]) = (Value::Null, json!(article.id));
    serve(&author, &quote, Canned::document(&quote));
    let posts = [
        private(&node, &author, &article.id, "<p>Secret answer.</p>"),
        private(&node, &author, id(&comment), "<p>Secret answer below.</p>"),
        mention(&node, &author, "<p>Secret mention.</p>"),
        quote.clone(),
    ];
    for post in &posts[..3] {
        author
            .deliver(&node.inbox(), &author.activity("Create", post.clone()))
            .await;
    }
    let mut request = author.activity("QuoteRequest", json!(article.id));
    request["instrument"] = quote;
    author.deliver(&node.inbox(), &request).await;
    let notices = node.notices().await;
    assert_eq!(notices.len(), 4, "{notices:?}");
    assert!(
        notices
            .iter()
            .all(|notice| !notice["text"].as_str().unwrap().is_empty())
    );
    for post in &posts {
        let theft = neighbour.activity("Delete", post["id"].clone());
        assert!(
            neighbour.send(&node.inbox(), &theft).await.is_problem(403),
            "by a neighbour"
        );
    }
    assert_eq!(
        node.notices().await,
        notices,
        "not the neighbour's to take back"
    );
    for (post, object) in posts.iter().zip([
        posts[0]["id"].clone(),
        json!({"id": posts[1]["id"], "type": "Tombstone"}),
        posts[2]["id"].clone(),
        posts[3]["id"].clone(),
    ]) {
        author
            .deliver(&node.inbox(), &author.activity("Delete", object))
            .await;
        // The post can't come back either.
        author
            .deliver(&node.inbox(), &author.activity("Create", post.clone()))
            .await;
    }
    let notices = node.notices().await;
    assert_eq!(notices.len(), 4, "{notices:?}");
    assert!(
        notices
            .iter()
            .all(|notice| notice["text"] == "" && notice["object"].is_string()),
        "{notices:?}"
    );
    let list = node.admin(&["notices", "list"]).await;
    assert!(
        list.contains("deleted by its author") && !list.contains("Secret"),
        "{list}"
    );
    assert_eq!(rooms(&node, "secret").await, Vec::<String>::new());
    assert_eq!(node.number("SELECT COUNT(*) FROM quotes").await, Some(0));
    assert!(!node.page(&article.url).await.text.contains("Quoted by"));
    assert_eq!(shown(&node).await, ["1 <p>Something public.</p>"]);
}

#[apply(both_databases)]
async fn a_notice_is_found_in_every_spelling_and_follows_its_post(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("talker").await.actor("author").await;
    let article = node.publish_any().await;
    let mut note = private(&node, &author, &article.id, "<p>Secret answer.</p>");
    note["id"] = json!(author.new_id("notes").replace("/notes/", "/notes/~"));
    author
        .deliver(&node.inbox(), &author.activity("Create", note.clone()))
        .await;
    assert_eq!(rooms(&node, "secret").await, ["notices"]);
    let respelled = id(&note)
        .replace('~', "%7E")
        .replacen("http://talker", "http://TALKER", 1);
    author
        .deliver(&node.inbox(), &author.activity("Delete", json!(respelled)))
        .await;
    assert_eq!(rooms(&node, "secret").await, Vec::<String>::new());

    // A mention that its author removes by an edit leaves no text behind.
    let mut mentioning = mention(&node, &author, "<p>Secret mention.</p>");
    author
        .deliver(
            &node.inbox(),
            &author.activity("Create", mentioning.clone()),
        )
        .await;
    assert_eq!(rooms(&node, "secret").await, ["notices"]);
    (mentioning["tag"], mentioning["cc"]) = (json!([]), json!([]));
    mentioning["content"] = json!("<p>About the weather.</p>");
    author
        .deliver(&node.inbox(), &author.activity("Update", mentioning))
        .await;
    assert_eq!(rooms(&node, "secret").await, Vec::<String>::new());
}

#[apply(both_databases)]
async fn what_another_server_says_is_gone_is_looked_for_before_a_notice_is_emptied(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("home").await, Peer::start("relay").await);
    let (author, club) = (home.actor("author").await, relay.actor("club").await);
    club.serve_with(json!({"type": "Group"}));
    let (kept, gone) = (
        mention(&node, &author, "<p>Secret one.</p>"),
        mention(&node, &author, "<p>Secret two.</p>"),
    );
    for post in [&kept, &gone] {
        author
            .deliver(&node.inbox(), &author.activity("Create", post.clone()))
            .await;
    }
    serve(&author, &kept, Canned::document(&kept));
    serve(&author, &gone, Canned::status(410));
    for post in [&kept, &gone] {
        let delete = author.activity("Delete", post["id"].clone());
        club.deliver(&node.inbox(), &club.activity("Announce", delete.clone()))
            .await;
        club.deliver(&node.inbox(), &delete).await;
    }
    wait_for_rest(&node).await;
    let texts: Vec<Value> = node
        .notices()
        .await
        .iter()
        .map(|notice| notice["text"].clone())
        .collect();
    assert_eq!(texts[0], "");
    assert!(
        texts[1].as_str().unwrap().contains("Secret one."),
        "{texts:?}"
    );
}

#[apply(both_databases)]
async fn an_account_that_ends_takes_all_its_words_along(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("leaving").await;
    let (leaver, friend) = (peer.actor("leaver").await, peer.actor("friend").await);
    friend.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let note = leaver
        .comment(&node.inbox(), &article.id, "<p>A zanzibar secret.</p>")
        .await;
    let mut edited = note.clone();
    (edited["content"], edited["updated"]) = (
        json!("<p>A quagmire secret.</p>"),
        json!("2026-11-24T12:00:00Z"),
    );
    leaver
        .deliver(&node.inbox(), &leaver.activity("Update", edited))
        .await;
    leaver
        .deliver(
            &node.inbox(),
            &leaver.activity(
                "Create",
                private(&node, &leaver, &article.id, "<p>Secret answer.</p>"),
            ),
        )
        .await;
    leaver
        .deliver(
            &node.inbox(),
            &leaver.activity("Create", mention(&node, &leaver, "<p>Secret mention.</p>")),
        )
        .await;
    let mut report = leaver.activity("Flag", json!(article.id));
    report["content"] = json!("My secret reason.");
    leaver.deliver(&node.inbox(), &report).await;
    node.admin(&["comments", "approve", "1"]).await;
    friend
        .deliver(
            &node.inbox(),
            &friend.activity("Create", mention(&node, &friend, "<p>A friendly word.</p>")),
        )
        .await;
    assert_eq!(
        rooms(&node, "secret").await,
        ["comments", "comment_edits", "notices", "learned_words"]
    );
    leaver
        .deliver(&node.inbox(), &leaver.activity("Delete", json!(leaver.id)))
        .await;
    for word in ["secret", "zanzibar", "quagmire"] {
        assert_eq!(rooms(&node, word).await, Vec::<String>::new(), "{word}");
    }
    assert_eq!(rooms(&node, "friendly").await, ["notices"]);
}

#[apply(both_databases)]
async fn what_was_passed_on_of_a_deleted_comment_is_not_kept(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, away) = (Peer::start("home").await, Peer::start("away").await);
    let author = Prover::at(&home, "author").await;
    away.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node.publish_any().await;
    let note = author.actor.note(&article.id, "<p>A secret to be.</p>");
    author
        .actor
        .deliver(&node.inbox(), &author.activity("Create", note.clone()))
        .await;
    eventually("it is passed on", || async {
        let waiting = node.number("SELECT COUNT(*) FROM deliveries").await;
        (away.received_of("Create").len() == 2 && waiting == Some(0)).then_some(())
    })
    .await;
    assert_eq!(rooms(&node, "secret").await, ["comments", "activities"]);
    author
        .actor
        .deliver(
            &node.inbox(),
            &author.activity("Delete", json!({"id": note["id"], "type": "Tombstone"})),
        )
        .await;
    assert_eq!(rooms(&node, "secret").await, Vec::<String>::new());
    away.wait_for("Delete").await;
}

#[apply(both_databases)]
async fn a_deletion_takes_back_what_waits_to_be_told(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let crowd = Crowd::start().await;
    crowd.respond_next("hook", vec![Canned::status(500); 100]);
    node.configure(&format!(
        "[mail]\nserver = \"smtp://localhost:1\"\nfrom = \"Blog <blog@mail.test>\"\nadmin = [\"{}\"]\n\
         [notices]\nmail = \"at once\"\nwebhook = \"http://{}/hook\"\nwebhook_secret = \"hush\"\n",
        smtp::new_address("admin"),
        crowd.host("hook")
    ));
    node.restart().await;
    let author = Peer::start("talker").await.actor("author").await;
    let article = node.publish_any().await;
    node.sql("UPDATE settings SET value = '9999999999999' WHERE name = 'mailed_at'")
        .await;
    let first = author
        .comment(&node.inbox(), &article.id, "<p>A secret comment.</p>")
        .await;
    wait_for_messages(&node, 2).await;
    // One mail contains all of these, and each has its own call.
    let second = author
        .comment(&node.inbox(), &article.id, "<p>A secret afterthought.</p>")
        .await;
    author
        .comment(&node.inbox(), &article.id, "<p>Harmless words.</p>")
        .await;
    let answer = private(&node, &author, &article.id, "<p>A secret answer.</p>");
    author
        .deliver(&node.inbox(), &author.activity("Create", answer.clone()))
        .await;
    wait_for_messages(&node, 5).await;
    node.sql("UPDATE settings SET value = '1' WHERE name = 'mailed_at'")
        .await;
    wait_for_messages(&node, 6).await;
    for post in [&first, &second, &answer] {
        author
            .deliver(
                &node.inbox(),
                &author.activity("Delete", post["id"].clone()),
            )
            .await;
    }
    assert_eq!(rooms(&node, "secret").await, Vec::<String>::new());
    // The call about the harmless comment still waits, and the mail about it is written again.
    node.sql("UPDATE settings SET value = '1' WHERE name = 'mailed_at'")
        .await;
    wait_for_messages(&node, 2).await;
    let channels = node
        .texts("SELECT channel FROM messages WHERE payload LIKE '%Harmless%' ORDER BY channel")
        .await;
    assert_eq!(channels, ["mail", "webhook"]);
    assert_eq!(rooms(&node, "secret").await, Vec::<String>::new());
}

#[apply(both_databases)]
async fn an_account_that_comes_back_has_its_comments_where_they_were(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("misskey").await;
    let (author, friend) = (peer.actor("author").await, peer.actor("friend").await);
    let article = node.publish_any().await;
    let mut notes = Vec::new();
    for number in 1..=5 {
        notes.push(
            author
                .comment(
                    &node.inbox(),
                    &article.id,
                    &format!("<p>Word {number}.</p>"),
                )
                .await,
        );
    }
    friend
        .comment(&node.inbox(), id(&notes[0]), "<p>I remember.</p>")
        .await;
    let numbers = node
        .texts("SELECT CAST(id AS TEXT) FROM comments ORDER BY number")
        .await;
    // The admin removed one of these from the page, the author deleted one, and one no longer exists by then.
    node.admin(&["comments", "hide", &numbers[1]]).await;
    author
        .deliver(
            &node.inbox(),
            &author.activity("Delete", notes[2]["id"].clone()),
        )
        .await;
    serve(&author, &notes[3], Canned::status(404));
    let mut edited = notes[4].clone();
    edited["content"] = json!("<p>Word 5, better.</p>");
    serve(&author, &edited, Canned::document(&edited));
    peer.serve("/users/author", Canned::status(410));
    author
        .deliver(&node.inbox(), &author.activity("Delete", json!(author.id)))
        .await;
    assert_eq!(shown(&node).await, ["6 <p>I remember.</p>"]);
    // Misskey serves the account again, and sends an `Undo` (sample undo-delete.json).
    let undo = |actor: &Actor, whom: &str| {
        let mut undo = actor.activity(
            "Undo",
            json!({"type": "Delete", "actor": actor.id, "object": whom}),
        );
        undo["object"]["published"] = json!("2026-11-26T00:21:24.588Z");
        undo
    };
    let theft = friend.send(&node.inbox(), &undo(&friend, &author.id)).await;
    assert_eq!(theft.status, 202, "{}", theft.body);
    assert_eq!(node.dropped("undo of nothing here").await, 1);
    author.serve_with(json!({}));
    author
        .deliver(&node.inbox(), &undo(&author, &author.id))
        .await;
    wait_for_rest(&node).await;
    assert_eq!(
        shown(&node).await,
        [
            "1 <p>Word 1.</p>",
            "5 <p>Word 5, better.</p>",
            "6 <p>I remember.</p>"
        ]
    );
    assert_eq!(node.number("SELECT COUNT(*) FROM comments").await, Some(6));
    let page = node.page(&article.url).await.text;
    assert!(page.contains("The actor author") && page.contains("Word 5, better."));
    let parent =
        "SELECT p.number FROM comments c JOIN comments p ON p.id = c.parent_id WHERE c.number = 6";
    assert_eq!(node.number(parent).await, Some(1));
    // The account can be deleted again, and its deletion can be undone by its id.
    let delete = author.activity("Delete", json!(author.id));
    author.deliver(&node.inbox(), &delete).await;
    assert_eq!(shown(&node).await, ["6 <p>I remember.</p>"]);
    assert_eq!(
        rooms(&node, "better").await,
        Vec::<String>::new(),
        "only ids are kept"
    );
    author
        .deliver(
            &node.inbox(),
            &author.activity("Undo", delete["id"].clone()),
        )
        .await;
    wait_for_rest(&node).await;
    assert_eq!(shown(&node).await.len(), 3);
    // After 30 days, it is too late.
    author
        .deliver(&node.inbox(), &author.activity("Delete", json!(author.id)))
        .await;
    node.sql(&format!(
        "UPDATE tombstones SET deleted_at = deleted_at - {}",
        31 * 86_400_000_i64
    ))
    .await;
    let mut tx = node.node.store.begin().await.unwrap();
    let now = chrono::Utc::now().timestamp_millis();
    tx.forget_tombstones(now - 60 * 86_400_000, now - 30 * 86_400_000)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    author
        .deliver(&node.inbox(), &undo(&author, &author.id))
        .await;
    author
        .deliver(&node.inbox(), &author.activity("Create", notes[0].clone()))
        .await;
    wait_for_rest(&node).await;
    assert_eq!(shown(&node).await, ["6 <p>I remember.</p>"]);
}

#[apply(both_databases)]
async fn a_deletion_that_its_author_takes_back_brings_the_comment_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("lemmy").await, Peer::start("relay").await);
    let (author, club) = (home.actor("author").await, relay.actor("club").await);
    club.serve_with(json!({"type": "Group"}));
    let article = node.publish_any().await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>On second thoughts.</p>")
        .await;
    let delete = author.activity("Delete", note["id"].clone());
    author.deliver(&node.inbox(), &delete).await;
    let stranger = home.actor("stranger").await;
    let stolen = stranger.activity(
        "Undo",
        json!({"type": "Delete", "actor": stranger.id, "object": note["id"]}),
    );
    stranger.deliver(&node.inbox(), &stolen).await;
    author
        .deliver(&node.inbox(), &author.activity("Create", note.clone()))
        .await;
    assert!(
        shown(&node).await.is_empty(),
        "not by another, nor by saying it again"
    );
    author
        .deliver(&node.inbox(), &author.activity("Undo", delete.clone()))
        .await;
    wait_for_rest(&node).await;
    assert_eq!(shown(&node).await, ["1 <p>On second thoughts.</p>"]);
    // A group announces the same; its word is only a hint.
    serve(&author, &note, Canned::status(410));
    let group = |activity: Value| club.activity("Announce", activity);
    club.deliver(
        &node.inbox(),
        &group(author.activity("Delete", note["id"].clone())),
    )
    .await;
    wait_for_rest(&node).await;
    assert!(shown(&node).await.is_empty());
    serve(&author, &note, Canned::document(&note));
    club.deliver(
        &node.inbox(),
        &group(author.activity("Undo", author.activity("Delete", note["id"].clone()))),
    )
    .await;
    wait_for_rest(&node).await;
    assert_eq!(shown(&node).await, ["1 <p>On second thoughts.</p>"]);
    // An undo may name the deletion by its id alone.
    let delete = author.activity("Delete", note["id"].clone());
    author.deliver(&node.inbox(), &delete).await;
    assert!(shown(&node).await.is_empty());
    let by_id = stranger.activity("Undo", delete["id"].clone());
    stranger.deliver(&node.inbox(), &by_id).await;
    author
        .deliver(
            &node.inbox(),
            &author.activity("Undo", delete["id"].clone()),
        )
        .await;
    wait_for_rest(&node).await;
    assert_eq!(shown(&node).await, ["1 <p>On second thoughts.</p>"]);
    // A comment that the admin deleted or hid stays so.
    let number = node.comments().await[0]["id"].to_string();
    node.admin(&["comments", "hide", &number]).await;
    author
        .deliver(
            &node.inbox(),
            &author.activity("Delete", note["id"].clone()),
        )
        .await;
    author
        .deliver(
            &node.inbox(),
            &author.activity("Undo", author.activity("Delete", note["id"].clone())),
        )
        .await;
    let other = author
        .comment(&node.inbox(), &article.id, "<p>Another.</p>")
        .await;
    let number = node.comments().await[0]["id"].to_string();
    node.admin(&["comments", "delete", &number, "--yes"]).await;
    for kind in ["Create", "Update"] {
        author
            .deliver(&node.inbox(), &author.activity(kind, other.clone()))
            .await;
    }
    author
        .deliver(
            &node.inbox(),
            &author.activity("Undo", author.activity("Delete", other["id"].clone())),
        )
        .await;
    wait_for_rest(&node).await;
    assert!(shown(&node).await.is_empty());
}

// Threat 19.
#[apply(both_databases)]
async fn what_only_another_said_was_gone_is_back_when_its_author_sends_it(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (home, relay) = (Peer::start("home").await, Peer::start("relay").await);
    let (author, club) = (home.actor("author").await, relay.actor("club").await);
    club.serve_with(json!({"type": "Group"}));
    let article = node.publish_any().await;
    let note = author
        .comment(&node.inbox(), &article.id, "<p>Here I am.</p>")
        .await;
    let mut update = note.clone();
    update["updated"] = json!("2026-11-24T12:00:00Z");
    for (name, activity) in [
        ("Create", author.activity("Create", note.clone())),
        (
            "Create by its id",
            author.activity("Create", note["id"].clone()),
        ),
        ("Update", author.activity("Update", update.clone())),
    ] {
        serve(
            &author,
            &note,
            Canned::document(&json!({"id": note["id"], "type": "Tombstone"})),
        );
        club.deliver(
            &node.inbox(),
            &club.activity("Announce", author.activity("Delete", note["id"].clone())),
        )
        .await;
        wait_for_rest(&node).await;
        assert!(shown(&node).await.is_empty(), "{name}");
        if name == "Create by its id" {
            serve(&author, &note, Canned::document(&note));
        }
        author.deliver(&node.inbox(), &activity).await;
        assert_eq!(shown(&node).await, ["1 <p>Here I am.</p>"], "{name}");
    }
    // 404 may have other reasons. Only if it lasts for days, the comment ends, and returns as well.
    for status in [401, 403, 404, 404, 404] {
        serve(&author, &note, Canned::status(status));
        club.deliver(
            &node.inbox(),
            &club.activity("Announce", author.activity("Delete", note["id"].clone())),
        )
        .await;
        wait_for_rest(&node).await;
        assert_eq!(shown(&node).await, ["1 <p>Here I am.</p>"], "{status}");
    }
    let missing = "SELECT times_missing FROM rechecks WHERE missing_since IS NOT NULL";
    assert_eq!(node.number(missing).await, Some(1));
    for times in [2, 0] {
        node.sql(
            "UPDATE rechecks SET next_check_at = 0, missing_since = missing_since - 86400000
                WHERE missing_since IS NOT NULL",
        )
        .await;
        eventually("it is looked for again", || async {
            let found = format!(
                "SELECT COUNT(*) FROM rechecks WHERE times_missing > 0 AND times_missing <> {times}"
            );
            (node.number(&found).await == Some(0)).then_some(())
        })
        .await;
    }
    assert!(shown(&node).await.is_empty());
    author
        .deliver(&node.inbox(), &author.activity("Create", note.clone()))
        .await;
    assert_eq!(shown(&node).await, ["1 <p>Here I am.</p>"]);
    // A post that its author made private returns when it is public again.
    let mut whispered = update.clone();
    (whispered["to"], whispered["cc"]) = (json!([node.blog()]), json!([]));
    for (object, count) in [(whispered, 0), (update, 1)] {
        author
            .deliver(&node.inbox(), &author.activity("Update", object))
            .await;
        assert_eq!(shown(&node).await.len(), count);
    }
    assert!(note["to"] == json!([PUBLIC]));
    // A post that its author deleted does not return.
    author
        .deliver(
            &node.inbox(),
            &author.activity("Delete", note["id"].clone()),
        )
        .await;
    for kind in ["Create", "Update"] {
        author
            .deliver(&node.inbox(), &author.activity(kind, note.clone()))
            .await;
    }
    assert!(shown(&node).await.is_empty());
}

//! Guests' comments in the fediverse: sent, replied to, deleted, and sent again.

use crate::support::{
    Actor, Database, Guest, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{PUBLIC, ReceivedActivity},
};
use pamphlet::guests::own;
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Waits for an activity of the comments actor, after `before` others of its kind.
async fn spoken(node: &TestNode, peer: &Peer, kind: &str, before: usize) -> ReceivedActivity {
    let speaker = node.url("/users/comments");
    eventually(
        &format!("a {kind} of {speaker} arrives at {}", peer.authority),
        || async {
            let all = peer.received_of(kind).into_iter();
            all.filter(|delivered| delivered.activity["actor"] == speaker)
                .nth(before)
        },
    )
    .await
}

/// A guest's reply to a comment of another server, as it was sent to a follower and to that server.
struct Conversation {
    node: TestNode,
    article: Article,
    /// The server of `reader`, who follows the publication.
    home: Peer,
    reader: Actor,
    /// The server of the author of the comment that the guest replies to.
    other: Peer,
    writer: Actor,
    question: Value,
    create: ReceivedActivity,
    /// The id of the guest's note.
    id: String,
}

impl Conversation {
    async fn start(database: Database) -> Conversation {
        let node = TestNode::start_with(database, "[comments]\nguests = \"open\"\n").await;
        let (home, other) = (Peer::start("home").await, Peer::start("other").await);
        let (reader, writer) = (home.actor("reader").await, other.actor("writer").await);
        reader.follow(&node.inbox(), &node.blog()).await;
        let article = node.publish_any().await;
        let question = writer
            .comment(&node.inbox(), &article.id, "<p>Why slowly?</p>")
            .await;
        let text = format!("Because *it lasts*, {} and #books.", reader.handle());
        let fields = [
            ("parent", "1"),
            ("name", "A <Guest>"),
            ("mail", "guest@mail.example"),
            ("text", text.as_str()),
        ];
        let guest = Guest::at(&node, "192.0.2.1");
        let response = guest.write(&article, &fields).await;
        assert!(response.header("location").ends_with("#comment-2"));
        let create = spoken(&node, &home, "Create", 0).await;
        let id = create.activity["object"]["id"].as_str().unwrap().to_owned();
        Conversation {
            node,
            article,
            home,
            reader,
            other,
            writer,
            question,
            create,
            id,
        }
    }

    fn note(&self) -> &Value {
        &self.create.activity["object"]
    }

    /// Returns the ids of the comments that have a reply.
    async fn parents(&self) -> Vec<String> {
        let parents =
            "SELECT p.uri FROM comments c JOIN comments p ON p.id = c.parent_id WHERE c.number = 3";
        self.node.texts(parents).await
    }
}

#[apply(both_databases)]
async fn a_guests_comment_is_sent_to_followers_and_to_whom_it_replies(#[case] database: Database) {
    let it = Conversation::start(database).await;
    assert!(it.create.verified.is_ok(), "{:?}", it.create.verified);
    let sent_to_other = spoken(&it.node, &it.other, "Create", 0).await;
    assert_eq!(sent_to_other.activity, it.create.activity);
    assert_eq!(it.note()["to"], json!([PUBLIC]));
    let speaker = it.node.url("/users/comments");
    let recipients = [
        format!("{speaker}/followers"),
        format!("{}/followers", it.node.blog()),
        it.writer.id.clone(),
    ];
    assert_eq!(it.note()["cc"], json!(recipients));
}

#[apply(both_databases)]
async fn a_guests_note_names_its_author_in_its_text(#[case] database: Database) {
    let it = Conversation::start(database).await;
    let note = it.note();
    let speaker = it.node.url("/users/comments");
    assert_eq!(
        (&note["type"], &note["attributedTo"]),
        (&json!("Note"), &json!(speaker))
    );
    assert_eq!(note["inReplyTo"], it.question["id"]);
    assert_eq!(note["context"], format!("{}/context", it.article.id));
    let mention = json!({"type": "Mention", "href": it.writer.id, "name": it.writer.handle()});
    assert_eq!(note["tag"], json!([mention]), "the text mentions nobody");
    let content = note["content"].as_str().unwrap();
    assert!(
        content.starts_with("<p><strong>A &lt;Guest&gt;</strong>:</p><p>Because <em>it lasts</em>"),
        "{content}"
    );
    assert!(!it.create.activity.to_string().contains("mail.example"));
}

#[apply(both_databases)]
async fn a_guests_note_and_its_actor_can_be_fetched(#[case] database: Database) {
    let it = Conversation::start(database).await;
    let mut served = it.node.document(&it.id).await.json();
    for name in ["@context", "source"] {
        served.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(served, *it.note());
    let page = it.node.page(&it.id).await;
    assert!(page.header("location").ends_with("#comment-2"));
    let speaker = it.node.url("/users/comments");
    let actor = it.node.document(&speaker).await.json();
    assert_eq!(
        (&actor["type"], &actor["discoverable"]),
        (&json!("Service"), &json!(false))
    );
    let authority = it.node.origin.trim_start_matches("http://");
    let resource = format!("/.well-known/webfinger?resource=acct:comments@{authority}");
    let found = it.node.page(&resource).await.json();
    assert_eq!(found["links"][0]["href"], speaker);
}

#[apply(both_databases)]
async fn a_guests_note_gets_replies_and_likes(#[case] database: Database) {
    let it = Conversation::start(database).await;
    let (node, reader) = (&it.node, &it.reader);
    reader.comment(&node.inbox(), &it.id, "<p>I see.</p>").await;
    assert_eq!(it.parents().await, [it.id.as_str()]);
    assert_eq!(
        node.number("SELECT COUNT(*) FROM comments").await,
        Some(3),
        "the note is no second comment"
    );
    assert_eq!(node.replies(&it.article).await[1], it.id);
    reader
        .deliver(&node.inbox(), &reader.activity("Like", json!(it.id)))
        .await;
    let page = node.page(&it.article.url).await.text;
    assert!(page.contains("1 like</li>"), "{page}");
}

#[apply(both_databases)]
async fn nobody_else_changes_or_deletes_a_guests_note(#[case] database: Database) {
    let it = Conversation::start(database).await;
    for kind in ["Update", "Delete"] {
        let activity = it.reader.activity(kind, it.note().clone());
        let response = it.reader.send(&it.node.inbox(), &activity).await;
        assert_eq!(response.status, 403, "{kind}");
    }
}

#[apply(both_databases)]
async fn a_hidden_comment_of_a_guest_is_deleted_elsewhere(#[case] database: Database) {
    let it = Conversation::start(database).await;
    it.node.admin(&["comments", "hide", "2"]).await;
    for peer in [&it.home, &it.other] {
        let delete = spoken(&it.node, peer, "Delete", 0).await;
        assert_eq!(delete.activity["object"]["id"], it.id);
    }
    assert_eq!(it.node.document(&it.id).await.status, 410);
    assert_eq!(it.node.page(&it.id).await.status, 410);
    let comments = it.node.comments().await;
    let hidden = comments.iter().find(|comment| comment["number"] == 2);
    let hidden = hidden.unwrap();
    assert_eq!(
        (&hidden["state"], &hidden["author"]),
        (&json!("hidden"), &json!("A <Guest>"))
    );
    assert!(hidden["text"].as_str().unwrap().contains("it lasts"));
}

/// Other servers keep the tombstone of a deleted note, so that it can return only as a new one.
#[apply(both_databases)]
async fn an_approved_comment_of_a_guest_returns_as_a_new_note(#[case] database: Database) {
    let it = Conversation::start(database).await;
    it.reader
        .comment(&it.node.inbox(), &it.id, "<p>I see.</p>")
        .await;
    it.node.admin(&["comments", "hide", "2"]).await;
    spoken(&it.node, &it.other, "Delete", 0).await;
    it.node.admin(&["comments", "approve", "2"]).await;
    let again = spoken(&it.node, &it.home, "Create", 1).await;
    let new = again.activity["object"]["id"].as_str().unwrap();
    assert_ne!(new, it.id);
    assert_eq!(again.activity["object"]["inReplyTo"], it.question["id"]);
    assert_eq!(it.parents().await, [new], "its replies stay below it");
    it.node.admin(&["comments", "delete", "2", "--yes"]).await;
    let delete = spoken(&it.node, &it.other, "Delete", 1).await;
    assert_eq!(delete.activity["object"]["id"], new);
    let page = it.node.page(&it.article.url).await.text;
    assert!(page.contains("Comment deleted"), "{page}");
    let creates = it.home.received_of("Create").len();
    assert_eq!(creates, 3, "the article, and each note once");
}

#[apply(both_databases)]
async fn an_edit_by_a_guest_is_an_update_and_a_withdrawal_a_delete(#[case] database: Database) {
    let it = Conversation::start(database).await;
    let id = it
        .node
        .number("SELECT id FROM comments WHERE number = 2")
        .await;
    let guest = it
        .node
        .number("SELECT guest_id FROM comments WHERE number = 2")
        .await;
    let (id, guest) = (id.unwrap(), guest.unwrap());
    own::edit(&it.node.node, id, guest, "Because it *ends*.")
        .await
        .unwrap();
    for peer in [&it.home, &it.other] {
        let update = spoken(&it.node, peer, "Update", 0).await;
        assert!(update.verified.is_ok(), "{:?}", update.verified);
        let note = &update.activity["object"];
        let content = note["content"].as_str().unwrap();
        assert!(
            content.contains("</strong>:</p><p>Because it <em>ends</em>."),
            "{content}"
        );
        assert_eq!(note["id"], it.id);
        assert_eq!(note["published"], it.note()["published"]);
        assert!(note["updated"].is_string() && it.note()["updated"].is_null());
    }
    let served = it.node.document(&it.id).await.json();
    assert!(served["updated"].is_string(), "{served}");
    own::withdraw(&it.node.node, id, guest).await.unwrap();
    for peer in [&it.home, &it.other] {
        let delete = spoken(&it.node, peer, "Delete", 0).await;
        assert_eq!(delete.activity["object"]["id"], it.id);
    }
    assert_eq!(it.node.document(&it.id).await.status, 410);
}

#[apply(both_databases)]
async fn what_waits_or_stays_here_is_not_sent(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    let reader = home.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let local = node
        .publish("---\ntitle: Only here\nfederate: no\n---\nA text.\n")
        .await;
    let guest = Guest::at(&node, "192.0.2.1");
    guest
        .write(&article, &[("name", "Guest"), ("text", "Waits")])
        .await;
    guest
        .write(&local, &[("name", "Guest"), ("text", "Stays")])
        .await;
    assert_eq!(node.number("SELECT COUNT(*) FROM notes").await, Some(0));
    node.admin(&["comments", "approve", "1"]).await;
    node.admin(&["comments", "approve", "2"]).await;
    spoken(&node, &home, "Create", 0).await;
    assert_eq!(node.number("SELECT COUNT(*) FROM notes").await, Some(1));
    let uri = &node.texts("SELECT uri FROM comments WHERE id = 2").await[0];
    assert!(
        node.page(uri)
            .await
            .header("location")
            .ends_with("#comment-1"),
        "its address leads to its place"
    );
    assert_eq!(node.document(uri).await.status, 404);
    let page = node.page(&local.url).await.text;
    assert!(
        page.contains("Stays") && page.contains("/reply/1\""),
        "{page}"
    );
    let ways = node.page(&format!("{}/reply/1", local.url)).await.text;
    assert!(
        ways.contains("name=\"token\"") && !ways.contains("Reply from your server<"),
        "{ways}"
    );
}

#[apply(both_databases)]
async fn the_name_of_the_comments_actor_must_be_free(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    node.stop().await;
    node.configure("[comments]\nusername = \"blog\"\n");
    let refused = node.cli(&["comments", "list"]).await;
    let printed = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success()
            && printed.contains("comments.username")
            && printed.trim().lines().count() == 1,
        "{printed}"
    );
}

#[apply(both_databases)]
async fn the_publication_can_speak_for_guests(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nguests = \"open\"\nfederate_guests = \"by the publication\"\nusername = \"blog\"\n").await;
    let home = Peer::start("home").await;
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    guest
        .write(&article, &[("name", "A <Guest>"), ("text", "It *lasts*.")])
        .await;
    let of_guest = |kind: &'static str, number: usize| {
        let home = home.clone();
        async move {
            eventually(&format!("{kind} {number} of the guest's note"), || async {
                let notes = home.received_of(kind).into_iter().filter(|delivered| {
                    delivered.activity["object"]["id"]
                        .as_str()
                        .is_some_and(|id| id.contains("/notes/"))
                });
                notes.collect::<Vec<_>>().get(number).cloned()
            })
            .await
        }
    };
    let create = of_guest("Create", 0).await;
    assert!(create.verified.is_ok(), "{:?}", create.verified);
    let note = create.activity["object"].clone();
    assert_eq!(
        (&create.activity["actor"], &note["attributedTo"]),
        (&json!(node.blog()), &json!(node.blog()))
    );
    assert_eq!(note["cc"], json!([format!("{}/followers", node.blog())]));
    let content = note["content"].as_str().unwrap();
    assert!(
        content.starts_with("<p><strong>A &lt;Guest&gt;</strong>:</p><p>It <em>lasts</em>.</p>"),
        "{content}"
    );
    assert_eq!(
        node.document("/users/comments").await.status,
        404,
        "no other actor is made"
    );
    assert_eq!(
        node.number("SELECT COUNT(*) FROM comments").await,
        Some(1),
        "it stands here once"
    );
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("Reply from your server<")
    );
    assert!(
        node.admin_json(&["note", "list"])
            .await
            .as_array()
            .unwrap()
            .is_empty(),
        "it is no note of ours"
    );
    // The actor that sent a note deletes it, whatever the current configuration.
    let mut node = node;
    node.stop().await;
    let text = std::fs::read_to_string(&node.config_file).unwrap();
    let text = text
        .replace("\"by the publication\"", "true")
        .replace("username = \"blog\"", "username = \"readers\"");
    std::fs::write(&node.config_file, text).unwrap();
    node.restart().await;
    node.admin(&["comments", "hide", "1"]).await;
    let delete = of_guest("Delete", 0).await.activity;
    assert_eq!(
        (&delete["actor"], &delete["object"]["id"]),
        (&json!(node.blog()), &note["id"])
    );
    let state = &node.comments().await[0];
    assert_eq!(
        (&state["state"], &state["author"]),
        (&json!("hidden"), &json!("A <Guest>")),
        "the admin keeps it"
    );
    node.admin(&["comments", "approve", "1"]).await;
    let again = of_guest("Create", 1).await.activity;
    assert_eq!(
        again["actor"],
        node.url("/users/readers"),
        "what is sent now is by whom it says now"
    );
}

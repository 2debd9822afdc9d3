//! Guests' comments in the fediverse: sent, answered, withdrawn, sent anew.

use crate::support::{
    Database, Guest, Peer, TestNode, both_databases, eventually,
    peer::{PUBLIC, ReceivedActivity},
};
use rstest_reuse::apply;
use serde_json::json;

/// Waits for an activity of the comments actor, after so many of its kind.
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

#[apply(both_databases)]
async fn a_guests_comment_goes_out_as_a_note_is_answered_and_withdrawn(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nguests = \"open\"\n").await;
    let (home, other) = (Peer::start("home").await, Peer::start("other").await);
    let (reader, writer) = (home.actor("reader").await, other.actor("writer").await);
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let question = writer
        .comment(&node.inbox(), &article.id, "<p>Why slowly?</p>")
        .await;
    let guest = Guest::at(&node, "192.0.2.1");
    let text = format!("Because *it lasts*, {} and #books.", reader.handle());
    let fields = [
        ("parent", "1"),
        ("name", "A <Guest>"),
        ("mail", "guest@mail.example"),
        ("text", text.as_str()),
    ];
    assert!(
        guest
            .write(&article, &fields)
            .await
            .header("location")
            .ends_with("#comment-2")
    );

    let create = spoken(&node, &home, "Create", 0).await;
    assert_eq!(
        spoken(&node, &other, "Create", 0).await.activity,
        create.activity
    );
    assert!(create.verified.is_ok(), "{:?}", create.verified);
    let note = &create.activity["object"];
    let id = note["id"].as_str().unwrap();
    let speaker = node.url("/users/comments");
    assert_eq!(
        (&note["type"], &note["attributedTo"]),
        (&json!("Note"), &json!(speaker))
    );
    assert_eq!(note["inReplyTo"], question["id"]);
    assert_eq!(note["context"], format!("{}/context", article.id));
    assert_eq!(note["to"], json!([PUBLIC]));
    assert_eq!(
        note["cc"],
        json!([
            format!("{speaker}/followers"),
            format!("{}/followers", node.blog()),
            writer.id
        ])
    );
    assert_eq!(
        note["tag"],
        json!([{"type": "Mention", "href": writer.id, "name": writer.handle()}]),
        "the text mentions nobody"
    );
    let content = note["content"].as_str().unwrap();
    assert!(
        content.starts_with("<p><strong>A &lt;Guest&gt;</strong>:</p><p>Because <em>it lasts</em>"),
        "{content}"
    );
    assert!(!create.activity.to_string().contains("mail.example"));
    let mut served = node.document(id).await.json();
    for name in ["@context", "source"] {
        served.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(served, *note);
    assert!(
        node.page(id)
            .await
            .header("location")
            .ends_with("#comment-2")
    );
    let actor = node.document(&speaker).await.json();
    assert_eq!(
        (&actor["type"], &actor["discoverable"]),
        (&json!("Service"), &json!(false))
    );
    let authority = node.origin.trim_start_matches("http://");
    let found = node
        .page(&format!(
            "/.well-known/webfinger?resource=acct:comments@{authority}"
        ))
        .await;
    assert_eq!(found.json()["links"][0]["href"], speaker);

    // The answer from there stands below it, and it is no second comment.
    reader.comment(&node.inbox(), id, "<p>I see.</p>").await;
    let parent =
        "SELECT p.uri FROM comments c JOIN comments p ON p.id = c.parent_id WHERE c.number = 3";
    assert_eq!(node.texts(parent).await, [id]);
    assert_eq!(node.number("SELECT COUNT(*) FROM comments").await, Some(3));
    assert_eq!(node.replies(&article).await[1], id);
    reader
        .deliver(&node.inbox(), &reader.activity("Like", json!(id)))
        .await;
    assert!(node.page(&article.url).await.text.contains("1 like</li>"));
    for kind in ["Update", "Delete"] {
        assert_eq!(
            reader
                .send(&node.inbox(), &reader.activity(kind, note.clone()))
                .await
                .status,
            403
        );
    }

    node.admin(&["comments", "hide", "2"]).await;
    for peer in [&home, &other] {
        let delete = spoken(&node, peer, "Delete", 0).await;
        assert_eq!(delete.activity["object"]["id"], id);
    }
    let gone = node.document(id).await;
    assert_eq!((gone.status, node.page(id).await.status), (410, 410));
    let hidden = node
        .comments()
        .await
        .into_iter()
        .find(|comment| comment["number"] == 2)
        .unwrap();
    assert_eq!(
        (&hidden["state"], &hidden["author"]),
        (&json!("hidden"), &json!("A <Guest>"))
    );
    assert!(hidden["text"].as_str().unwrap().contains("it lasts"));

    // Other servers keep the tombstone: what comes back is a new note. Its answers stay below it.
    node.admin(&["comments", "approve", "2"]).await;
    let again = spoken(&node, &home, "Create", 1).await;
    let new = again.activity["object"]["id"].as_str().unwrap();
    assert_ne!(new, id);
    assert_eq!(again.activity["object"]["inReplyTo"], question["id"]);
    assert_eq!(node.texts(parent).await, [new]);
    node.admin(&["comments", "delete", "2"]).await;
    assert_eq!(
        spoken(&node, &other, "Delete", 1).await.activity["object"]["id"],
        new
    );
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("Comment deleted")
    );
    assert_eq!(
        home.received_of("Create").len(),
        3,
        "the article, and each note once"
    );
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
        page.contains("Stays")
            && page.contains("Reply here")
            && !page.contains("Reply from your server<"),
        "{page}"
    );

    // The name of the comments actor must be free.
    let mut node = node;
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

//! Lenient reading of remote documents: missing, blank and unreadable properties.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{Canned, PUBLIC},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Replaces properties of a document, or removes those with the value `null`.
fn changed(document: &Value, changes: Value) -> Value {
    let mut changed = document.clone();
    let properties = changed.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(properties.remove(name)),
            value => drop(properties.insert(name.clone(), value.clone())),
        }
    }
    changed
}

/// Sends a note that replies to an article in a `Create`, each with changes. Returns the comment, if it became one.
async fn answer(
    node: &TestNode,
    actor: &Actor,
    article: &Article,
    note: Value,
    create: Value,
) -> Option<Value> {
    let note = changed(&actor.note(&article.id, "<p>As usual.</p>"), note);
    let create = changed(&actor.activity("Create", note.clone()), create);
    actor.deliver(&node.inbox(), &create).await;
    comment(node, &note).await
}

async fn comment(node: &TestNode, note: &Value) -> Option<Value> {
    let comments = node.comments().await;
    comments
        .into_iter()
        .find(|comment| comment["uri"] == note["id"])
}

#[apply(both_databases)]
async fn an_object_that_names_nobody_is_addressed_as_its_activity(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("addressed").await.actor("reader").await;
    let article = node.publish_any().await;
    let unaddressed = json!({"to": null, "cc": null});
    for (name, note, create) in [
        ("its activity's to", unaddressed.clone(), json!({})),
        (
            "its activity's cc",
            unaddressed.clone(),
            json!({"to": [], "cc": PUBLIC}),
        ),
        (
            "its activity's audience",
            unaddressed.clone(),
            json!({"to": null, "cc": null, "audience": PUBLIC}),
        ),
        (
            "its own audience",
            json!({"to": null, "cc": null, "audience": ["https://group.example/g", PUBLIC]}),
            json!({"to": [node.blog()], "cc": null}),
        ),
        (
            "an audience beside others",
            json!({"to": [node.blog()], "audience": {"id": PUBLIC}}),
            json!({"to": [node.blog()]}),
        ),
    ] {
        let comment = answer(&node, &actor, &article, note, create).await;
        assert_eq!(
            comment.map(|it| it["state"].clone()),
            Some(json!("visible")),
            "{name}"
        );
    }
    for (name, note, create) in [
        (
            "nobody at all",
            unaddressed.clone(),
            json!({"to": null, "cc": null}),
        ),
        (
            "its activity is private",
            unaddressed,
            json!({"to": [node.blog()], "cc": null}),
        ),
        (
            "private in a public activity",
            json!({"to": [node.blog()], "cc": null}),
            json!({}),
        ),
        ("nobody, explicitly", json!({"to": [], "cc": []}), json!({})),
    ] {
        let comment = answer(&node, &actor, &article, note, create).await;
        assert_eq!(comment, None, "{name}");
    }
}

#[apply(both_databases)]
async fn an_update_withdraws_a_comment_only_if_it_says_so(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("updating").await.actor("reader").await;
    let article = node.publish_any().await;
    let note = actor
        .comment(&node.inbox(), &article.id, "<p>First.</p>")
        .await;
    let bare = changed(&note, json!({"to": null, "cc": null}));
    for (number, (object, activity)) in [
        (json!({}), json!({})),
        (json!({}), json!({"to": null, "cc": null})),
        (json!({}), json!({"to": [node.blog()], "cc": null})),
        (json!({"to": [], "cc": []}), json!({})),
        (json!({"audience": PUBLIC}), json!({})),
        (
            json!({"audience": format!("{}/group", actor.id)}),
            json!({}),
        ),
        (json!({"to": "", "cc": null}), json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("Edit {number}");
        let object = changed(&changed(&bare, object), json!({"content": text}));
        let update = changed(&actor.activity("Update", object), activity);
        actor.deliver(&node.inbox(), &update).await;
        let comment = comment(&node, &note).await.unwrap();
        assert_eq!(
            (&comment["state"], &comment["text"]),
            (&json!("visible"), &json!(text))
        );
    }
    let withdrawn = changed(
        &note,
        json!({"to": [format!("{}/followers", actor.id)], "cc": null}),
    );
    actor
        .deliver(&node.inbox(), &actor.activity("Update", withdrawn))
        .await;
    assert_eq!(comment(&node, &note).await.unwrap()["state"], "deleted");
    // Its author may publish it again, and may remove the text alone.
    for (text, state) in [
        ("Again.", "visible"),
        (" <br>&nbsp;", "deleted"),
        ("And again.", "visible"),
    ] {
        let object = changed(&note, json!({"content": text}));
        actor
            .deliver(&node.inbox(), &actor.activity("Update", object))
            .await;
        assert_eq!(
            comment(&node, &note).await.unwrap()["state"],
            state,
            "{text}"
        );
    }
}

#[apply(both_databases)]
async fn an_activity_without_an_actor_is_its_signers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("unsaid").await;
    let (mut actor, article) = (peer.actor("reader").await, node.publish_any().await);
    for missing in [json!({"actor": null}), json!({"actor": null, "id": null})] {
        let like = changed(&actor.activity("Like", json!(article.id)), missing);
        actor.deliver(&node.inbox(), &like).await;
        assert_eq!(node.total(&format!("{}/likes", article.id)).await, 1);
    }
    let mut explicit = actor.activity("Undo", json!({"type": "Like", "object": article.id}));
    explicit["actor"] = Value::Null;
    actor.deliver(&node.inbox(), &explicit).await;
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 0);
    let note = actor.note(&article.id, "<p>Whose is it?</p>");
    let create = changed(
        &actor.activity("Create", note.clone()),
        json!({"actor": null}),
    );
    actor.deliver(&node.inbox(), &create).await;
    assert_eq!(comment(&node, &note).await.unwrap()["actor"], actor.id);
    // The answer to a follow names the follower.
    let follow = changed(
        &actor.activity("Follow", json!(node.blog())),
        json!({"actor": null}),
    );
    actor.deliver(&node.inbox(), &follow).await;
    let accept = peer.wait_for("Accept").await.activity;
    assert_eq!(
        (&accept["object"]["id"], &accept["object"]["actor"]),
        (&follow["id"], &json!(actor.id))
    );
    let request = json!({"id": actor.new_id("requests"), "type": "FeatureRequest", "instrument": actor.new_id("collections"), "object": node.blog()});
    actor.deliver(&node.inbox(), &request).await;

    // A key in a separate document also leads to its owner.
    actor = peer.actor("keyed").await;
    actor.key_id = format!("{}/main-key", actor.id);
    let key =
        json!({"id": actor.key_id, "owner": actor.id, "publicKeyPem": actor.key.public_key_pem()});
    actor.serve_with(json!({"publicKey": key}));
    peer.serve("/users/keyed/main-key", Canned::document(&key));
    let like = changed(
        &actor.activity("Like", json!(article.id)),
        json!({"actor": null}),
    );
    actor.deliver(&node.inbox(), &like).await;
    let likers = node
        .texts("SELECT a.uri FROM reactions r JOIN remote_actors a ON a.id = r.actor_id")
        .await;
    assert_eq!(likers, [actor.id.clone()]);
    node.admin(&["block", "add", &actor.id]).await;
    let again = changed(
        &actor.activity("Dislike", json!(article.id)),
        json!({"actor": null}),
    );
    assert_eq!(
        actor.send(&node.inbox(), &again).await.status,
        403,
        "the key's owner is blocked"
    );
    node.admin(&["block", "remove", &actor.id]).await;

    // An activity that names another actor is refused; an unsigned one belongs to nobody.
    let foreign = changed(
        &actor.activity("Like", json!(article.id)),
        json!({"actor": peer.url("/users/reader")}),
    );
    assert_eq!(actor.send(&node.inbox(), &foreign).await.status, 403);
    let unsigned = changed(
        &actor.activity("Like", json!(article.id)),
        json!({"actor": null}),
    );
    let reply = actor
        .signed(&node.inbox(), &unsigned)
        .send_with_signature(None)
        .await;
    assert_eq!(reply.status, 401);
}

#[apply(both_databases)]
async fn what_is_blank_is_absent(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("blank").await.actor("reader").await;
    let article = node.publish_any().await;
    let map = json!({"en": "<p>As mapped.</p>", "de": "<p>Anders.</p>"});
    let picture = json!([{"type": "Document", "mediaType": "image/png", "url": "https://else.example/x.png", "name": "A cat"}]);
    let poll = json!([{"type": "Note", "name": "Yes"}, {"type": "Note", "name": "No"}]);
    for (name, note, text, language) in [
        (
            "an empty text, a map",
            json!({"content": "", "contentMap": map}),
            "As mapped.",
            "en",
        ),
        (
            "no text, a map",
            json!({"content": null, "contentMap": map}),
            "As mapped.",
            "en",
        ),
        (
            "a break, a map that begins blank",
            json!({"content": "<br>", "contentMap": {"fr": "<p>&nbsp;</p>", "de_CH": "<p>Anders.</p>"}}),
            "Anders.",
            "de-CH",
        ),
        (
            "blanks, a name",
            json!({"content": "<p>&nbsp;\u{200b}</p>", "name": "A <title> & more"}),
            "A <title> & more",
            "",
        ),
        (
            "a blank map, a map of names",
            json!({"content": "<br/>", "contentMap": {"en": ""}, "name": "", "nameMap": {"en": "A title"}}),
            "A title",
            "en",
        ),
        (
            "one of several languages",
            json!({"content": "<p>Anders.</p>", "contentMap": map}),
            "Anders.",
            "de",
        ),
        (
            "no language of the text",
            json!({"content": "<p>Otherwise.</p>", "contentMap": map}),
            "Otherwise.",
            "",
        ),
        (
            "no language at all",
            json!({"content": "<p>Anders.</p>", "contentMap": {"German": "<p>Anders.</p>"}}),
            "Anders.",
            "",
        ),
        (
            "another spelling of a language",
            json!({"contentMap": {"en_us": "<p>As usual.</p>"}}),
            "As usual.",
            "en-US",
        ),
        (
            "a picture alone",
            json!({"content": "<p></p>", "attachment": picture}),
            "",
            "",
        ),
        (
            "an image alone",
            json!({"content": null, "image": picture}),
            "",
            "",
        ),
        (
            "a poll alone",
            json!({"content": "", "type": "Question", "oneOf": poll}),
            "",
            "",
        ),
        (
            "plain text",
            json!({"content": "One\n<b>two</b>\n\nthree", "mediaType": "text/plain"}),
            "One\n<b>two</b>\n\nthree",
            "",
        ),
        (
            "Markdown",
            json!({"content": "*One* [two](https://else.example/)\n\n- three", "mediaType": "text/markdown; charset=utf-8"}),
            "One two\n\nthree",
            "",
        ),
    ] {
        let comment = answer(&node, &actor, &article, note, json!({})).await;
        let comment = comment.unwrap_or_else(|| panic!("{name}: no comment"));
        let language = if language.is_empty() {
            Value::Null
        } else {
            json!(language)
        };
        assert_eq!(
            (&comment["text"], &comment["language"]),
            (&json!(text), &language),
            "{name}"
        );
    }
    let before = node.dropped("comment without text or attachment").await;
    let nothing = [
        json!({"content": ""}),
        json!({"content": null}),
        json!({"content": " <br> "}),
        json!({"content": "<p>&#8203;&nbsp;</p>", "name": "\u{2800}"}),
        json!({"content": "", "contentMap": {"en": "<p></p>"}, "nameMap": {"en": " "}, "attachment": [null, {"type": "Image"}]}),
    ];
    let count = nothing.len() as i64;
    for note in nothing {
        assert_eq!(
            answer(&node, &actor, &article, note.clone(), json!({})).await,
            None,
            "{note}"
        );
    }
    assert_eq!(
        node.dropped("comment without text or attachment").await,
        before + count
    );
    // An `Update` that leaves no word ends the comment until there are some again; the language follows the text.
    let note = actor
        .comment(&node.inbox(), &article.id, "<p>First.</p>")
        .await;
    actor
        .deliver(
            &node.inbox(),
            &actor.activity("Update", changed(&note, json!({"content": "<br>"}))),
        )
        .await;
    assert_eq!(comment(&node, &note).await.unwrap()["state"], "deleted");
    let edited = changed(
        &note,
        json!({"content": "<p>Erstens.</p>", "contentMap": {"de": "<p>Erstens.</p>"}}),
    );
    actor
        .deliver(&node.inbox(), &actor.activity("Update", edited))
        .await;
    let edited = comment(&node, &note).await.unwrap();
    assert_eq!(
        (&edited["text"], &edited["language"]),
        (&json!("Erstens."), &json!("de"))
    );
}

#[apply(both_databases)]
async fn an_update_without_a_date_makes_no_other_too_old(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("undated").await.actor("reader").await;
    let article = node.publish_any().await;
    let note = actor
        .comment(&node.inbox(), &article.id, "<p>First.</p>")
        .await;
    let text = async |content: &str, updated: Value| {
        let edited = changed(&note, json!({"content": content, "updated": updated}));
        actor
            .deliver(&node.inbox(), &actor.activity("Update", edited))
            .await;
        comment(&node, &note).await.unwrap()["text"].clone()
    };
    assert_eq!(text("a", json!("2026-11-23 12:05:00")).await, "a");
    for (content, unreadable) in [
        ("b", json!("yesterday")),
        ("c", Value::Null),
        ("d", json!(1_700_000_000)),
    ] {
        assert_eq!(text(content, unreadable).await, content);
    }
    assert_eq!(text("e", json!("2026-11-23T12:06Z")).await, "e");
    assert_eq!(text("f", json!("2026-11-23T14:07:00+0200")).await, "f");
    assert_eq!(text("too late", json!("20261123T120600Z")).await, "f");
    assert_eq!(text("f", json!("yesterday")).await, "f");
    assert_eq!(
        node.dropped("update that is older than what is here").await,
        1
    );
}

#[apply(both_databases)]
async fn a_preview_link_is_a_link_and_other_files_are_found_in_every_shape(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("shapes").await;
    let actor = peer.actor("reader").await;
    actor.serve_with(json!({"icon": [null, {"type": "Image"}, {"type": "Image", "url": [{"type": "Link", "href": peer.url("/face.png")}]}],
        "name": null, "nameMap": {"en": "Mapped"}, "url": [null, {"type": "Link", "href": peer.url("/@mapped"), "mediaType": "text/html"}]}));
    let article = node.publish_any().await;
    let linked = peer.url("/linked.png");
    let comment = answer(&node, &actor, &article, json!({
        "content": format!("<p>See <a href=\"{linked}\">this</a>.</p>"),
        "attachment": [
            {"type": "Link", "href": linked, "mediaType": "image/png", "name": "Said twice"},
            {"type": "Link", "href": peer.url("/card.png"), "mediaType": "image/png", "name": "A card"},
            {"type": ["Link"], "href": peer.url("/bare?x=1&y=2")},
            null, peer.url("/string.png"),
            {"type": "Document", "nameMap": {"en": "By its map"}, "url": [null, "", {"type": "Link", "href": peer.url("/listed"), "mediaType": "image/webp"}]},
        ],
        "image": {"type": "Image", "href": peer.url("/lead.jpg"), "name": "The lead"},
    }), json!({})).await.unwrap();
    assert_eq!(
        (&comment["text"], &comment["author"]),
        (&json!("See this."), &json!("Mapped"))
    );
    let page = node.page(&article.url).await.text;
    let link = |path: &str, label: &str| {
        format!(
            "href=\"{}\" rel=\"nofollow ugc noopener\"><bdi>{label}</bdi>",
            peer.url(path)
        )
    };
    assert!(page.contains(&link("/card.png", "A card")), "{page}");
    let bare = peer.url("/bare?x=1&#38;y=2");
    assert!(
        page.contains(&format!(
            "href=\"{bare}\" rel=\"nofollow ugc noopener\"><bdi>{bare}</bdi>"
        )),
        "{page}"
    );
    assert!(!page.contains("Said twice"), "{page}");
    assert!(
        page.contains("alt=\"By its map\"") && page.contains("alt=\"The lead\""),
        "{page}"
    );
    assert_eq!(
        page.matches("src=\"/pictures/comments/").count(),
        3,
        "{page}"
    );
    assert!(page.contains("src=\"/pictures/avatars/"), "{page}");
    for number in 0..6 {
        node.get_bytes(&format!("/pictures/comments/1/{number}"))
            .await;
    }
    let asked: Vec<String> = peer
        .gets()
        .into_iter()
        .filter(|path| path.contains("card") || path.contains("bare") || path.contains("linked"))
        .collect();
    assert_eq!(asked, [""; 0], "a preview is not asked for");
    // An attached link is classified like a link in the text.
    node.admin(&["filter", "add", "pattern", "shady", "--spam"])
        .await;
    let shady = json!({"attachment": {"type": "Link", "href": "https://shady.example/"}});
    eventually("the filter is heeded", || async {
        let spam = answer(&node, &actor, &article, shady.clone(), json!({}))
            .await
            .unwrap();
        assert_eq!(spam["text"], "As usual.");
        (spam["state"] == "spam").then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_document_with_broken_unicode_is_read_and_a_signed_body_is_not(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("broken").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    let mut canned = Canned::document(&changed(
        &actor.document(),
        json!({"name": "Zo@@ MARK", "summary": "cut MARK"}),
    ));
    let text = String::from_utf8(canned.body)
        .unwrap()
        .replace("MARK", r"\ud83d");
    canned.body = text.into_bytes();
    let at = canned
        .body
        .windows(2)
        .position(|bytes| bytes == b"@@")
        .unwrap();
    canned.body[at..at + 2].copy_from_slice(b"\xeb\xff");
    peer.serve("/users/reader", canned);
    actor
        .deliver(&node.inbox(), &actor.activity("Like", json!(article.id)))
        .await;
    let names = node
        .texts("SELECT name FROM remote_actors WHERE username = 'reader'")
        .await;
    assert_eq!(names, ["Zo\u{fffd}\u{fffd} \u{fffd}"]);

    let mut post = actor.signed(&node.inbox(), &actor.activity("Like", json!("@@")));
    let at = post
        .body
        .windows(2)
        .position(|bytes| bytes == b"@@")
        .unwrap();
    post.body[at] = 0xff;
    let digest = crate::support::signed_post::digest_of(&post.body);
    let reply = post.header("digest", &digest).send().await;
    assert_eq!(reply.status, 400, "{}", reply.body);
}

#[apply(both_databases)]
async fn only_collections_may_be_any_json(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("jsonic").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    let note = actor.note(&article.id, "<p>Uploaded.</p>");
    let mut canned = Canned::document(&note);
    canned.headers = vec![("content-type".into(), "application/json".into())];
    peer.serve(
        note["id"]
            .as_str()
            .unwrap()
            .strip_prefix(&peer.origin)
            .unwrap(),
        canned,
    );
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note["id"].clone()))
        .await;
    assert_eq!(comment(&node, &note).await, None);
    assert_eq!(
        node.dropped("object that its own host does not confirm")
            .await,
        1
    );
}

#[apply(both_databases)]
async fn a_poll_that_mentions_us_is_told_of_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("poll").await.actor("asker").await;
    let mut poll = actor.note("", "<p>Which one, @blog?</p>");
    poll["type"] = json!("Question");
    poll["inReplyTo"] = Value::Null;
    poll["to"] = json!([PUBLIC, node.blog()]);
    poll["tag"] = json!([{"type": "Mention", "href": node.blog(), "name": "@blog"}]);
    poll["oneOf"] = json!([{"type": "Note", "name": "Yes", "replies": {"totalItems": 0}}]);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", poll.clone()))
        .await;
    for votes in 1..3 {
        poll["oneOf"][0]["replies"]["totalItems"] = json!(votes);
        actor
            .deliver(&node.inbox(), &actor.activity("Update", poll.clone()))
            .await;
    }
    assert_eq!(node.notices().await.len(), 1);
    // An edited post updates its notice.
    poll["content"] = json!("<p>Which two, @blog?</p>");
    actor
        .deliver(&node.inbox(), &actor.activity("Update", poll.clone()))
        .await;
    let notices = node.notices().await;
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0]["text"].as_str().unwrap().contains("Which two"),
        "{notices:?}"
    );
    // Another post creates another notice, and so does an `Update` whose `Create` was lost.
    poll["id"] = json!(actor.new_id("notes"));
    actor
        .deliver(&node.inbox(), &actor.activity("Update", poll))
        .await;
    assert_eq!(node.notices().await.len(), 2);
}

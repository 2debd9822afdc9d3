//! What the publication sends besides articles: notes, replies, likes, boosts, follows, reports, and their undoing.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC, ReceivedActivity, webfinger_path},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Waits for an activity of a type whose object has this id.
async fn arrived(peer: &Peer, kind: &str, object: &str) -> ReceivedActivity {
    eventually(
        &format!("a {kind} of {object} arrives at {}", peer.authority),
        || async {
            peer.received_of(kind).into_iter().find(|delivered| {
                let found = &delivered.activity["object"];
                found == object || found["id"] == object || found["object"] == object
            })
        },
    )
    .await
}

/// Runs a command that must fail. Returns its error.
async fn refusal(node: &TestNode, arguments: &[&str]) -> String {
    let output = node.cli(arguments).await;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(printed.trim().lines().count(), 1, "{printed}");
    printed
}

async fn wait_for_state(node: &TestNode, who: &Actor, state: &str) {
    eventually(&format!("{} is {state}", who.id), || async {
        let list = node.admin_json(&["following"]).await;
        let found = list
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["actor"] == who.id && row["state"] == state);
        found.then_some(())
    })
    .await;
}

/// A note of the publication, as it was sent to a follower and to somebody whom it mentions.
struct SentNote {
    node: TestNode,
    home: Peer,
    other: Peer,
    friend: Actor,
    create: Value,
    /// What `pamphlet undo` needs.
    number: String,
    url: String,
}

impl SentNote {
    async fn start(database: Database) -> SentNote {
        let node = TestNode::start(database).await;
        let (home, other) = (Peer::start("home").await, Peer::start("other").await);
        let (reader, friend) = (home.actor("reader").await, other.actor("friend").await);
        reader.follow(&node.inbox(), &node.blog()).await;
        let text = format!(
            "Hola {} y @nobody@{}: **leed** #Libros, no `#codigo`.",
            friend.handle(),
            other.authority
        );
        let picture = image(&node);
        let options = [
            ["--cw", "Lectura"],
            ["--language", "es"],
            ["--image", &picture],
            ["--alt", "Un libro"],
        ];
        let printed = node
            .admin_json(&[&["note", &text][..], options.as_flattened()].concat())
            .await;
        let field = |name: &str| printed[name].as_str().unwrap().to_owned();
        let url = field("url");
        let delivered = arrived(&home, "Create", &url).await;
        delivered.verified.unwrap();
        SentNote {
            number: field("id"),
            create: delivered.activity,
            node,
            home,
            other,
            friend,
            url,
        }
    }

    fn note(&self) -> &Value {
        &self.create["object"]
    }
}

#[apply(both_databases)]
async fn a_note_reaches_followers_and_whom_it_mentions(#[case] database: Database) {
    let sent = SentNote::start(database).await;
    let (node, note) = (&sent.node, sent.note());
    let at_other = arrived(&sent.other, "Create", &sent.url).await;
    assert_eq!(at_other.activity, sent.create);
    assert_eq!(note["type"], "Note");
    assert_eq!(note["attributedTo"], node.blog());
    assert_eq!(note["to"], json!([PUBLIC]));
    let followers = format!("{}/followers", node.blog());
    assert_eq!(note["cc"], json!([followers, sent.friend.id]));
    assert_eq!(sent.create["cc"], note["cc"]);
}

#[apply(both_databases)]
async fn a_note_has_a_warning_a_picture_mentions_and_hashtags(#[case] database: Database) {
    let sent = SentNote::start(database).await;
    let note = sent.note();
    assert_eq!(
        (&note["summary"], &note["sensitive"]),
        (&json!("Lectura"), &json!(true))
    );
    assert_eq!(
        note["tag"],
        json!([
            {"type": "Mention", "href": sent.friend.id, "name": sent.friend.handle()},
            {"type": "Hashtag", "href": sent.node.url("/tags/libros"), "name": "#Libros"},
        ])
    );
    assert_eq!(note["attachment"][0]["name"], "Un libro");
    let content = note["contentMap"]["es"].as_str().unwrap();
    assert!(
        content.contains(&format!(
            "<a href=\"{}/@friend\" class=\"u-url mention\"",
            sent.other.origin
        )),
        "{content}"
    );
    assert!(
        content.contains(&format!("@nobody@{}", sent.other.authority))
            && content.contains("<code>#codigo</code>"),
        "{content}"
    );
}

#[apply(both_databases)]
async fn a_note_is_fetched_with_its_source_and_has_a_page(#[case] database: Database) {
    let sent = SentNote::start(database).await;
    let (node, url) = (&sent.node, sent.url.as_str());
    let mut served = node.document(url).await.json();
    for name in ["@context", "source"] {
        served.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(served, *sent.note());
    let page = node.page(url).await;
    assert_eq!(page.status, 200);
    for part in [
        "Lectura",
        "<strong>leed</strong>",
        "Un libro",
        "class=\"mention hashtag\"",
        "application/activity+json",
    ] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert_eq!(node.page("/tags/libros").await.status, 200);
    let outbox = node.document("/users/blog/outbox?page=first").await.json();
    assert_eq!(outbox["orderedItems"][0]["object"]["id"], url);
}

#[apply(both_databases)]
async fn a_note_is_undone_everywhere(#[case] database: Database) {
    let sent = SentNote::start(database).await;
    let (node, url) = (&sent.node, sent.url.as_str());
    node.admin(&["undo", &sent.number, "--yes"]).await;
    for peer in [&sent.home, &sent.other] {
        let delete = arrived(peer, "Delete", url).await;
        assert_eq!(delete.activity["object"]["type"], "Tombstone");
    }
    let document = node.document(url).await;
    assert_eq!(document.status, 410);
    assert_eq!(document.json()["formerType"], "Note");
    assert_eq!(node.page(url).await.status, 410);
    assert_eq!(node.total("/users/blog/outbox").await, 0);
    let error = refusal(node, &["undo", url, "--yes"]).await;
    assert!(error.contains("already withdrawn"), "{error}");
    assert_eq!(sent.home.received_of("Create").len(), 1);
}

#[apply(both_databases)]
async fn an_answer_of_ours_stands_in_the_thread_and_can_be_answered(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    let reader = home.actor("reader").await;
    let article = node.publish_any().await;
    let question = reader
        .comment(&node.inbox(), &article.id, "<p>Why slowly?</p>")
        .await;
    let id = node.comments().await[0]["id"].to_string();
    let printed = node
        .admin_json(&["reply", &id, "Because *it lasts*."])
        .await;
    let answer = printed["url"].as_str().unwrap();
    let create = arrived(&home, "Create", answer).await;
    let note = &create.activity["object"];
    assert_eq!(note["inReplyTo"], question["id"]);
    assert_eq!(note["context"], format!("{}/context", article.id));
    assert_eq!(
        note["tag"],
        json!([{"type": "Mention", "href": reader.id, "name": reader.handle()}])
    );
    assert_eq!(note["cc"][1], reader.id);
    reader.comment(&node.inbox(), answer, "<p>I see.</p>").await;
    let page = node.page(&article.url).await.text;
    let body = page.split("<body>").nth(1).unwrap();
    let places: Vec<usize> = ["Why slowly?", "<em>it lasts</em>", "I see."]
        .iter()
        .map(|text| body.find(text).unwrap())
        .collect();
    assert!(places.is_sorted(), "{page}");
    assert!(page.contains(&format!(
        "@blog@{}",
        node.origin.trim_start_matches("http://")
    )));
    assert_eq!(node.replies(&article).await[1], answer);
    // A like of it counts; nobody else may change or delete it.
    reader
        .deliver(&node.inbox(), &reader.activity("Like", json!(answer)))
        .await;
    assert!(node.page(&article.url).await.text.contains("1 like</li>"));
    for kind in ["Delete", "Update"] {
        let mut stolen = note.clone();
        stolen["content"] = json!("<p>Stolen</p>");
        let reply = reader
            .send(&node.inbox(), &reader.activity(kind, stolen))
            .await;
        assert_eq!(reply.status, 403, "{kind}");
    }
    node.admin(&["undo", answer, "--yes"]).await;
    arrived(&home, "Delete", answer).await;
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Comment deleted") && page.contains("I see.") && !page.contains("it lasts")
    );
    assert!(
        refusal(&node, &["reply", "999", "x"])
            .await
            .contains("comments list")
    );
    assert!(refusal(&node, &["reply", &id, " "]).await.contains("text"));
}

#[apply(both_databases)]
async fn a_note_answers_a_post_of_another_server_and_its_own_answers_are_notices(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    let writer = home.actor("writer").await;
    let post = writer.note("https://elsewhere.example/1", "<p>Who reads this?</p>");
    let printed = node
        .admin_json(&["note", "We do.", "--reply-to", post["id"].as_str().unwrap()])
        .await;
    let url = printed["url"].as_str().unwrap();
    let create = arrived(&home, "Create", url).await;
    assert_eq!(create.activity["object"]["inReplyTo"], post["id"]);
    assert_eq!(create.activity["object"]["tag"][0]["href"], writer.id);
    writer
        .comment(&node.inbox(), url, "<p>Good to know.</p>")
        .await;
    let notices = node.notices().await;
    assert_eq!(notices[0]["kind"], "mention");
    assert!(
        notices[0]["text"]
            .as_str()
            .unwrap()
            .contains("Good to know.")
    );
    assert!(node.comments().await.is_empty());

    let private = writer.note("https://elsewhere.example/1", "<p>Secret</p>");
    let mut hidden = private.clone();
    hidden["to"] = json!([node.blog()]);
    hidden["cc"] = json!([]);
    home.serve(
        private["id"]
            .as_str()
            .unwrap()
            .strip_prefix(&home.origin)
            .unwrap(),
        Canned::document(&hidden),
    );
    for (address, reason) in [
        (private["id"].as_str().unwrap(), "not public"),
        (writer.id.as_str(), "actor"),
        (&home.url("/nothing"), "nothing was found at that address"),
        (&node.url("/2026/11/nothing"), "nothing"),
        ("https://localhost:1/x", "can't be found"),
    ] {
        let printed = refusal(&node, &["note", "x", "--reply-to", address]).await;
        assert!(printed.contains(reason), "{address}: {printed}");
    }
}

#[apply(both_databases)]
async fn likes_and_boosts_reach_the_author_and_are_undone(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, other) = (Peer::start("home").await, Peer::start("other").await);
    let (writer, reader) = (home.actor("writer").await, other.actor("reader").await);
    reader.follow(&node.inbox(), &node.blog()).await;
    let post = writer.note("https://elsewhere.example/1", "<p>Worth reading.</p>");
    let id = post["id"].as_str().unwrap();
    let like = node.admin_json(&["like", id]).await;
    let boost = node.admin_json(&["boost", id]).await;
    let liked = arrived(&home, "Like", id).await.activity;
    assert_eq!(
        (&liked["actor"], &liked["to"]),
        (&json!(node.blog()), &json!([writer.id]))
    );
    let boosted = arrived(&home, "Announce", id).await.activity;
    assert_eq!(arrived(&other, "Announce", id).await.activity, boosted);
    assert_eq!(
        boosted["cc"],
        json!([format!("{}/followers", node.blog()), writer.id])
    );
    assert_eq!(node.total("/users/blog/outbox").await, 1);
    assert_eq!(
        node.document(liked["id"].as_str().unwrap()).await.status,
        200
    );

    assert!(refusal(&node, &["like", id]).await.contains("already"));
    let several = refusal(&node, &["undo", id, "--yes"]).await;
    assert!(
        several.contains(like["id"].as_str().unwrap())
            && several.contains(boost["id"].as_str().unwrap()),
        "{several}"
    );
    node.admin(&["undo", boost["id"].as_str().unwrap(), "--yes"])
        .await;
    for peer in [&home, &other] {
        let undo = arrived(peer, "Undo", boosted["id"].as_str().unwrap())
            .await
            .activity;
        assert_eq!(undo["object"]["type"], "Announce");
    }
    assert_eq!(node.total("/users/blog/outbox").await, 0);
    node.admin(&["undo", id, "--yes"]).await;
    let undo = arrived(&home, "Undo", liked["id"].as_str().unwrap()).await;
    assert!(undo.verified.is_ok());
    assert!(
        other
            .received_of("Undo")
            .iter()
            .all(|undo| undo.activity["object"]["type"] != "Like")
    );
    assert_eq!(
        node.document(liked["id"].as_str().unwrap()).await.status,
        404
    );
    assert!(
        refusal(&node, &["undo", id, "--yes"])
            .await
            .contains("nothing to undo")
    );
    node.admin(&["like", id]).await;
    eventually("it is liked again", || async {
        (home.received_of("Like").len() == 2).then_some(())
    })
    .await;
    let article = node.publish_any().await;
    assert!(
        refusal(&node, &["boost", &article.url])
            .await
            .contains("this publication")
    );
}

#[apply(both_databases)]
async fn a_follow_is_pending_until_the_followed_accepts_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    let (a, b) = (home.actor("a").await, home.actor("b").await);
    for actor in [&a, &b] {
        node.admin(&["follow", &actor.handle()]).await;
    }
    let follow = arrived(&home, "Follow", &a.id).await.activity;
    assert_eq!(
        (&follow["actor"], &follow["to"]),
        (&json!(node.blog()), &json!([a.id]))
    );
    wait_for_state(&node, &a, "asked").await;
    assert_eq!(node.total("/users/blog/following").await, 0);
    // By another actor, of a follow never sent, of something else: nothing.
    b.deliver(&node.inbox(), &b.activity("Accept", follow.clone()))
        .await;
    let mut invented = follow.clone();
    invented["id"] = json!(node.url("/activities/0123456789abcdef"));
    invented["object"] = json!("https://elsewhere.example/users/x");
    a.deliver(&node.inbox(), &a.activity("Accept", invented))
        .await;
    a.deliver(
        &node.inbox(),
        &a.activity("Accept", json!("https://elsewhere.example/follows/1")),
    )
    .await;
    assert_eq!(node.dropped("answer to what another was asked").await, 1);
    assert_eq!(node.dropped("answer to nothing that was asked").await, 2);
    assert_eq!(node.total("/users/blog/following").await, 0);
    // By id alone, and by its content under an id of the answering server's own.
    a.deliver(&node.inbox(), &a.activity("Accept", follow["id"].clone()))
        .await;
    let mut renamed = arrived(&home, "Follow", &b.id).await.activity;
    renamed["id"] = json!(b.new_id("follows"));
    b.deliver(&node.inbox(), &b.activity("Accept", renamed.clone()))
        .await;
    let page = node
        .document("/users/blog/following?page=first")
        .await
        .json();
    assert_eq!(page["orderedItems"], json!([b.id, a.id]));
    // Their posts arrive and are ignored.
    let mut news = a.note("", "<p>News</p>");
    news["inReplyTo"] = Value::Null;
    a.deliver(&node.inbox(), &a.activity("Create", news)).await;
    assert_eq!(node.dropped("post that is not about us").await, 1);
    // Both sides undo it.
    b.deliver(&node.inbox(), &b.activity("Reject", renamed))
        .await;
    wait_for_state(&node, &b, "rejected").await;
    node.admin(&["unfollow", &a.handle()]).await;
    let undo = arrived(&home, "Undo", &a.id).await.activity;
    assert_eq!(
        (&undo["object"]["id"], &undo["object"]["type"]),
        (&follow["id"], &json!("Follow"))
    );
    assert_eq!(node.total("/users/blog/following").await, 0);
    a.deliver(&node.inbox(), &a.activity("Accept", follow["id"].clone()))
        .await;
    assert_eq!(node.total("/users/blog/following").await, 0);
    assert!(
        refusal(&node, &["unfollow", &a.handle()])
            .await
            .contains("does not follow")
    );
    node.admin(&["follow", &b.id]).await;
    assert!(
        refusal(&node, &["follow", "@blog@nowhere.localhost:9"])
            .await
            .contains("out of reach")
    );
    assert!(
        refusal(&node, &["follow", "nobody"])
            .await
            .contains("@user@example.org")
    );
}

#[apply(both_databases)]
async fn a_report_goes_to_the_server_of_whom_it_is_about(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    let troll = home.actor("troll").await;
    let article = node.publish_any().await;
    let comment = troll
        .comment(&node.inbox(), &article.id, "<p>Spam</p>")
        .await;
    node.admin(&["report", comment["url"].as_str().unwrap(), "it is spam"])
        .await;
    let flag = home.wait_for("Flag").await;
    assert_eq!(flag.activity["actor"], node.url("/actor"));
    assert_eq!(flag.activity["object"], json!([troll.id, comment["id"]]));
    assert_eq!(flag.activity["content"], "it is spam");
    assert!(flag.verified.is_ok());
    assert_eq!(
        node.document(flag.activity["id"].as_str().unwrap())
            .await
            .status,
        404
    );
    node.admin(&["report", &troll.handle(), "again"]).await;
    eventually("the actor is reported", || async {
        home.received_of("Flag")
            .iter()
            .any(|flag| flag.activity["object"] == json!([troll.id]))
            .then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn pinned_articles_and_tags_are_shown_to_other_servers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let first = node
        .publish("---\ntitle: First\ntags: [Books, Mexico City]\n---\nOne.\n")
        .await;
    let second = node
        .publish("---\ntitle: Second\ntags: [books]\n---\nTwo.\n")
        .await;
    let draft = node.file("draft.md", "---\ntitle: Draft\n---\nx\n");
    node.admin(&["post", "draft", &draft]).await;
    let featured = node.url("/users/blog/featured");
    for article in [&first, &second] {
        node.admin(&["post", "pin", &article.slug]).await;
        let add = arrived(&home, "Add", &article.id).await.activity;
        assert_eq!(
            (&add["target"], &add["actor"]),
            (&json!(featured), &json!(node.blog()))
        );
    }
    assert_eq!(
        node.document(&featured).await.json()["orderedItems"],
        json!([second.id, first.id])
    );
    assert!(
        refusal(&node, &["post", "pin", "first"])
            .await
            .contains("already")
    );
    assert!(
        refusal(&node, &["post", "pin", "draft"])
            .await
            .contains("not published")
    );
    node.admin(&["post", "unpin", "first"]).await;
    assert_eq!(
        arrived(&home, "Remove", &first.id).await.activity["target"],
        featured
    );
    assert_eq!(
        node.document(&featured).await.json()["orderedItems"],
        json!([second.id])
    );
    assert!(
        refusal(&node, &["post", "unpin", "first"])
            .await
            .contains("not pinned")
    );
    node.admin(&["post", "delete", "second", "--yes"]).await;
    eventually("the newest take the place of the pins", || async {
        (node.document(&featured).await.json()["orderedItems"] == json!([first.id])).then_some(())
    })
    .await;
    let tags = node.document("/users/blog/tags").await.json();
    assert_eq!(
        tags["orderedItems"],
        json!([
            {"type": "Hashtag", "href": node.url("/tags/books"), "name": "#Books", "totalItems": 1},
            {"type": "Hashtag", "href": node.url("/tags/mexico%20city"), "name": "#MexicoCity", "totalItems": 1},
        ])
    );
}

#[apply(both_databases)]
async fn mentions_in_an_article_become_links_and_deliveries(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, evil) = (Peer::start("home").await, Peer::start("evil").await);
    let (friend, outcast) = (home.actor("friend").await, evil.actor("outcast").await);
    node.admin(&["block", "add", "evil.localhost"]).await;
    let text = format!(
        "---\ntitle: Thanks\ntags: [Books]\n---\nTo {}, {} and @blog@{} for #books and #tea; not `{0}`.\n",
        friend.handle(),
        outcast.handle(),
        node.origin.trim_start_matches("http://")
    );
    let article = node.publish(&text).await;
    let post = arrived(&home, "Create", &article.id).await.activity["object"].clone();
    let names: Vec<&str> = post["tag"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let ours = format!("@blog@{}", node.origin.trim_start_matches("http://"));
    assert_eq!(
        names,
        ["#Books", "#tea", friend.handle().as_str(), ours.as_str()]
    );
    let cc = post["cc"].as_array().unwrap();
    assert!(
        cc.contains(&json!(friend.id)) && cc.contains(&json!(node.blog())),
        "{cc:?}"
    );
    for html in [
        post["content"].as_str().unwrap(),
        &node.page(&article.url).await.text,
    ] {
        assert!(
            html.contains(&format!(
                "<a href=\"{}/@friend\" class=\"u-url mention\"",
                home.origin
            )),
            "{html}"
        );
        assert!(
            html.contains(&outcast.handle())
                && html.contains(&format!("<code>{}</code>", friend.handle())),
            "{html}"
        );
    }
    assert!(node.page("/tags/tea").await.text.contains("Thanks"));
    let mut served = node.document(&article.id).await.json();
    for name in ["@context", "likes", "shares", "replies", "source"] {
        served.as_object_mut().unwrap().remove(name);
    }
    for (name, value) in served.as_object().unwrap() {
        assert_eq!(post[name], *value, "{name}");
    }
    // An actor that is no longer mentioned still gets updates and the deletion.
    let file = node.file("edited.md", "---\ntitle: Thanks\n---\nTo nobody.\n");
    node.admin(&["post", "edit", &article.slug, &file]).await;
    let update = arrived(&home, "Update", &article.id).await.activity;
    assert!(!update["object"]["tag"].to_string().contains("Mention"));
    assert_eq!(node.page("/tags/tea").await.status, 404);
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    arrived(&home, "Delete", &article.id).await;
    assert!(evil.gets().is_empty() && evil.received().is_empty());
    assert_eq!(
        home.gets()
            .iter()
            .filter(|path| path.contains("webfinger"))
            .count(),
        1
    );
}

#[apply(both_databases)]
async fn direct_messages_and_polls_are_notices(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("home").await.actor("author").await;
    let mention = json!([{"type": "Mention", "href": node.blog(), "name": "@blog"}]);
    let mut direct = author.note("https://elsewhere.example/1", "<p>Between us.</p>");
    direct["inReplyTo"] = Value::Null;
    direct["to"] = json!([node.blog()]);
    direct["cc"] = json!([]);
    direct["tag"] = mention.clone();
    let mut poll = author.note("https://elsewhere.example/1", "<p>Tea or coffee?</p>");
    poll["inReplyTo"] = Value::Null;
    poll["type"] = json!("Question");
    poll["oneOf"] = json!([{"type": "Note", "name": "Tea"}, {"type": "Note", "name": "Coffee"}]);
    poll["tag"] = mention;
    for object in [direct, poll] {
        author
            .deliver(&node.inbox(), &author.activity("Create", object))
            .await;
    }
    let notices = node.notices().await;
    let seen: Vec<(&str, bool)> = notices
        .iter()
        .map(|notice| {
            let text = notice["text"].as_str().unwrap();
            (
                notice["kind"].as_str().unwrap(),
                text.contains("Between us.") || text.contains("Tea or coffee?"),
            )
        })
        .collect();
    assert_eq!(seen, [("mention", true), ("private", true)]);
    assert!(node.comments().await.is_empty());
}

#[apply(both_databases)]
async fn two_nodes_speak_with_each_other(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let other = TestNode::start(Database::Sqlite).await;
    let article = other.publish_any().await;
    let handle = format!("@blog@{}", other.origin.trim_start_matches("http://"));
    node.admin(&["follow", &handle]).await;
    eventually("the follow is accepted", || async {
        (node.total("/users/blog/following").await == 1).then_some(())
    })
    .await;
    node.admin(&["like", &article.url]).await;
    node.admin(&["boost", &article.id]).await;
    node.admin(&["note", "A fine text.", "--reply-to", &article.url])
        .await;
    node.admin(&["note", &format!("Read {handle}!")]).await;
    node.admin(&["report", &article.url, "a trial"]).await;
    eventually("it all arrives", || async {
        let comments = other.comments().await;
        let notices = other.notices().await;
        let has = |kind: &str| notices.iter().any(|notice| notice["kind"] == kind);
        (other.total(&format!("{}/likes", article.id)).await == 1
            && other.total(&format!("{}/shares", article.id)).await == 1
            && comments.len() == 1
            && has("mention")
            && has("report"))
        .then_some(())
    })
    .await;
    let later = other.publish("---\ntitle: Later\n---\nx\n").await;
    eventually("a followed node's article is nothing to us", || async {
        (node.dropped("post that is not about us").await >= 1).then_some(())
    })
    .await;
    assert!(later.id.starts_with(&other.origin));
    node.admin(&["unfollow", &handle]).await;
    eventually("the follower is gone", || async {
        (other.total("/users/blog/followers").await == 0).then_some(())
    })
    .await;
}

/// Writes a small picture into the node's folder. Returns its path.
fn image(node: &TestNode) -> String {
    // The smallest PNG: one pixel.
    const PNG: &[u8] = &[
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0,
        0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44,
        0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x89, 0x99,
        0x3d, 0x1d, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
    ];
    let path = node.folder.path().join("picture.png");
    std::fs::write(&path, PNG).unwrap();
    path.display().to_string()
}

#[apply(both_databases)]
async fn a_server_that_hangs_does_not_hold_up_what_mentions_it(#[case] database: Database) {
    let node = TestNode::start_with(database, "[federation]\nfetch_timeout = 2\n").await;
    let (slow, home) = (Peer::start("slow").await, Peer::start("home").await);
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let handle = format!("@sleeper@{}", slow.authority);
    let hanging = Canned {
        delay: std::time::Duration::from_secs(300),
        ..Canned::status(200)
    };
    slow.serve(&webfinger_path(&handle), hanging);
    let begun = std::time::Instant::now();
    let article = node
        .publish(&format!("---\ntitle: Greetings\n---\nTo {handle}.\n"))
        .await;
    let post = arrived(&home, "Create", &article.id).await.activity["object"].clone();
    assert!(begun.elapsed().as_secs() < 8);
    assert!(
        post["content"].as_str().unwrap().contains(&handle),
        "it stays plain text"
    );
    assert_eq!(post["tag"], json!([]));
    let file = node.file(
        "edited.md",
        &format!("---\ntitle: Greetings\n---\nAgain to {handle}.\n"),
    );
    node.admin(&["post", "edit", &article.slug, &file]).await;
    arrived(&home, "Update", &article.id).await;
    assert_eq!(
        slow.get_count(&webfinger_path(&handle)),
        1,
        "it was not asked again"
    );
}

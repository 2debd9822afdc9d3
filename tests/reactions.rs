//! Reactions: what counts as an emoji, how many are taken and shown, and what keeps them off the page.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually, node::Article, peer::Canned,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

fn react(actor: &Actor, kind: &str, object: &str, fields: Value) -> Value {
    let mut activity = actor.activity(kind, json!(object));
    for (name, value) in fields.as_object().unwrap() {
        activity[name] = value.clone();
    }
    activity
}

async fn send(node: &TestNode, actor: &Actor, kind: &str, object: &str, content: &str) {
    let fields = match content {
        "" => json!({}),
        content => json!({"content": content}),
    };
    actor
        .deliver(&node.inbox(), &react(actor, kind, object, fields))
        .await;
}

/// Returns the reactions that readers may see, in the order of their arrival.
async fn standing(node: &TestNode) -> Vec<String> {
    node.texts(
        "SELECT a.username || ' ' || r.kind || r.emoji FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
         ORDER BY r.id",
    )
    .await
}

async fn page(node: &TestNode, article: &Article) -> String {
    node.page(&article.url).await.text
}

async fn listed(node: &TestNode, options: &[&str]) -> Vec<Value> {
    let list = node
        .admin_json(&[&["reactions", "list"], options].concat())
        .await;
    list.as_array().unwrap().clone()
}

/// Returns a post that quotes an article.
fn quoting(actor: &Actor, article: &Article) -> Value {
    let mut note = actor.note("", "<p>Worth reading.</p>");
    note.as_object_mut().unwrap().remove("inReplyTo");
    note["quote"] = json!(article.id);
    note
}

#[apply(both_databases)]
async fn what_is_no_emoji_never_stands_under_an_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("fond").await;
    let article = node.publish_any().await;
    peer.serve("/cat.png", Canned::status(404));
    let tag = json!([{"type": "Emoji", "name": ":cat:", "icon": {"type": "Image", "url": peer.url("/cat.png")}}]);
    for (number, (kind, fields, stored)) in [
        ("Like", json!({"content": "Ann is a thief"}), "like"),
        ("Like", json!({"content": "🔥🔥"}), "like"),
        ("Like", json!({"content": ":ann_is_a_thief:"}), "like"),
        ("Like", json!({"_misskey_reaction": "Ann!"}), "like"),
        ("Like", json!({"_misskey_reaction": "pudding"}), "emoji🍮"),
        (
            "Like",
            json!({"content": "👩🏽\u{200d}🚀"}),
            "emoji👩🏽\u{200d}🚀",
        ),
        (
            "Like",
            json!({"content": ":cat:", "tag": tag}),
            "emoji:cat:",
        ),
        ("EmojiReact", json!({"content": "❤"}), "emoji❤"),
        (
            "EmojiReact",
            json!({"content": ":cat@far.example:", "tag": tag}),
            "emoji:cat:",
        ),
        ("EmojiReact", json!({"content": "Ann is a thief"}), ""),
        (
            "EmojiReact",
            json!({"content": ":ann_is_a_thief:", "tag": tag}),
            "",
        ),
        ("EmojiReact", json!({"content": "x🔥"}), ""),
        ("EmojiReact", json!({}), ""),
        ("Dislike", json!({"content": "Ann is a thief"}), "dislike"),
    ]
    .into_iter()
    .enumerate()
    {
        let actor = peer.actor(&format!("reader{number}")).await;
        actor
            .deliver(
                &node.inbox(),
                &react(&actor, kind, &article.id, fields.clone()),
            )
            .await;
        let expected = match stored {
            "" => None,
            stored => Some(format!("reader{number} {stored}")),
        };
        let last = standing(&node)
            .await
            .pop()
            .filter(|last| last.starts_with(&format!("reader{number} ")));
        assert_eq!(last, expected, "{kind} {fields}");
    }
    assert_eq!(
        node.dropped("reaction without an emoji that can be shown")
            .await,
        4
    );
    let shown =
        page(&node, &article).await + &node.page(&format!("{}/reactions", article.url)).await.text;
    assert!(
        !shown.contains("thief") && shown.contains("<li>4 likes</li>"),
        "{shown}"
    );
    // Nor does what an older version stored.
    node.sql("UPDATE reactions SET emoji = 'Ann is a thief' WHERE emoji = '❤'")
        .await;
    let shown =
        page(&node, &article).await + &node.page(&format!("{}/reactions", article.url)).await.text;
    assert!(
        !shown.contains("thief") && shown.contains("<li>5 likes</li>"),
        "{shown}"
    );
    // An undo by content ends the like that the text became.
    let actor = peer.actor("reader0").await;
    let mut undone = react(
        &actor,
        "Like",
        &article.id,
        json!({"content": "Ann is a thief"}),
    );
    undone.as_object_mut().unwrap().remove("id");
    actor
        .deliver(&node.inbox(), &actor.activity("Undo", undone))
        .await;
    assert!(!standing(&node).await.contains(&"reader0 like".to_owned()));
}

#[apply(both_databases)]
async fn one_actor_has_few_reactions_and_one_thing_shows_few_kinds(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("fond").await;
    let (eager, other) = (peer.actor("eager").await, peer.actor("other").await);
    let article = node.publish_any().await;
    let note = other
        .comment(&node.inbox(), &article.id, "<p>A comment.</p>")
        .await;
    let emoji: Vec<String> = (0x1F600..0x1F61E)
        .map(|code| char::from_u32(code).unwrap().to_string())
        .collect();
    for emoji in &emoji[..9] {
        send(&node, &eager, "EmojiReact", &article.id, emoji).await;
        send(&node, &eager, "Like", note["id"].as_str().unwrap(), emoji).await;
    }
    let count = "SELECT COUNT(*) FROM reactions WHERE COALESCE(comment_id, 0)";
    assert_eq!(node.number(&format!("{count} = 0")).await, Some(5));
    assert_eq!(node.number(&format!("{count} > 0")).await, Some(5));
    assert_eq!(
        node.dropped("more reactions of one actor than one thing takes")
            .await,
        8
    );
    // Other reactions do not displace likes and boosts.
    send(&node, &eager, "Like", &article.id, "").await;
    send(&node, &eager, "Announce", &article.id, "").await;
    send(&node, &eager, "EmojiReact", &article.id, "🐈").await;
    let shown = page(&node, &article).await;
    assert!(
        shown.contains("<li>1 like</li>")
            && shown.contains("<li>1 boost</li>")
            && !shown.contains('🐈'),
        "{shown}"
    );
    let rows: Vec<String> = emoji[5..]
        .iter()
        .map(|emoji| format!("((SELECT id FROM remote_actors WHERE username = 'eager'), (SELECT id FROM articles), 'emoji', '{emoji}', 'urn:{emoji}', 1)"))
        .collect();
    node.sql(&format!(
        "INSERT INTO reactions (actor_id, article_id, kind, emoji, uri, created_at) VALUES {}",
        rows.join(", ")
    ))
    .await;
    send(&node, &other, "EmojiReact", &article.id, &emoji[20]).await;
    let shown = page(&node, &article).await;
    let facts = shown
        .split("<footer class=\"about\"")
        .nth(1)
        .unwrap()
        .split("</footer>")
        .next()
        .unwrap();
    assert_eq!(facts.matches("<li><bdi>").count(), 20, "{facts}");
    assert!(
        facts.contains(&format!("<li><bdi>{}</bdi> 2</li>", emoji[20]))
            && facts.contains("<li>and 10 more</li>"),
        "{facts}"
    );
    let who = node.page(&format!("{}/reactions", article.url)).await.text;
    assert_eq!(
        (
            who.matches("reacted with ").count(),
            who.matches("<bdi>reacted</bdi>").count()
        ),
        (21, 10),
        "{who}"
    );
}

/// An article, an actor that follows the publication, and one that does not.
struct Scene {
    node: TestNode,
    article: Article,
    far: Peer,
    friend: Actor,
    stranger: Actor,
}

impl Scene {
    async fn start(database: Database) -> Scene {
        let node = TestNode::start(database).await;
        let (near, far) = (Peer::start("near").await, Peer::start("far").await);
        let (friend, stranger) = (near.actor("friend").await, far.actor("stranger").await);
        friend.follow(&node.inbox(), &node.blog()).await;
        let article = node.publish_any().await;
        Scene {
            node,
            article,
            far,
            friend,
            stranger,
        }
    }

    async fn policy(&self, policy: &str) {
        let arguments = ["comments", "policy", &self.article.slug, policy];
        self.node.admin(&arguments).await;
    }

    async fn send(&self, actor: &Actor, kind: &str, content: &str) {
        send(&self.node, actor, kind, &self.article.id, content).await;
    }

    /// Sends a reaction with an emoji, a like with one, and a quote.
    async fn send_all(&self, actor: &Actor, emoji: &str) {
        for kind in ["EmojiReact", "Like"] {
            self.send(actor, kind, emoji).await;
        }
        let create = actor.activity("Create", quoting(actor, &self.article));
        actor.deliver(&self.node.inbox(), &create).await;
    }

    async fn page(&self) -> String {
        page(&self.node, &self.article).await
    }
}

#[apply(both_databases)]
async fn a_closed_article_counts_plain_likes_and_boosts_alone(#[case] database: Database) {
    let it = Scene::start(database).await;
    it.policy("closed").await;
    it.send_all(&it.friend, "🔥").await;
    for kind in ["Like", "Announce"] {
        it.send(&it.friend, kind, "").await;
    }
    assert_eq!(standing(&it.node).await, ["friend like", "friend boost"]);
    assert_eq!(
        it.node
            .dropped("reaction where no comments are taken")
            .await,
        2
    );
    assert!(!it.page().await.contains("Quoted by"));
}

#[apply(both_databases)]
async fn an_article_for_followers_takes_emoji_and_quotes_of_followers_alone(
    #[case] database: Database,
) {
    let it = Scene::start(database).await;
    it.policy("followers").await;
    it.send_all(&it.stranger, "🐈").await;
    assert_eq!(
        it.node
            .dropped("reaction of somebody who does not follow")
            .await,
        2
    );
    it.send_all(&it.friend, "🎉").await;
    assert_eq!(standing(&it.node).await, ["friend emoji🎉", "friend quote"]);
}

#[apply(both_databases)]
async fn emoji_and_quotes_wait_where_comments_are_moderated(#[case] database: Database) {
    let it = Scene::start(database).await;
    it.policy("moderated").await;
    it.send_all(&it.stranger, "🍮").await;
    it.send(&it.stranger, "Like", "").await;
    assert_eq!(standing(&it.node).await, ["stranger like"]);
    let waiting = listed(&it.node, &["--state", "held"]).await;
    let kinds: Vec<&Value> = waiting.iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["quote", "emoji"]);
    let ids = [&waiting[0]["id"], &waiting[1]["id"]].map(Value::to_string);
    it.node
        .admin(&["reactions", "approve", &ids[0], &ids[1]])
        .await;
    let shown = it.page().await;
    assert!(
        shown.contains("<bdi>🍮</bdi> 1") && shown.contains("<li>1 quote</li>"),
        "{shown}"
    );
    assert_eq!(standing(&it.node).await.len(), 3);
}

#[apply(both_databases)]
async fn all_reactions_of_a_limited_host_wait(#[case] database: Database) {
    let it = Scene::start(database).await;
    let waiting = ["--host", "far.localhost", "--state", "held"];
    it.node
        .admin(&["block", "add", "far.localhost", "--comments-held"])
        .await;
    for (kind, content) in [
        ("Like", ""),
        ("Announce", ""),
        ("EmojiReact", "🐈"),
        ("Dislike", ""),
    ] {
        it.send(&it.stranger, kind, content).await;
    }
    assert_eq!(standing(&it.node).await.len(), 0);
    let likes = format!("{}/likes", it.article.id);
    assert_eq!(it.node.total(&likes).await, 0);
    assert_eq!(listed(&it.node, &waiting).await.len(), 4);

    let dislike = react(&it.stranger, "Dislike", &it.article.id, json!({}));
    let undo = it.stranger.activity("Undo", dislike);
    it.stranger.deliver(&it.node.inbox(), &undo).await;
    assert_eq!(
        listed(&it.node, &waiting).await.len(),
        3,
        "its author may undo it"
    );
}

#[apply(both_databases)]
async fn a_block_hides_reactions_until_it_ends(#[case] database: Database) {
    let it = Scene::start(database).await;
    let node = &it.node;
    it.send_all(&it.stranger, "🍮").await;
    for actor in [&it.friend, &it.stranger] {
        it.send(actor, "Like", "").await;
    }
    let other = it.far.actor("other").await;
    it.policy("moderated").await;
    it.send(&other, "EmojiReact", "🐈").await;
    let (before, count) = (it.page().await, standing(node).await.len());
    assert_eq!(count, 4);
    for target in ["far.localhost", it.stranger.id.as_str()] {
        node.admin(&["block", "add", target]).await;
        assert_eq!(standing(node).await, ["friend like"], "{target}");
        let shown = it.page().await;
        assert!(
            !shown.contains('🍮') && shown.contains("<li>1 like</li>"),
            "{shown}"
        );
        assert!(!shown.contains("@stranger@"), "{shown}");
        let blocked = listed(node, &["--state", "blocked"]).await;
        assert_eq!(blocked.len(), 3, "{target}");
        let likes = format!("{}/likes", it.article.id);
        assert_eq!(node.total(&likes).await, 1);
        node.admin(&["block", "remove", target]).await;
        assert_eq!(standing(node).await.len(), count, "{target}");
    }
    let facts = |page: &str| {
        let (_, rest) = page.split_once("<ul class=\"facts\">").unwrap();
        rest.split("</ul>").next().unwrap().to_owned()
    };
    assert_eq!(facts(&it.page().await), facts(&before));
    let held = listed(node, &["--state", "held"]).await;
    assert_eq!(held.len(), 1, "what waited waits still");
}

#[apply(both_databases)]
async fn the_admin_lists_and_removes_reactions(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (near, far) = (Peer::start("near").await, Peer::start("far").await);
    let (one, two, three) = (
        near.actor("one").await,
        near.actor("two").await,
        far.actor("three").await,
    );
    let article = node.publish_any().await;
    let note = one
        .comment(&node.inbox(), &article.id, "<p>A comment.</p>")
        .await;
    for (actor, kind, object, content) in [
        (&one, "Like", article.id.as_str(), ""),
        (&two, "EmojiReact", &article.id, "🔥"),
        (&two, "Like", note["id"].as_str().unwrap(), ""),
        (&three, "Announce", &article.id, ""),
        (&three, "EmojiReact", &article.id, "🍮"),
    ] {
        send(&node, actor, kind, object, content).await;
    }
    let quote = quoting(&two, &article);
    two.deliver(&node.inbox(), &two.activity("Create", quote.clone()))
        .await;
    let all = listed(&node, &[]).await;
    assert_eq!(all.len(), 6);
    assert_eq!(
        (&all[0]["kind"], &all[0]["uri"], &all[0]["state"]),
        (&json!("quote"), &quote["id"], &json!("visible"))
    );
    assert_eq!(
        (&all[3]["comment"], &all[3]["article"], &all[3]["actor"]),
        (&json!(1), &json!(article.slug), &json!(two.id))
    );
    for (options, count) in [
        (&["--actor", &two.id][..], 3),
        (&["--host", "far.localhost"], 2),
        (&["--article", &article.slug, "--limit", "4"], 4),
    ] {
        assert_eq!(listed(&node, options).await.len(), count, "{options:?}");
    }
    let table = node.admin(&["reactions", "list"]).await;
    assert!(
        table.contains("🍮") && table.contains(&three.handle()) && table.contains("#comment-1"),
        "{table}"
    );
    node.admin(&[
        "reactions",
        "remove",
        "--host",
        "far.localhost",
        "--dry-run",
    ])
    .await;
    assert_eq!(standing(&node).await.len(), 6);
    let printed = node
        .admin(&["reactions", "remove", "--host", "far.localhost", "--yes"])
        .await;
    assert!(printed.contains("Removed 2 reactions"), "{printed}");
    node.admin(&["reactions", "remove", &all[4]["id"].to_string(), "--yes"])
        .await;
    assert_eq!(standing(&node).await, ["one like", "two like", "two quote"]);
    node.admin(&["reactions", "remove", "--actor", &two.handle(), "--yes"])
        .await;
    assert_eq!(standing(&node).await, ["one like"]);
    // A quote stays away, also when its author edits the post.
    two.deliver(&node.inbox(), &two.activity("Update", quote))
        .await;
    assert_eq!(standing(&node).await, ["one like"]);
    let log = node.admin_json(&["log"]).await;
    assert!(
        log.as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["action"] == "remove reaction"
                && entry["why"] == "🍮 to on-reading-slowly"),
        "{log}"
    );
    for (arguments, complaint) in [
        (&["remove", "99"][..], "no reaction has the ID 99"),
        (&["approve", "1"], "is already visible"),
        (&["remove"], "required"),
    ] {
        let output = node.cli(&[&["reactions"], arguments].concat()).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && error.contains(complaint),
            "{arguments:?}: {error}"
        );
    }
}

#[apply(both_databases)]
async fn reactions_are_charged_to_their_domain(#[case] database: Database) {
    let node = TestNode::start_with(database, "[limits]\nstored_kilobytes_of_domain = 8\n").await;
    let peer = Peer::start("eager").await;
    let article = node.publish_any().await;
    let mut statuses = Vec::new();
    for number in 0..8 {
        let actor = peer.actor(&format!("reader{number}")).await;
        statuses.push(
            actor
                .send(&node.inbox(), &actor.activity("Like", json!(article.id)))
                .await
                .status,
        );
    }
    let taken = statuses.iter().filter(|status| **status == 202).count();
    assert!(
        (4..8).contains(&taken) && statuses[taken..].iter().all(|status| *status == 503),
        "{statuses:?}"
    );
    let other = Peer::start("other").await.actor("reader").await;
    other
        .deliver(&node.inbox(), &other.activity("Like", json!(article.id)))
        .await;
    eventually("the admin sees who it was", || async {
        let hits = node.admin_json(&["limits"]).await;
        hits.as_array()
            .unwrap()
            .iter()
            .any(|hit| hit.to_string().contains("eager.localhost"))
            .then_some(())
    })
    .await;
}

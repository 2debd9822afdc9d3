//! Authors who hide their posts from strangers: their comments keep their place and link to the original.

use crate::support::{
    Actor, Database, Guest, TestNode, both_databases, eventually, node::Article, peer::Peer,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

const WISH: &str = "hidden at its author’s request";
const SIGNIN: &str = "_misskey_requireSigninToViewContents";

/// Returns all public text about an article and its conversation.
async fn public(node: &TestNode, article: &Article) -> String {
    let mut all = String::new();
    for target in [article.url.as_str(), "/", "/feed.atom"] {
        all += &node.page(target).await.text;
    }
    for path in ["/reply/1", "/comments/1/reactions"] {
        all += &node.page(&format!("{}{path}", article.url)).await.text;
    }
    for path in ["", "/replies?page=first", "/context?page=first"] {
        all += &node.document(&format!("{}{path}", article.id)).await.text;
    }
    all
}

/// Changes the actor's document, and sends the node an `Update`.
async fn change(node: &TestNode, actor: &Actor, changes: Value) {
    actor.serve_with(changes);
    let mut document = actor.document();
    document.as_object_mut().unwrap().remove("@context");
    actor
        .deliver(&node.inbox(), &actor.activity("Update", document))
        .await;
}

fn picture_of(page: &str) -> String {
    let address = page.split("src=\"/pictures/comments/").nth(1).unwrap();
    format!("/pictures/comments/{}", address.split('"').next().unwrap())
}

#[apply(both_databases)]
async fn who_asks_not_to_be_shown_to_strangers_is_not_quoted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("shy").await;
    let article = node.publish_any().await;
    let actor = peer.actor("violet").await;
    let mut note = actor.note(&article.id, "<p>Nothing for strangers.</p>");
    note["summary"] = json!("A shy warning");
    note["attachment"] =
        json!([{"type": "Image", "url": peer.url("/one.png"), "name": "A shy picture"}]);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
        .await;
    let open = public(&node, &article).await;
    let words = ["Nothing for strangers", "shy warning", "shy picture"];
    for words in words {
        assert!(open.contains(words), "{words}");
    }
    let picture = picture_of(&open);
    // An `Update` of the actor applies to earlier and later posts.
    change(&node, &actor, json!({SIGNIN: true})).await;
    actor
        .comment(
            &node.inbox(),
            &article.id,
            "<p>Nothing for strangers, again.</p>",
        )
        .await;
    let hidden = public(&node, &article).await;
    for words in words.into_iter().chain(["violet@", "The actor violet"]) {
        assert!(!hidden.contains(words), "{words} in {hidden}");
    }
    let page = node.page(&article.url).await.text;
    assert_eq!(
        page.matches(&format!("This comment is {WISH}")).count(),
        2,
        "{page}"
    );
    assert!(
        page.contains(&format!("href=\"{}\"", note["url"].as_str().unwrap())),
        "it leads to the original: {page}"
    );
    assert!(
        page.contains("2 comments<") && node.replies(&article).await.len() == 2,
        "they keep their places"
    );
    assert_eq!(
        node.get_bytes(&picture).await.0,
        404,
        "nor are pictures shown"
    );
    // The admin can still read them.
    let comments = node.comments().await;
    assert!(
        comments[1]["text"]
            .as_str()
            .unwrap()
            .contains("Nothing for strangers"),
        "{comments:?}"
    );
    assert_eq!(comments[1]["hidden_by_author"], true);
    assert!(
        node.admin(&["comments", "show", "1"])
            .await
            .contains("from readers who are not logged in, as its author wishes")
    );
    change(&node, &actor, json!({SIGNIN: false})).await;
    let open = public(&node, &article).await;
    assert!(
        open.contains("Nothing for strangers, again") && !open.contains(WISH),
        "{open}"
    );
}

#[apply(both_databases)]
async fn the_wish_is_heard_in_other_forms(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("shy").await;
    let article = node.publish_any().await;
    let actor = peer.actor("violet").await;
    let mut note = actor.note(&article.id, "<p>Some words.</p>");
    note[SIGNIN] = json!(true);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
        .await;
    let is_hidden = async || {
        let page = node.page(&article.url).await.text;
        assert_ne!(page.contains(WISH), page.contains("Some words"), "{page}");
        page.contains(WISH)
    };
    assert!(is_hidden().await, "the note itself");
    note[SIGNIN] = json!(false);
    actor
        .deliver(&node.inbox(), &actor.activity("Update", note.clone()))
        .await;
    assert!(!is_hidden().await, "an Update of the note");
    // The note is dated 2026-11-23T12:00:00Z, or 1795435200.
    let published = 1_795_435_200;
    let old = "_misskey_makeNotesHiddenBefore";
    let old_for_most = "_misskey_makeNotesFollowersOnlyBefore";
    for (wish, hides) in [
        (json!({"hidesToPublicFromUnauthedWeb": true}), true),
        (
            json!({"hidesToPublicFromUnauthedWeb": false, "hidesCcPublicFromUnauthedWeb": true}),
            false,
        ),
        (json!({old: published + 1}), true),
        (json!({old: published - 1}), false),
        (json!({old_for_most: published + 1, old: null}), true),
        (json!({old_for_most: -1}), true),
        (json!({old_for_most: -1_000_000_000}), false),
        // These settings concern only searches.
        (json!({"indexable": false, "discoverable": false}), false),
    ] {
        change(&node, &actor, wish.clone()).await;
        assert_eq!(is_hidden().await, hides, "{wish}");
    }
}

#[apply(both_databases)]
async fn guests_are_strangers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("shy").await;
    let article = node.publish_any().await;
    let actor = peer.actor("violet").await;
    actor.serve_with(json!({SIGNIN: true}));
    actor
        .comment(&node.inbox(), &article.id, "<p>Nothing for strangers.</p>")
        .await;
    let guest = Guest::at(&node, "192.0.2.1");
    let preview = guest
        .send(
            &article,
            &[
                ("token", guest.token(&article, 60).as_str()),
                ("parent", "1"),
                ("name", "A guest"),
                ("text", "Why?"),
                ("do", "preview"),
            ],
            &[],
        )
        .await;
    assert!(
        preview.text.contains(WISH) && !preview.text.contains("Nothing for strangers"),
        "{}",
        preview.text
    );
    eventually("the comment is there", || async {
        (node.comments().await.len() == 1).then_some(())
    })
    .await;
}

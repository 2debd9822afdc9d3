//! Custom emoji: readers see each picture, from this node's own copy.

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use image::{DynamicImage, ImageFormat};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::io::Cursor;

fn picture() -> Canned {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(64, 64, image::Rgb([20, 20, 200]));
    DynamicImage::from(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    Canned {
        headers: vec![("content-type".into(), "image/png".into())],
        body: bytes.into_inner(),
        ..Canned::status(200)
    }
}

/// Starts a server with a picture of a cat.
async fn cattery(name: &str) -> Peer {
    let peer = Peer::start(name).await;
    peer.serve("/cat.png", picture());
    peer
}

fn cat(peer: &Peer) -> Value {
    json!({"type": "Emoji", "name": ":blobcat:", "icon": {"type": "Image", "url": peer.url("/cat.png")}})
}

fn reaction(actor: &Actor, kind: &str, object: &str, fields: Value) -> Value {
    let mut activity = actor.activity(kind, json!(object));
    for (name, value) in fields.as_object().unwrap() {
        activity[name] = value.clone();
    }
    activity
}

/// Returns the addresses of the reaction pictures on a page.
fn reactions_on(page: &str) -> Vec<String> {
    let addresses = page.split("src=\"/pictures/reactions/").skip(1);
    addresses
        .map(|rest| format!("/pictures/reactions/{}", rest.split('"').next().unwrap()))
        .collect()
}

async fn page(node: &TestNode, url: &str) -> String {
    node.page(url).await.text
}

#[apply(both_databases)]
async fn a_reaction_by_a_custom_emoji_is_shown_as_its_picture(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = cattery("cattery").await;
    let article = node.publish_any().await;
    let (one, two, three) = (
        peer.actor("one").await,
        peer.actor("two").await,
        peer.actor("three").await,
    );
    let note = one
        .comment(&node.inbox(), &article.id, "<p>A comment.</p>")
        .await;
    let comment = note["id"].as_str().unwrap();
    for activity in [
        reaction(
            &one,
            "Like",
            &article.id,
            json!({"content": ":blobcat:", "_misskey_reaction": ":blobcat:", "tag": [cat(&peer)]}),
        ),
        reaction(
            &two,
            "EmojiReact",
            &article.id,
            json!({"content": ":blobcat:", "tag": cat(&peer)}),
        ),
        reaction(
            &three,
            "EmojiReact",
            &article.id,
            json!({"content": ":nothing:"}),
        ),
        reaction(
            &three,
            "EmojiReact",
            comment,
            json!({"content": ":blobcat:", "tag": [cat(&peer)]}),
        ),
    ] {
        let actor = [&one, &two, &three]
            .into_iter()
            .find(|actor| activity["actor"] == actor.id)
            .unwrap();
        actor.deliver(&node.inbox(), &activity).await;
    }
    let shown = page(&node, &article.url).await;
    let pictures = reactions_on(&shown);
    assert_eq!(
        pictures.len(),
        2,
        "of the article and of the comment: {shown}"
    );
    assert!(
        shown.contains("alt=\":blobcat:\" title=\":blobcat:\" loading=\"lazy\"></bdi> 2</li>"),
        "{shown}"
    );
    assert!(
        !shown.contains(":nothing:"),
        "without its picture, a name is any text: {shown}"
    );
    for address in &pictures {
        assert_eq!(node.get_bytes(address).await.0, 200, "{address}");
    }
    assert_eq!(peer.get_count("/cat.png"), 1, "one copy serves all");
    let who = page(&node, &format!("{}/reactions", article.url)).await;
    assert!(
        who.contains("reacted with <img class=\"emoji\"") && !who.contains(":nothing:"),
        "{who}"
    );
    assert_eq!(node.get_bytes("/pictures/reactions/99999").await.0, 404);
    // The picture of a reaction is hidden with its comment.
    node.admin(&["comments", "hide", "1"]).await;
    let served = [
        node.get_bytes(&pictures[0]).await.0,
        node.get_bytes(&pictures[1]).await.0,
    ];
    assert_eq!(
        served.iter().filter(|status| **status == 404).count(),
        1,
        "{served:?}"
    );
    // An `Undo` by its content ends it.
    let mut undone = reaction(
        &two,
        "EmojiReact",
        &article.id,
        json!({"content": ":blobcat:", "tag": [cat(&peer)]}),
    );
    undone.as_object_mut().unwrap().remove("id");
    two.deliver(&node.inbox(), &two.activity("Undo", undone))
        .await;
    let shown = page(&node, &article.url).await;
    assert!(
        shown.contains("alt=\":blobcat:\" title=\":blobcat:\" loading=\"lazy\"></bdi> 1</li>"),
        "{shown}"
    );
}

#[apply(both_databases)]
async fn an_emoji_in_a_content_warning_or_a_poll_is_shown_as_its_picture(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = cattery("cattery").await;
    let article = node.publish_any().await;
    let actor = peer.actor("reader").await;
    let mut note = actor.note(&article.id, "<p>Behind it.</p>");
    (note["summary"], note["sensitive"], note["tag"]) = (
        json!("About <b> :blobcat: & co"),
        json!(true),
        json!([cat(&peer)]),
    );
    let mut poll = actor.note(&article.id, "<p>Which?</p>");
    (poll["type"], poll["tag"]) = (json!("Question"), json!([cat(&peer)]));
    poll["oneOf"] = json!([{"type": "Note", "name": "Cats :blobcat:"}, {"type": "Note", "name": "<i>Dogs</i>"}]);
    for object in [&note, &poll] {
        actor
            .deliver(&node.inbox(), &actor.activity("Create", object.clone()))
            .await;
    }
    let shown = page(&node, &article.url).await;
    let warning = shown
        .split("Content warning: <bdi>")
        .nth(1)
        .unwrap()
        .split("</bdi>")
        .next()
        .unwrap();
    assert!(
        warning.contains("<img class=\"emoji\" src=\"/pictures/emoji/1/0")
            && warning.ends_with(" &amp; co"),
        "{warning}"
    );
    assert!(
        shown.contains("<bdi>Cats <img class=\"emoji\"") && !shown.contains("<i>Dogs"),
        "{shown}"
    );
    let address = warning
        .split("src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(node.get_bytes(address).await.0, 200);
    let answering = page(&node, &format!("{}/reply/1", article.url)).await;
    assert!(
        answering.contains("Content warning: <bdi>About")
            && answering.contains("<img class=\"emoji\""),
        "{answering}"
    );
}

#[apply(both_databases)]
async fn the_rules_about_pictures_hold_for_emoji(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, other) = (cattery("cattery").await, cattery("other").await);
    let article = node.publish_any().await;
    let (one, two, three) = (
        peer.actor("one").await,
        other.actor("two").await,
        other.actor("three").await,
    );
    let react = |actor: &Actor, peer: &Peer| {
        reaction(
            actor,
            "EmojiReact",
            &article.id,
            json!({"content": ":blobcat:", "tag": [cat(peer)]}),
        )
    };
    one.deliver(&node.inbox(), &react(&one, &peer)).await;
    two.deliver(&node.inbox(), &react(&two, &other)).await;
    let before = reactions_on(&page(&node, &article.url).await);
    assert_eq!(before.len(), 2, "two servers' pictures of one name are two");
    // Host and actor rules apply to stored and to new emoji.
    node.admin(&["block", "add", "cattery.localhost", "--no-media"])
        .await;
    node.admin(&["block", "add", &two.id, "--no-media"]).await;
    let shown = page(&node, &article.url).await;
    assert!(
        reactions_on(&shown).is_empty() && shown.contains("<bdi>:blobcat:</bdi> 2"),
        "{shown}"
    );
    for address in &before {
        assert_eq!(node.get_bytes(address).await.0, 404, "{address}");
    }
    let late = peer.actor("late").await;
    late.deliver(&node.inbox(), &react(&late, &peer)).await;
    three.deliver(&node.inbox(), &react(&three, &other)).await;
    let shown = page(&node, &article.url).await;
    assert_eq!(
        reactions_on(&shown).len(),
        1,
        "another actor of that host: {shown}"
    );
    assert!(shown.contains("<bdi>:blobcat:</bdi> 3"), "{shown}");
    node.admin(&["block", "add", "other.localhost"]).await;
    eventually("nothing is shown of a blocked host", || async {
        reactions_on(&page(&node, &article.url).await)
            .is_empty()
            .then_some(())
    })
    .await;
}

//! The conversation on an article's page: what hangs on comments, who reacted, how fresh it is.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, peer::Canned};
use image::{DynamicImage, ImageFormat};
use rstest_reuse::apply;
use serde_json::json;
use std::{
    io::Cursor,
    time::{Duration, Instant},
};

/// Returns a red picture of this size.
fn picture(width: u32, height: u32) -> Canned {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 20, 20]));
    DynamicImage::from(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    Canned {
        headers: vec![("content-type".into(), "image/png".into())],
        body: bytes.into_inner(),
        ..Canned::status(200)
    }
}

/// Returns the addresses of pictures on a page.
fn pictures_on(page: &str) -> Vec<String> {
    let mut found: Vec<String> = page
        .split("src=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .filter(|address| !address.starts_with("/static/"))
        .collect();
    found.dedup();
    found
}

#[apply(both_databases)]
async fn pictures_emoji_polls_and_quotes_are_shown_from_here(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("gallery").await;
    let article = node.publish_any().await;
    let actor = peer.actor("painter").await;
    for (path, width, height) in [
        ("/face.png", 300, 300),
        ("/cat.png", 128, 128),
        ("/one.png", 2000, 1000),
    ] {
        peer.serve(path, picture(width, height));
    }
    peer.serve(
        "/page.html",
        Canned {
            headers: vec![("content-type".into(), "text/html".into())],
            ..Canned::status(200)
        },
    );
    let cat = json!({"type": "Emoji", "name": ":cat:", "icon": {"type": "Image", "url": peer.url("/cat.png")}});
    actor.serve_with(json!({"name": "Painter :cat:", "icon": {"type": "Image", "url": peer.url("/face.png")}, "tag": [cat]}));
    let mut note = actor.note(&article.id, "<p>Look :cat: here.</p>");
    note["tag"] = json!([cat]);
    note["attachment"] = json!([
        {"type": "Document", "mediaType": "image/png", "url": peer.url("/one.png"), "name": "A red \"square\" <b>"},
        {"type": "Document", "mediaType": "image/png", "url": peer.url("/page.html"), "name": "No picture at all"},
        {"type": "Document", "mediaType": "video/mp4", "url": peer.url("/film.mp4"), "name": "A film"}
    ]);
    note["quoteUrl"] = json!(peer.url("/notes/quoted"));
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
        .await;
    let mut poll = actor.note(&article.id, "<p>Which?</p>");
    poll["type"] = json!("Question");
    poll["oneOf"] = json!([{"type": "Note", "name": "This <i>one</i>", "replies": {"type": "Collection", "totalItems": 3}}, {"type": "Note", "name": "That"}]);
    poll["sensitive"] = json!(true);
    poll["attachment"] = json!([{"type": "Image", "url": peer.url("/one.png")}]);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", poll.clone()))
        .await;
    let page = node.page(&article.url).await.text;
    let pictures = pictures_on(&page);
    assert!(
        pictures
            .iter()
            .all(|address| address.starts_with("/pictures/")),
        "nothing is loaded from elsewhere: {pictures:?}"
    );
    assert!(
        page.contains("alt=\"A red &#34;square&#34; &#60;b&#62;\""),
        "{page}"
    );
    assert!(page.contains("alt=\":cat:\"") && !page.contains("Look :cat: here"));
    assert!(page.contains(&format!(
        "href=\"{}\" rel=\"nofollow ugc noopener\"><bdi>A film</bdi>",
        peer.url("/film.mp4")
    )));
    assert!(page.contains(&format!("Quotes <a href=\"{}\"", peer.url("/notes/quoted"))));
    assert!(
        page.contains("<bdi>This &lt;i&gt;one&lt;/i&gt;</bdi> <span class=\"votes\">3 votes")
            && page.contains("Sensitive pictures")
    );
    // Its server sends votes as an Update, which is no edit.
    poll["oneOf"][0]["replies"]["totalItems"] = json!(5);
    actor
        .deliver(&node.inbox(), &actor.activity("Update", poll))
        .await;
    let voted = node.page(&article.url).await.text;
    assert!(
        voted.contains("<span class=\"votes\">5 votes") && !voted.contains("<span>edited"),
        "{voted}"
    );
    let before = peer.get_count("/one.png");
    assert_eq!(before, 0, "a picture is fetched when a reader wants it");
    let mut kinds = Vec::new();
    for address in &pictures {
        let answer = node.get_bytes(address).await;
        kinds.push((
            address.split('/').nth(2).unwrap().to_owned(),
            answer.0,
            answer.1.len() < 40_000,
        ));
    }
    let found = |of: &str, status: u16| {
        kinds.iter().any(|(kind, answer, small)| {
            kind == of && *answer == status && (*small || status != 200)
        })
    };
    for (of, status) in [
        ("avatars", 200),
        ("names", 200),
        ("emoji", 200),
        ("comments", 200),
        ("comments", 404),
    ] {
        assert!(found(of, status), "{of} {status}: {kinds:?}");
    }
    for address in &pictures {
        node.get_bytes(address).await;
    }
    assert_eq!(peer.get_count("/one.png"), 1, "one copy serves all");
    assert_eq!(
        peer.get_count("/page.html"),
        1,
        "what is no picture is not asked for again and again"
    );
    for nothing in [
        "/pictures/avatars/99999",
        "/pictures/comments/1/77",
        "/pictures/emoji/99/0",
        "/pictures/names/1/9",
        "/pictures/comments/x/0",
    ] {
        assert!(
            [400, 404].contains(&node.page(nothing).await.status),
            "{nothing}"
        );
    }
    // Hiding a comment hides its pictures.
    let of_comment = pictures
        .iter()
        .find(|address| address.starts_with("/pictures/comments/1/0"))
        .unwrap();
    node.admin(&["comments", "hide", "1"]).await;
    assert_eq!(node.get_bytes(of_comment).await.0, 404);
    node.admin(&["comments", "approve", "1"]).await;
    // No media are shown of a host with `--no-media`.
    node.admin(&["block", "add", "gallery.localhost", "--no-media"])
        .await;
    note["id"] = json!(actor.new_id("notes"));
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note))
        .await;
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("3 comments") && pictures_on(&page).is_empty(),
        "{:?}",
        pictures_on(&page)
    );
}

#[apply(both_databases)]
async fn who_reacted_is_told_on_a_page(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("fans").await;
    let article = node.publish_any().await;
    let (first, second) = (peer.actor("first").await, peer.actor("second").await);
    let note = first
        .comment(&node.inbox(), &article.id, "<p>Good.</p>")
        .await;
    let comment = note["id"].clone();
    for (actor, kind, object, content) in [
        (&first, "Like", json!(article.id), None),
        (&second, "Like", json!(article.id), Some("🎉")),
        (&second, "Announce", json!(article.id), None),
        (&second, "Like", comment.clone(), None),
        (&second, "Dislike", comment.clone(), None),
    ] {
        let mut activity = actor.activity(kind, object);
        if let Some(emoji) = content {
            activity["type"] = json!("EmojiReact");
            activity["content"] = json!(emoji);
        }
        actor.deliver(&node.inbox(), &activity).await;
    }
    let page = node.page(&article.url).await.text;
    for part in [
        "<li>1 like</li>",
        "<li>1 boost</li>",
        "<li><bdi>🎉</bdi> 1</li>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let of_article = node.page(&format!("{}/reactions", article.url)).await;
    let names = |text: &str| ["@first@", "@second@"].map(|name| text.matches(name).count());
    assert_eq!(names(&of_article.text), [1, 2], "{}", of_article.text);
    for part in ["likes this", "boosted this", "reacted with 🎉", "noindex"] {
        assert!(of_article.text.contains(part), "{part}");
    }
    assert_eq!(
        of_article.header("content-security-policy"),
        node.page("/").await.header("content-security-policy")
    );
    let of_comment = node
        .page(&format!("{}/comments/1/reactions", article.url))
        .await
        .text;
    assert_eq!(names(&of_comment), [0, 1]);
    assert!(
        !of_comment.contains("dislike"),
        "dislikes are nobody's business"
    );
    for nothing in [
        "/comments/7/reactions",
        "/comments/x/reactions",
        "/reactions/x",
    ] {
        assert!(
            [400, 404].contains(&node.page(&format!("{}{nothing}", article.url)).await.status),
            "{nothing}"
        );
    }
    node.admin(&["comments", "hide", "1"]).await;
    assert_eq!(
        node.page(&format!("{}/comments/1/reactions", article.url))
            .await
            .status,
        404
    );
}

#[apply(both_databases)]
async fn what_is_not_for_readers_keeps_its_place_where_answers_stand_below(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let author = Peer::start("thread").await.actor("author").await;
    let article = node.publish_any().await;
    let first = author
        .comment(&node.inbox(), &article.id, "<p>To be hidden.</p>")
        .await;
    author
        .comment(
            &node.inbox(),
            first["id"].as_str().unwrap(),
            "<p>An answer.</p>",
        )
        .await;
    author
        .comment(&node.inbox(), &article.id, "<p>Alone.</p>")
        .await;
    node.admin(&["comments", "hide", "1"]).await;
    node.admin(&["comments", "hide", "3"]).await;
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("This comment is not shown")
            && page.contains("An answer.")
            && page.contains("1 comment<")
    );
    assert!(
        !page.contains("To be hidden") && !page.contains("Alone.") && !page.contains("comment-3")
    );
}

#[apply(both_databases)]
async fn a_page_is_right_within_a_second_and_made_once_meanwhile(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let author = Peer::start("fresh").await.actor("author").await;
    let article = node.publish_any().await;
    let before = node.cached_page(&article.url).await;
    author
        .comment(&node.inbox(), &article.id, "<p>Just in.</p>")
        .await;
    let sent = Instant::now();
    let after = eventually("the comment is on the page", || async {
        Some(node.cached_page(&article.url).await).filter(|page| page.text.contains("Just in."))
    })
    .await;
    assert!(
        sent.elapsed() < Duration::from_secs(15),
        "{:?}",
        sent.elapsed()
    );
    assert_ne!(before.header("etag"), after.header("etag"));
    let known = node
        .get_with(
            &article.url,
            &[
                ("accept", "text/html"),
                ("if-none-match", after.header("etag")),
            ],
        )
        .await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    // Each asker gets the form that they read, from memory too.
    for _ in 0..2 {
        assert_eq!(node.document(&article.url).await.json()["id"], article.id);
        assert!(
            node.cached_page(&article.url)
                .await
                .text
                .contains("Just in.")
        );
    }
}

#[apply(both_databases)]
async fn a_long_conversation_is_paged_from_both_ends(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)";
    node.sql(&format!(
        "{numbers} INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at, received_at)
             SELECT a.id, i, 'https://x.example/' || i, 'X', '@x@x.example', '<p>Text ' || i || '.</p>', 'visible', 1, 1 FROM n, articles a"
    )).await;
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("250 comments") && page.contains("Text 100.") && !page.contains("Text 101.")
    );
    let newest = page
        .split("<p class=\"newest\"><a href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let last = node.page(newest.split('#').next().unwrap()).await.text;
    assert!(
        last.contains("Text 250.") && last.contains("Text 151.") && !last.contains("Text 150.")
    );
    assert!(
        last.contains("Older comments")
            && !last.contains("Newer comments")
            && !last.contains("class=\"newest\"")
    );
    let exact = node.page(&format!("{}?after=150", article.url)).await.text;
    assert!(
        exact.contains("Text 250.") && !exact.contains("Newer comments"),
        "a full last page has none after it"
    );
    for nonsense in ["?after=x", "?after=99999999999999999999"] {
        assert_eq!(
            node.page(&format!("{}{nonsense}", article.url))
                .await
                .status,
            400
        );
    }
}

//! Comments as a stranger reads them: without the names of those who are answered, with one way to all ways to reply, and
//! with a badge for the publication's own.

use crate::support::{Database, Guest, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use url::form_urlencoded::byte_serialize;

#[apply(both_databases)]
async fn leading_mentions_of_those_who_are_answered_are_not_shown(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("home").await;
    let (ann, bob) = (peer.actor("ann").await, peer.actor("bob").await);
    let article = node.publish_any().await;
    let link = |url: &str, name: &str| {
        format!(
            "<span class=\"h-card\"><a href=\"{url}\" class=\"u-url mention\">@<span>{name}</span></a></span>"
        )
    };
    let to_blog = link(&node.blog(), "blog");
    let to_ann = link(&peer.url("/@ann"), "ann");
    let to_bob = link(&peer.url("/@bob"), "bob");
    let domain = node.origin.trim_start_matches("http://");
    let first = ann
        .comment(
            &node.inbox(),
            &article.id,
            &format!("<p>{to_blog} First</p>"),
        )
        .await;
    let id = first["id"].as_str().unwrap();
    for (text, shown) in [
        (
            format!("<p>{to_blog} {to_ann} Second</p>"),
            ">Second</p>".to_owned(),
        ),
        (
            format!("<p>{}<br>Third</p>", link(&node.url("/"), "blog@here")),
            ">Third</p>".to_owned(),
        ),
        (
            format!("<p>@blog@{domain} {} Fourth</p>", ann.handle()),
            ">Fourth</p>".to_owned(),
        ),
        (
            format!("<p>{}</p><p>Fifth</p>", link(&ann.id, "ann")),
            ">Fifth</p>".to_owned(),
        ),
        (
            format!("<p>{to_bob} Sixth</p>"),
            "</span> Sixth</p>".to_owned(),
        ),
        (
            format!("<p>{to_blog}, seventh</p>"),
            "</span>, seventh</p>".to_owned(),
        ),
        (
            format!("<p>Eighth {to_blog}</p>"),
            ">Eighth <span".to_owned(),
        ),
        (
            format!("<p>{to_ann}</p>"),
            "ann</span></a></span></p>".to_owned(),
        ),
    ] {
        bob.comment(&node.inbox(), id, &text).await;
        let page = node.page(&article.url).await.text;
        assert!(page.contains(&shown), "{text}: {page}");
    }
    let page = node.page(&article.url).await.text;
    assert!(page.contains("<p>First</p>"), "{page}");
    let stored = node
        .texts("SELECT content FROM comments ORDER BY id LIMIT 1")
        .await;
    assert!(
        stored[0].contains(">blog<"),
        "the text is stored as it came: {stored:?}"
    );
    let quoted = node.page(&format!("{}/reply/2", article.url)).await.text;
    assert!(quoted.contains("<p>Second</p>"), "{quoted}");
}

#[apply(both_databases)]
async fn each_comment_has_one_link_to_all_ways_to_reply(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nguests = \"open\"\n").await;
    let peer = Peer::start("home").await;
    let article = node.publish_any().await;
    let note = peer
        .actor("ann")
        .await
        .comment(&node.inbox(), &article.id, "<p>Why?</p>")
        .await;
    let guest = Guest::at(&node, "192.0.2.1");
    guest
        .write(&article, &[("name", "Guest"), ("text", "Because.")])
        .await;
    let page = node.page(&article.url).await.text;
    let path = article.url.strip_prefix(&node.origin).unwrap();
    for number in [1, 2] {
        let link = format!("href=\"{path}/reply/{number}\"");
        assert_eq!(page.matches(&link).count(), 1, "{link} in {page}");
    }
    let guests_note = node
        .texts("SELECT uri FROM comments WHERE number = 2")
        .await;
    let ids = [
        (0, article.id.as_str(), article.url.as_str()),
        (
            1,
            note["id"].as_str().unwrap(),
            note["url"].as_str().or(note["id"].as_str()).unwrap(),
        ),
        (2, &guests_note[0], &guests_note[0]),
    ];
    for (number, id, address) in ids {
        let ways = node.page(&format!("{path}/reply/{number}")).await;
        assert_eq!(ways.status, 200);
        let encoded: String = byte_serialize(id.as_bytes()).collect();
        for part in [
            "part of the fediverse",
            &format!("href=\"/interact?uri={encoded}\""),
            &format!("value=\"{address}\""),
            "name=\"token\"",
            &format!("name=\"parent\" value=\"{number}\""),
        ] {
            assert!(ways.text.contains(part), "{part} in {}", ways.text);
        }
    }
    assert!(page.contains("part of the fediverse"), "{page}");
}

#[apply(both_databases)]
async fn the_publications_own_comments_have_a_badge(#[case] database: Database) {
    let peer = Peer::start("home").await;
    let page = peer.url("/@editor");
    let config =
        "[site]\nicon = \"https://pictures.example/icon.png\"\n[comments]\nguests = \"open\"\n";
    let node = TestNode::start_with(database, config).await;
    let link = format!("Elsewhere={page}");
    node.admin(&["author", "add", "ana", "--name", "Ana", "--link", &link])
        .await;
    let article = node
        .publish("---\ntitle: On trains\nauthor: ana\n---\nA text.\n")
        .await;
    let impostor = peer.actor("blog").await;
    impostor
        .comment(&node.inbox(), &article.id, "<p>I am the author.</p>")
        .await;
    let guest = Guest::at(&node, "192.0.2.1");
    guest
        .write(
            &article,
            &[("name", "Editor"), ("site", &page), ("text", "So am I.")],
        )
        .await;
    let badges = |page: &str| page.matches("class=\"badge\"").count();
    assert_eq!(badges(&node.page(&article.url).await.text), 0);
    peer.actor("editor")
        .await
        .comment(&node.inbox(), &article.id, "<p>I am, elsewhere.</p>")
        .await;
    node.admin(&["comments", "reply", "1", "No, *I* am."]).await;
    let page = eventually("the reply is on the page", || async {
        let page = node.page(&article.url).await.text;
        page.contains("<em>I</em> am").then_some(page)
    })
    .await;
    assert_eq!(badges(&page), 2, "{page}");
    for number in [3, 4] {
        let own = &page[page.find(&format!("id=\"comment-{number}\"")).unwrap()..];
        let header = &own[..own.find("</header>").unwrap()];
        assert!(header.contains("class=\"badge\">Author<"), "{header}");
        let icon = header.contains("src=\"https://pictures.example/icon.png\"");
        assert_eq!(icon, number == 4, "{header}");
    }
}

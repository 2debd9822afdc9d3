//! What programs do to the form: tokens, fields and rates that no reader has.

use super::states;
use crate::support::{Database, Guest, TestNode, both_databases, eventually, node::Article};
use rstest_reuse::apply;

const LIMITED: &str = "[comments]\nguests = \"open\"\nper_address = 3\nper_article = 9\n";

const NAME: (&str, &str) = ("name", "Reader");

#[apply(both_databases)]
async fn a_form_is_taken_in_its_time_for_its_article_and_from_our_page(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let before = node.rows().await;
    for (token, problem) in [
        (guest.token(&article, 0), "very fast"),
        (guest.token(&article, 24 * 3600 + 1), "open for too long"),
        (
            guest.token(&article, 60).replace('.', ".x"),
            "open for too long",
        ),
        (String::new(), "open for too long"),
    ] {
        let response = guest
            .send(
                &article,
                &[("token", &token), NAME, ("text", "Hi"), ("do", "post")],
                &[],
            )
            .await;
        assert_eq!(response.status, 422, "{token}");
        assert!(
            response.text.contains(problem) && response.text.contains(">\nHi</textarea>"),
            "{problem}: {}",
            response.text
        );
    }
    let token = guest.token(&article, 60);
    let fields = [
        ("token", token.as_str()),
        NAME,
        ("text", "Hi"),
        ("do", "post"),
    ];
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(
            guest.send(&article, &fields, &[header]).await.status,
            403,
            "{header:?}"
        );
    }
    assert_eq!(node.rows().await, before, "nothing of all that is kept");
}

#[apply(both_databases)]
async fn a_body_that_is_no_form_is_refused(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let before = node.rows().await;
    let large = "x".repeat(70_000);
    for (body, kind, status) in [
        (large.as_bytes(), "application/x-www-form-urlencoded", 413),
        (&b"{}"[..], "application/json", 400),
        (
            &b"text=%00%FF&name=%ED%A0%80&do=post&&=&%"[..],
            "application/x-www-form-urlencoded",
            422,
        ),
    ] {
        let path = article.id.strip_prefix(&node.origin).unwrap().to_owned() + "/comments";
        let headers = [("content-type", kind), ("x-forwarded-for", "192.0.2.9")];
        assert_eq!(
            guest.raw(&path, &headers, body.to_vec()).await.status,
            status,
            "{kind}"
        );
    }
    assert_eq!(node.rows().await, before, "nothing of all that is kept");
}

#[apply(both_databases)]
async fn a_comment_is_held_for_a_filled_trap_links_or_the_name_of_the_site(
    #[case] database: Database,
) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    let bot = Guest::at(&node, "192.0.2.2");
    let links = "https://a.example/ https://b.example/ https://c.example/";
    for fields in [
        &[("subject", "x"), NAME, ("text", "Buy")][..],
        &[NAME, ("text", links)],
        &[("name", "PAMPHLET"), ("text", "I am the site.")],
    ] {
        let response = bot.write(&article, fields).await;
        let location = response.header("location");
        assert!(location.starts_with("/comments/waiting"), "{fields:?}");
    }
    let list = states(&node).await;
    assert!(
        list[0].starts_with("spam: ") && list[0].contains("people don't see"),
        "{list:?}"
    );
    assert_eq!(
        list[1..],
        [
            "held: it has 3 links",
            "held: its author uses the name of the site or of one of its authors",
        ]
    );
}

#[apply(both_databases)]
async fn hostile_text_stays_text(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let hostile = [
        ("name", "\u{202E}Eve<script>alert(1)</script>\r\nX: y"),
        (
            "text",
            "[x](javascript:alert(3))\u{202E}\n\n<script>alert(2)</script> <iframe>",
        ),
    ];
    assert!(
        guest
            .write(&article, &hostile)
            .await
            .header("location")
            .ends_with("#comment-1")
    );
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Eve&lt;script&gt;alert(1)&lt;/script&gt; X: y</bdi>"),
        "{page}"
    );
    assert!(
        page.contains("&lt;script&gt;alert(2)")
            && !page.contains("<iframe")
            && !page.contains("javascript:")
            && !page.contains('\u{202E}'),
        "{page}"
    );
}

/// Posts a comment from an address. Returns the status.
async fn post_from(node: &TestNode, article: &Article, address: &str, text: &str) -> u16 {
    let guest = Guest::at(node, address);
    guest.write(article, &[NAME, ("text", text)]).await.status
}

#[apply(both_databases)]
async fn an_address_posts_three_comments_an_hour(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    for text in ["One", "Two", "Three"] {
        let status = post_from(&node, &article, "192.0.2.2", text).await;
        assert_eq!(status, 303, "{text}");
    }
    let bot = Guest::at(&node, "192.0.2.2");
    let fourth = bot.write(&article, &[NAME, ("text", "Once more")]).await;
    assert_eq!(fourth.status, 429);
    assert!(
        fourth.text.contains(">\nOnce more</textarea>"),
        "{}",
        fourth.text
    );
    for forged in [
        "203.0.113.77, 192.0.2.2",
        "192.0.2.2, 127.0.0.1",
        "x, 192.0.2.2",
    ] {
        let token = bot.token(&article, 60);
        let fields = [
            ("token", token.as_str()),
            NAME,
            ("text", forged),
            ("do", "post"),
        ];
        assert_eq!(
            bot.send(&article, &fields, &[("x-forwarded-for", forged)])
                .await
                .status,
            429,
            "{forged}"
        );
    }
}

#[apply(both_databases)]
async fn an_article_takes_nine_comments_an_hour(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    for number in 1..=10 {
        let address = format!("2001:db8:0:{number}::1");
        let status = post_from(&node, &article, &address, &address).await;
        assert_eq!(status, if number <= 9 { 303 } else { 429 }, "{number}");
    }
}

#[apply(both_databases)]
async fn a_flood_of_forms_is_refused_before_it_is_read(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let article = node.publish_any().await;
    eventually("the outbox has published the article", || async {
        (node.number("SELECT COUNT(*) FROM changes").await == Some(0)).then_some(())
    })
    .await;
    let flood = Guest::at(&node, "192.0.2.3");
    let token = flood.token(&article, 60);
    let fields = [
        ("token", token.as_str()),
        NAME,
        ("text", "Hi"),
        ("do", "post"),
    ];
    let rows = node.rows().await;
    let mut refused = 0;
    for _ in 0..60 {
        let response = flood.post("/articles/x/comments", &fields, &[]).await;
        refused += i32::from(response.status == 429);
    }
    assert_eq!((refused, node.rows().await == rows), (30, true));
}

#[apply(both_databases)]
async fn an_article_without_guests_has_no_form(#[case] database: Database) {
    let node = TestNode::start_with(database, LIMITED).await;
    let guest = Guest::at(&node, "192.0.2.1");
    let closed = node
        .publish("---\ntitle: Closed\ncomments: closed\n---\nA text.\n")
        .await;
    let followed = node
        .publish("---\ntitle: Followed\ncomments: followers\n---\nA text.\n")
        .await;
    for (article, status) in [(&closed, 403), (&followed, 200)] {
        assert!(
            !node
                .page(&article.url)
                .await
                .text
                .contains("name=\"token\"")
        );
        // Followers reply from their own servers.
        let ways = node.page(&format!("{}/reply/0", article.url)).await;
        assert_eq!(ways.status, status);
        assert!(!ways.text.contains("name=\"token\""), "{}", ways.text);
        assert_eq!(
            guest.write(article, &[NAME, ("text", "Hi")]).await.status,
            403
        );
    }
}

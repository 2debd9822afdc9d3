//! The form: shown, previewed, filled in wrongly, and posted.

use super::{MAIL, public, states};
use crate::support::{Database, Guest, TestNode, both_databases, node::Article};
use rstest_reuse::apply;

const NAME: &str = "Première Lectrice";

/// The fields that a guest fills in, without the token.
const FILLED: [(&str, &str); 4] = [
    ("name", NAME),
    ("mail", MAIL),
    ("site", "lectrice.example"),
    (
        "text",
        "Why *slowly*?\n\n# Loud\n\n![x](https://pictures.example/x.png) <b>bold</b>",
    ),
];

/// Posts the first comment of a guest, and approves it.
async fn post_and_approve(node: &TestNode, guest: &Guest<'_>, article: &Article) {
    assert_eq!(guest.write(article, &FILLED).await.status, 303);
    node.admin(&["comments", "approve", "1"]).await;
}

#[apply(both_databases)]
async fn a_preview_shows_the_comment_and_keeps_the_fields(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Comment without an account") && page.contains("name=\"token\""),
        "{page}"
    );
    let guest = Guest::at(&node, "192.0.2.1");
    let token = guest.token(&article, 60);
    let mut fields = vec![("token", token.as_str()), ("do", "preview")];
    fields.extend(FILLED);
    let preview = guest.send(&article, &fields, &[]).await;
    assert_eq!(
        (preview.status, preview.header("cache-control")),
        (200, "no-store")
    );
    assert!(
        preview
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    for part in [
        "Preview of your comment",
        "<em>slowly</em>",
        "<strong>Loud</strong>",
        "value=\"Première Lectrice\"",
        "value=\"reader@mail.example\"",
        "Why *slowly*?",
        &token,
    ] {
        assert!(preview.text.contains(part), "{part} in {}", preview.text);
    }
    assert!(
        !preview.text.contains("<b>") && !preview.text.contains("<img"),
        "{}",
        preview.text
    );

    assert_eq!(states(&node).await, Vec::<String>::new());
}

#[apply(both_databases)]
async fn fields_that_are_wrong_are_pointed_out(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let wrong = guest
        .write(
            &article,
            &[
                ("name", " \u{202E} "),
                ("mail", "reader"),
                ("site", "javascript:alert(1)"),
                ("answers", "yes"),
                ("text", "Kept"),
            ],
        )
        .await;
    assert_eq!(wrong.status, 422);
    for part in [
        "href=\"#write-name\"",
        "id=\"write-mail-problem\"",
        "not a website",
        ">\nKept</textarea>",
    ] {
        assert!(wrong.text.contains(part), "{part} in {}", wrong.text);
    }
    assert!(states(&node).await.is_empty() && guest.cookie.lock().unwrap().is_none());
}

#[apply(both_databases)]
async fn a_comment_that_is_posted_twice_is_stored_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let token = guest.token(&article, 60);
    let mut fields = vec![("token", token.as_str()), ("do", "post")];
    fields.extend(FILLED);
    let thanks = guest.send(&article, &fields, &[]).await;
    assert_eq!(thanks.status, 303);
    let cookie = thanks.header("set-cookie");
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict") && cookie.contains("Path=/"),
        "{cookie}"
    );
    let waiting = node.page(thanks.header("location")).await;
    assert!(
        waiting.text.contains("awaits approval") && waiting.header("cache-control") == "no-store"
    );
    let again = guest.send(&article, &fields, &[]).await;
    assert_eq!(again.header("location"), thanks.header("location"));
    let from_a_new_form = guest.write(&article, &FILLED).await;
    assert_eq!(from_a_new_form.status, 303);
    assert_eq!(
        states(&node).await,
        ["held: the first comment of this guest"]
    );
    assert!(!node.page(&article.url).await.text.contains("Première"));
}

#[apply(both_databases)]
async fn an_approved_comment_is_on_the_page(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_and_approve(&node, &guest, &article).await;
    let page = node.page(&article.url).await.text;
    for part in [
        "href=\"https://lectrice.example/\" rel=\"nofollow ugc noopener\"><bdi>Première Lectrice</bdi>",
        ">PL</span>",
        "<em>slowly</em>",
        "rel=\"nofollow ugc noopener\">x</a>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(
        !page.contains("<bdi class=\"handle\">") && !page.contains("<h1>Loud"),
        "{page}"
    );
}

#[apply(both_databases)]
async fn the_form_for_a_reply_quotes_the_comment_and_recognizes_the_browser(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_and_approve(&node, &guest, &article).await;
    let page = node.page(&article.url).await.text;
    let path = format!("{}/reply/1", article.url);
    let cookie = guest.cookie.lock().unwrap().clone().unwrap();
    assert!(
        page.contains(path.strip_prefix(&node.origin).unwrap()),
        "{page}"
    );
    let known = node
        .get_with(&path, &[("accept", "text/html"), ("cookie", &cookie)])
        .await;
    assert_eq!(known.header("cache-control"), "no-store");
    for part in [
        "Reply to a comment",
        "<em>slowly</em>",
        "value=\"Première Lectrice\"",
        "name=\"parent\" value=\"1\"",
    ] {
        assert!(known.text.contains(part), "{part} in {}", known.text);
    }
    assert!(
        !node
            .page(&path)
            .await
            .text
            .contains("value=\"Première Lectrice\"")
    );
    assert_eq!(
        node.page(&format!("{}/reply/9", article.url)).await.status,
        404
    );
}

#[apply(both_databases)]
async fn a_guest_with_an_approved_comment_is_trusted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_and_approve(&node, &guest, &article).await;
    let reply = [("parent", "1"), ("name", NAME), ("text", "To *whom*?")];
    let response = guest.write(&article, &reply).await;
    let location = response.header("location");
    assert!(location.ends_with("#comment-2"), "{location}");
    assert!(node.page(&article.url).await.text.contains("<em>whom</em>"));
    let parent = "SELECT p.number FROM comments c JOIN comments p ON p.id = c.parent_id";
    assert_eq!(node.number(parent).await, Some(1));
    let text = public(&node, &article.url, &article.id).await;
    assert!(text.contains("whom") && !text.contains(MAIL) && !text.contains("192.0.2"));
    let log = node.texts("SELECT about FROM log").await;
    assert!(log.iter().all(|about| about.starts_with("comment ")));
}

#[apply(both_databases)]
async fn a_guest_is_recognized_only_by_a_cookie_that_we_signed(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_and_approve(&node, &guest, &article).await;
    let cookie = guest.cookie.lock().unwrap().clone().unwrap();
    for cookie in [
        None,
        Some(cookie.replace("guest=1", "guest=2")),
        Some("guest=1.MQ.x".to_owned()),
    ] {
        let other = Guest::at(&node, "192.0.2.2");
        let text = format!("It is me: {cookie:?}");
        *other.cookie.lock().unwrap() = cookie;
        let held = other
            .write(&article, &[("name", NAME), ("mail", MAIL), ("text", &text)])
            .await;
        assert!(
            held.header("location").starts_with("/comments/waiting"),
            "{text}"
        );
    }
}

//! The links in mails: by one the admin decides on a comment without a password, by another a guest unsubscribes.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually, http_client, node::Article, smtp,
};
use pamphlet::node::tokens::Purpose;
use reqwest::{Response, StatusCode};
use rstest_reuse::apply;
use serde_json::Value;

async fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let client = http_client()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut request = client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// Presses a button of the page. Returns the text of the next page.
async fn press(node: &TestNode, link: &str, action: &str) -> String {
    // As browsers send it from a page without a referrer.
    let headers = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let response = post(link, &headers, &format!("action={action}")).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{action}");
    let next = response.headers()["location"].to_str().unwrap().to_owned();
    let page = node.page(&next).await;
    assert_eq!(page.status, 200);
    page.text
}

async fn state(node: &TestNode, note: &Value) -> String {
    let query = format!(
        "SELECT state FROM comments WHERE uri = '{}'",
        note["id"].as_str().unwrap()
    );
    node.texts(&query).await.remove(0)
}

/// Sends a comment that is held back. Returns its note, and the link in the mail about it.
async fn held_comment(node: &TestNode, actor: &Actor, on: &str) -> (Value, String) {
    let held = actor
        .comment(
            &node.inbox(),
            on,
            "<p>Let <a href=\"https://b.example/\">me</a> in.</p>",
        )
        .await;
    let mails = smtp::wait_for(node, &node.admin_address(), 1).await;
    (held, smtp::link(&mails[0], &node.url("/moderate/")))
}

fn mailing() -> String {
    format!("{}[notices]\nmail = \"at once\"\n", smtp::table())
}

/// A comment that is held back, and the link to decide on it.
struct Held {
    node: TestNode,
    peer: Peer,
    article: Article,
    note: Value,
    link: String,
}

impl Held {
    async fn start(database: Database) -> Held {
        let node = TestNode::start_with(database, &mailing()).await;
        let peer = Peer::start("loud").await;
        let bob = peer.actor("bob").await;
        let article = node.publish_any().await;
        node.admin(&["block", "add", "loud.localhost", "--comments-held"])
            .await;
        let (note, link) = held_comment(&node, &bob, &article.id).await;
        Held {
            node,
            peer,
            article,
            note,
            link,
        }
    }

    /// Presses a button of the page. Returns the text of the next page.
    async fn press(&self, action: &str) -> String {
        press(&self.node, &self.link, action).await
    }

    async fn state(&self) -> String {
        state(&self.node, &self.note).await
    }
}

#[apply(both_databases)]
async fn the_link_in_a_mail_shows_the_comment_to_its_reader_alone(#[case] database: Database) {
    let held = Held::start(database).await;
    let page = held.node.page(&held.link).await;
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(page.header(name), value);
    }
    for part in [
        "Let <a href=\"https://b.example/\"",
        "held for approval",
        "Approve",
        "Block @bob@",
        "On reading slowly",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(
        !page.text.contains("<textarea"),
        "what is not on the page can't be answered"
    );
}

/// Neither another site nor a program that follows links decides for the admin.
#[apply(both_databases)]
async fn a_request_from_elsewhere_decides_nothing(#[case] database: Database) {
    let held = Held::start(database).await;
    assert_eq!(held.node.page(&held.link).await.status, 200);
    for headers in [
        [("origin", "https://evil.example"), ("x", "y")],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
    ] {
        let response = post(&held.link, &headers, "action=delete").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(held.state().await, "held");
    only_our_own_links_open_it(&held.node, &held.link).await;
}

#[apply(both_databases)]
async fn a_comment_is_approved_hidden_and_marked_as_spam_by_its_link(#[case] database: Database) {
    let held = Held::start(database).await;
    assert!(held.press("approve").await.contains("Undo: hide it"));
    assert_eq!(held.node.replies(&held.article).await.len(), 1);
    assert!(held.press("hide").await.contains("Undo: show it"));
    assert_eq!(held.state().await, "hidden");
    assert!(held.press("spam").await.contains("marked as spam"));
    let page = held.press("delete").await;
    assert!(
        page.contains("was deleted. Only its position remains.")
            && !page.contains("value=\"approve\""),
        "{page}"
    );
    let log = "SELECT action FROM log WHERE who = 'link' ORDER BY id";
    let expected = ["approve", "hide", "spam", "delete"];
    assert_eq!(held.node.texts(log).await, expected);
}

#[apply(both_databases)]
async fn a_comment_gets_a_reply_by_its_link_once_it_is_approved(#[case] database: Database) {
    let held = Held::start(database).await;
    let reply = async |text: &str| {
        let body = format!("action=reply&text={text}");
        post(&held.link, &[], &body).await.status()
    };
    assert_eq!(reply("Hm").await, StatusCode::BAD_REQUEST, "it is held");
    held.press("approve").await;
    assert_eq!(reply("%20").await, StatusCode::BAD_REQUEST, "it is empty");
    let page = held.press("reply&text=Thank+you.").await;
    assert!(page.contains("published"), "{page}");
    let create = held.peer.wait_for("Create").await;
    assert_eq!(create.activity["object"]["inReplyTo"], held.note["id"]);
}

#[apply(both_databases)]
async fn the_author_or_their_server_is_blocked_by_the_link(#[case] database: Database) {
    let held = Held::start(database).await;
    held.press("approve").await;
    assert!(held.press("block-actor").await.contains("Undo: unblock"));
    assert_eq!(held.state().await, "hidden");
    held.press("unblock-actor").await;
    held.press("block-host").await;
    let blocked = "SELECT value FROM blocks WHERE severity = 'block'";
    assert_eq!(held.node.texts(blocked).await, ["loud.localhost"]);
    held.press("unblock-host").await;
    assert_eq!(held.state().await, "visible");
    let log = "SELECT action FROM log WHERE who = 'link' ORDER BY id";
    let expected = ["approve", "block", "unblock", "block", "unblock"];
    assert_eq!(held.node.texts(log).await, expected);
}

#[apply(both_databases)]
async fn a_guest_hears_of_answers_once_and_until_they_want_no_more(#[case] database: Database) {
    let node = TestNode::start_with(database, &mailing()).await;
    let peer = Peer::start("peer").await;
    let ann = peer.actor("ann").await;
    let article = node.publish_any().await;
    let (guest, other) = (smtp::new_address("guest"), smtp::new_address("unconfirmed"));
    node.sql(&format!(
        "INSERT INTO guests (id, name, mail, confirmed_at, created_at) VALUES (7, 'Gast', '{guest}', 1, 1), (8, 'No', '{other}', NULL, 1);
             INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at, received_at,
                guest_id, wants_answers)
             SELECT MAX(id), 1001, 'https://g.example/7', 'Gast', '', '<p>First.</p>', 'visible', 1, 1, 7, TRUE FROM articles
             UNION ALL SELECT MAX(id), 1002, 'https://g.example/8', 'No', '', '<p>Second.</p>', 'visible', 1, 1, 8, TRUE FROM articles"
    ))
    .await;
    ann.comment(
        &node.inbox(),
        "https://g.example/8",
        "<p>To one who never confirmed.</p>",
    )
    .await;
    let answer = ann
        .comment(
            &node.inbox(),
            "https://g.example/7",
            "<p>Sch\u{f6}n gesagt.</p>",
        )
        .await;
    ann.comment(
        &node.inbox(),
        answer["id"].as_str().unwrap(),
        "<p>Not to the guest.</p>",
    )
    .await;
    let mail = &smtp::wait_for(&node, &guest, 1).await[0];
    assert!(smtp::text(mail).contains("> Sch\u{f6}n gesagt."), "{mail}");
    assert!(
        smtp::text(mail).contains(&article.url)
            && smtp::header(mail, "subject").contains("replied to you"),
        "{mail}"
    );
    let unsubscribe = smtp::header(mail, "list-unsubscribe")
        .trim_matches(['<', '>'])
        .to_owned();
    assert_eq!(smtp::link(mail, &node.url("/unsubscribe/")), unsubscribe);
    // The guest is notified of a held reply when it is approved.
    node.admin(&["block", "add", "peer.localhost", "--comments-held"])
        .await;
    let held = ann
        .comment(&node.inbox(), "https://g.example/7", "<p>Once more.</p>")
        .await;
    let id = node
        .number(&format!(
            "SELECT id FROM comments WHERE uri = '{}'",
            held["id"].as_str().unwrap()
        ))
        .await;
    let id = id.unwrap().to_string();
    assert_eq!(smtp::mails_to(&guest).len(), 1);
    for command in ["approve", "hide", "approve"] {
        node.admin(&["comments", command, &id]).await;
    }
    assert!(smtp::text(&smtp::wait_for(&node, &guest, 2).await[1]).contains("Once more."));
    // Mail scanners follow links: only a button or a one-click POST unsubscribes.
    let page = node.page(&unsubscribe).await;
    assert!(
        page.status == 200
            && page.text.contains("<button")
            && page.header("cache-control") == "no-store"
    );
    let wanted = "SELECT COUNT(*) FROM guests WHERE unsubscribed";
    assert_eq!(node.number(wanted).await, Some(0));
    let clicked = post(&unsubscribe, &[], "List-Unsubscribe=One-Click").await;
    assert_eq!(clicked.status(), StatusCode::OK);
    assert_eq!(node.number(wanted).await, Some(1));
    node.admin(&["block", "remove", "peer.localhost"]).await;
    ann.comment(&node.inbox(), "https://g.example/7", "<p>Unheard.</p>")
        .await;
    let untold = "SELECT COUNT(*) FROM comments WHERE guest_untold";
    node.node.store.wake();
    eventually("all is told", || async {
        (node.number(untold).await == Some(0)).then_some(())
    })
    .await;
    assert_eq!(
        (smtp::mails_to(&guest).len(), smtp::mails_to(&other).len()),
        (2, 0)
    );
}

/// Checks that forged, truncated, expired and other links are refused.
async fn only_our_own_links_open_it(node: &TestNode, link: &str) {
    let tokens = &node.node.tokens;
    let expired = tokens.sign(Purpose::Moderate, "1", 1);
    let other = tokens.sign(Purpose::Unsubscribe, "1", i64::MAX);
    let absent = tokens.sign(Purpose::Moderate, "999", i64::MAX);
    let token = link.rsplit('/').next().unwrap();
    let later = format!("9{token}");
    for (token, status) in [
        (expired.as_str(), 410),
        (&other, 403),
        (&absent, 410),
        (&token[..token.len() - 2], 403),
        (&later, 403),
        ("x", 403),
    ] {
        let url = node.url(&format!("/moderate/{token}"));
        assert_eq!(node.page(&url).await.status, status, "{token}");
        assert_eq!(
            post(&url, &[], "action=hide").await.status().as_u16(),
            status,
            "{token}"
        );
    }
    assert!(
        node.page(&node.url(&format!("/moderate/{expired}")))
            .await
            .text
            .contains("has expired")
    );
    assert_eq!(
        node.page(&node.url(&format!("/unsubscribe/{token}")))
            .await
            .status,
        403
    );
}

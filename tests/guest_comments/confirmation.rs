//! Email addresses of guests: confirmed by a link before a comment is shown.

use super::{MAIL, public, states};
use crate::support::{Database, Guest, TestNode, both_databases, eventually, node::Article};
use rstest_reuse::apply;
use serde_json::Value;

const CONFIRMED: &str = "[comments]\nguests = \"first\"\n[mail]\nserver = \"smtp://localhost:9\"\n\
     from = \"Blog <blog@example.org>\"\nadmin = [\"admin@example.org\"]\n";

const UNCONFIRMED: &str = "unconfirmed: its author has not yet confirmed their mail address";
const PATH: &str = "/comments/confirm";

fn fields(text: &str) -> [(&str, &str); 4] {
    [
        ("name", "Reader"),
        ("mail", MAIL),
        ("answers", "yes"),
        ("text", text),
    ]
}

/// Posts a comment with an address that is not yet confirmed.
async fn post_unconfirmed(guest: &Guest<'_>, article: &Article, fields: &[(&str, &str)]) {
    let response = guest.write(article, fields).await;
    let location = response.header("location");
    assert!(location.starts_with("/comments/mailed"), "{location}");
}

/// Returns the recipient of a mail, and the link in it.
async fn mailed(node: &TestNode, index: usize) -> (String, String) {
    let mails = "SELECT payload FROM messages WHERE channel = 'mail' ORDER BY id";
    let mail: Value = serde_json::from_str(&node.texts(mails).await[index]).unwrap();
    let mut words = mail["text"].as_str().unwrap().split_whitespace();
    let link = words.find(|word| word.contains("/comments/confirm?token="));
    let recipient = mail["to"].as_str().unwrap().to_owned();
    (recipient, link.unwrap().to_owned())
}

fn token_of(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

#[apply(both_databases)]
async fn an_address_is_confirmed_by_a_button_alone(#[case] database: Database) {
    let node = TestNode::start_with(database, CONFIRMED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_unconfirmed(&guest, &article, &fields("First")).await;
    assert_eq!(states(&node).await, [UNCONFIRMED]);
    let (recipient, link) = mailed(&node, 0).await;
    assert_eq!(recipient, MAIL);
    let page = node.page(&link).await;
    assert!(
        page.text
            .contains("<button type=\"submit\">Confirm</button>")
            && page.header("cache-control") == "no-store"
    );
    assert_eq!(
        states(&node).await,
        [UNCONFIRMED],
        "a program that follows links confirms nothing"
    );
    let press = [("token", token_of(&link))];
    let from_elsewhere = [("origin", "https://evil.example")];
    let response = guest.post(PATH, &press, &from_elsewhere).await;
    assert_eq!(response.status, 403);
    let page = guest.post(PATH, &press, &[]).await;
    assert!(page.text.contains("is confirmed"), "{}", page.text);
    assert_eq!(
        states(&node).await,
        ["held: the first comment of this guest"]
    );
    let again = guest.post(PATH, &press, &[]).await;
    assert_eq!(again.status, 200, "twice is as once");
}

#[apply(both_databases)]
async fn a_link_that_we_did_not_sign_confirms_nothing(#[case] database: Database) {
    let node = TestNode::start_with(database, CONFIRMED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_unconfirmed(&guest, &article, &fields("First")).await;
    let (_, link) = mailed(&node, 0).await;
    for bad in ["x", &token_of(&link).replace('.', ".x")] {
        assert_eq!(guest.post(PATH, &[("token", bad)], &[]).await.status, 410);
        assert_eq!(node.page(&format!("{PATH}?token={bad}")).await.status, 410);
    }
    assert_eq!(node.page(PATH).await.status, 410);
    assert_eq!(states(&node).await, [UNCONFIRMED]);
}

#[apply(both_databases)]
async fn each_new_address_is_confirmed(#[case] database: Database) {
    let node = TestNode::start_with(database, CONFIRMED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_unconfirmed(&guest, &article, &fields("First")).await;
    let (_, first) = mailed(&node, 0).await;
    let press = [("token", token_of(&first))];
    guest.post(PATH, &press, &[]).await;
    node.admin(&["comments", "approve", "1"]).await;
    let second = guest.write(&article, &fields("Second")).await;
    assert!(second.header("location").ends_with("#comment-2"));
    let other = [
        ("name", "Reader"),
        ("mail", "new@mail.example"),
        ("text", "Third"),
    ];
    post_unconfirmed(&guest, &article, &other).await;
    assert_eq!(
        guest.post(PATH, &press, &[]).await.status,
        410,
        "the link was for the former address"
    );
    let (_, link) = mailed(&node, 1).await;
    let confirmed = guest.post(PATH, &[("token", token_of(&link))], &[]).await;
    assert!(confirmed.header("location").ends_with("#comment-3"));
}

#[apply(both_databases)]
async fn nobodys_mailbox_is_filled(#[case] database: Database) {
    let node = TestNode::start_with(database, CONFIRMED).await;
    let article = node.publish_any().await;
    for number in 1..=5 {
        let guest = Guest::at(&node, &format!("198.51.100.{number}"));
        let fields = [
            ("name", "Reader"),
            ("mail", "victim@mail.example"),
            ("text", "Hi"),
        ];
        guest.write(&article, &fields).await;
    }
    let sent = "SELECT COUNT(*) FROM messages WHERE recipient = 'victim@mail.example'";
    assert_eq!(node.number(sent).await, Some(3));
}

#[apply(both_databases)]
async fn an_address_is_shown_to_nobody(#[case] database: Database) {
    let node = TestNode::start_with(database, CONFIRMED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_unconfirmed(&guest, &article, &fields("First")).await;
    let (_, link) = mailed(&node, 0).await;
    guest.post(PATH, &[("token", token_of(&link))], &[]).await;
    node.admin(&["comments", "approve", "1"]).await;
    let text = public(&node, &article.url, &article.id).await;
    assert!(text.contains("First") && !text.contains("mail.example"));
    let listed = node.admin(&["comments", "list", "--json"]).await;
    assert!(!listed.contains("mail.example"), "{listed}");
}

#[apply(both_databases)]
async fn an_unconfirmed_comment_is_forgotten_with_its_guest(#[case] database: Database) {
    let mut node = TestNode::start_with(database, CONFIRMED).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    post_unconfirmed(&guest, &article, &fields("First")).await;
    drop(guest);
    let days = 8 * 24 * 60 * 60 * 1000_i64;
    node.sql(&format!(
        "UPDATE comments SET received_at = received_at - {days};
         UPDATE guests SET created_at = created_at - {days}"
    ))
    .await;
    node.restart().await;
    for table in ["comments", "guests"] {
        let count = format!("SELECT COUNT(*) FROM {table}");
        eventually(&format!("unconfirmed {table} are forgotten"), || async {
            (node.number(&count).await == Some(0)).then_some(())
        })
        .await;
    }
}

//! Readers report comments.

use crate::support::{Database, Guest, TestNode, both_databases, node::Article};
use rstest_reuse::apply;

const OPEN: &str = "[comments]\nguests = \"open\"\n[limits]\nreports_of_address = 3\nreports = 5\n";

/// A node with a comment, and the path on which it is reported.
async fn with_comment(database: Database) -> (TestNode, Article, String) {
    let node = TestNode::start_with(database, OPEN).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    guest
        .write(&article, &[("name", "Reader"), ("text", "A *rude* word")])
        .await;
    let path = article.url.strip_prefix(&node.origin).unwrap();
    let path = format!("{path}/comments/1/report");
    (node, article, path)
}

/// Sends a report with a form that was shown a minute ago.
async fn report(reader: &Guest<'_>, article: &Article, path: &str, reason: &str) -> u16 {
    let token = reader.token(article, 60);
    let fields = [("token", token.as_str()), ("reason", reason)];
    reader.post(path, &fields, &[]).await.status
}

#[apply(both_databases)]
async fn a_report_becomes_a_notice(#[case] database: Database) {
    let (node, article, path) = with_comment(database).await;
    let page = node.page(&article.url).await.text;
    assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
    let form = node.page(&path).await;
    assert_eq!(form.status, 200);
    assert!(
        form.text.contains("<em>rude</em>") && form.text.contains("name=\"reason\""),
        "{}",
        form.text
    );
    let reader = Guest::at(&node, "192.0.2.2");
    let token = reader.token(&article, 60);
    let fields = [
        ("token", token.as_str()),
        ("reason", " It <b>insults</b>\nme "),
    ];
    let sent = reader.post(&path, &fields, &[]).await;
    assert_eq!(sent.status, 303);
    assert!(sent.header("set-cookie").is_empty());
    let thanks = node.page(sent.header("location")).await;
    assert!(
        thanks.text.contains("Thank you for your report"),
        "{}",
        thanks.text
    );
    // Others say the same, and one says nothing.
    for (address, reason) in [("192.0.2.3", "It <b>insults</b>\nme"), ("192.0.2.4", "")] {
        let other = Guest::at(&node, address);
        assert_eq!(report(&other, &article, &path, reason).await, 303);
    }
    let mut notices = node.notices().await;
    notices.sort_by_key(|notice| notice["id"].as_i64());
    let text = notices[0]["text"].as_str().unwrap();
    assert_eq!(notices.len(), 2);
    assert_eq!(
        (notices[0]["kind"].as_str(), notices[0]["times"].as_i64()),
        (Some("reader report"), Some(2))
    );
    assert!(
        text.contains("comment 1 ") && text.contains("#comment-1\n\nIt <b>insults</b>\nme"),
        "{text}"
    );
    let pending = node
        .number("SELECT COUNT(*) FROM notices WHERE untold")
        .await;
    assert!(
        pending.is_some_and(|count| count <= 2),
        "the notifier tells of them"
    );
}

#[apply(both_databases)]
async fn a_report_that_no_reader_sends_is_dropped(#[case] database: Database) {
    let (node, article, path) = with_comment(database).await;
    let reader = Guest::at(&node, "192.0.2.2");
    let token = reader.token(&article, 60);
    let fields = [("token", token.as_str()), ("reason", "x")];
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let response = reader.post(&path, &fields, &[header]).await;
        assert_eq!(response.status, 403, "{header:?}");
    }
    for token in [
        String::new(),
        reader.token(&article, 0),
        reader.token(&article, 24 * 3600 + 1),
        token.replace('.', ".x"),
    ] {
        let fields = [("token", token.as_str()), ("reason", "Kept")];
        let response = reader.post(&path, &fields, &[]).await;
        assert!(
            response.status == 422 && response.text.contains(">\nKept</textarea>"),
            "{}",
            response.text
        );
    }
    let trapped = [("token", token.as_str()), ("subject", "x")];
    assert_eq!(reader.post(&path, &trapped, &[]).await.status, 303);
    let missing = [
        path.replace("comments/1/", "comments/0/"),
        path.replace("comments/1/", "comments/9/"),
        path.replace("comments/1/", "comments/-1/"),
        path.replace("comments/1/", "comments/x/"),
        path.replace("comments/1/", "comments/99999999999999999999/"),
    ];
    node.admin(&["comments", "hide", "1"]).await;
    for path in missing.iter().chain([&path]) {
        let shown = node.page(path).await.status;
        assert!((400..500).contains(&shown), "{path}: {shown}");
        let sent = reader.post(path, &fields, &[]).await.status;
        assert!((400..500).contains(&sent), "{path}: {sent}");
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM notices").await, Some(0));
}

#[apply(both_databases)]
async fn reports_are_limited_for_an_address_and_in_all(#[case] database: Database) {
    let (node, article, path) = with_comment(database).await;
    let mut accepted = 0;
    for (address, most) in [("192.0.2.2", 3), ("192.0.2.3", 2), ("192.0.2.4", 0)] {
        let reader = Guest::at(&node, address);
        let before = accepted;
        for number in 0..4 {
            let reason = format!("{address} {number}");
            match report(&reader, &article, &path, &reason).await {
                303 => accepted += 1,
                status => assert_eq!(status, 429),
            }
        }
        assert_eq!(accepted - before, most, "{address}");
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM notices").await, Some(5));
}

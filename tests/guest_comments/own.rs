//! A guest's own comments: seen while they wait, edited and withdrawn, by nobody else.

use super::{MAIL, states};
use crate::support::{Database, Guest, TestNode, both_databases, node::Article};
use rstest_reuse::apply;
use serde_json::Value;

const OPEN: &str = "[comments]\nguests = \"open\"\n";
const NAME: (&str, &str) = ("name", "Reader");

/// Returns the page of a browser's own comments.
async fn own_page(node: &TestNode, guest: &Guest<'_>) -> String {
    let cookie = guest.cookie.lock().unwrap().clone().unwrap_or_default();
    let headers = [("accept", "text/html"), ("cookie", cookie.as_str())];
    let page = node.get_with("/comments/mine", &headers).await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, "no-store")
    );
    page.text
}

/// Returns the address of the page on which the newest comment of a browser is changed.
async fn change_page(node: &TestNode, guest: &Guest<'_>) -> String {
    link_in(&own_page(node, guest).await)
}

fn link_in(page: &str) -> String {
    let start = page.find("/comments/mine/").expect("a link to edit");
    page[start..].split('"').next().unwrap().to_owned()
}

/// Posts a first comment, which is shown if guests are `open`, and returns the page on which it is changed.
async fn post(node: &TestNode, guest: &Guest<'_>, article: &Article, text: &str) -> String {
    let response = guest.write(article, &[NAME, ("text", text)]).await;
    assert_eq!(response.status, 303);
    change_page(node, guest).await
}

#[apply(both_databases)]
async fn a_guest_sees_the_own_comment_that_waits(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let sent = guest
        .write(&article, &[NAME, ("text", "Only *mine*")])
        .await;
    let location = sent.header("location");
    let cookie = guest.cookie.lock().unwrap().clone().unwrap();
    let headers = [("accept", "text/html"), ("cookie", cookie.as_str())];
    let page = node.get_with(location, &headers).await;
    assert_eq!(page.header("cache-control"), "no-store");
    for part in ["awaits approval", "<em>mine</em>", "Only you see it"] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert!(own_page(&node, &guest).await.contains("<em>mine</em>"));
    let stranger = Guest::at(&node, "192.0.2.2");
    *stranger.cookie.lock().unwrap() = Some(cookie.replace("guest=1", "guest=2"));
    for page in [
        node.page(location).await.text,
        node.page(&article.url).await.text,
        own_page(&node, &stranger).await,
        node.get_with(&article.url, &headers).await.text,
    ] {
        assert!(!page.contains("<em>mine</em>"), "{page}");
    }
    // The author of spam is not told about it.
    for command in ["spam", "hide"] {
        node.admin(&["comments", command, "1"]).await;
        assert!(own_page(&node, &guest).await.contains("Awaits approval"));
    }
    node.admin(&["comments", "approve", "1"]).await;
    assert!(own_page(&node, &guest).await.contains("#comment-1"));
}

#[apply(both_databases)]
async fn a_guest_edits_a_comment(#[case] database: Database) {
    let node = TestNode::start_with(database, OPEN).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let path = post(&node, &guest, &article, "Why *slowly*?").await;
    let form = node.page(&path).await;
    assert!(
        form.text.contains(">\nWhy *slowly*?</textarea>"),
        "{}",
        form.text
    );
    assert_eq!(form.header("referrer-policy"), "no-referrer");
    let preview = [("text", "Why *fast*?"), ("do", "preview")];
    let preview = guest.post(&path, &preview, &[]).await;
    assert!(
        preview.status == 200
            && preview.text.contains("<em>fast</em>")
            && preview.text.contains(">\nWhy *fast*?</textarea>"),
        "{}",
        preview.text
    );
    assert!(
        node.page(&article.url)
            .await
            .text
            .contains("<em>slowly</em>")
    );
    for (text, problem) in [("", "Enter a comment"), (&"x".repeat(10_001), "10,000")] {
        let refused = guest
            .post(&path, &[("text", text), ("do", "save")], &[])
            .await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(problem), "{}", refused.text);
    }
    // The page of the form sends no referrer, so browsers send the origin `null`.
    let save = [("text", "Why *fast*?"), ("do", "save")];
    let saved = guest.post(&path, &save, &[("origin", "null")]).await;
    assert!(saved.header("location").ends_with("#comment-1"));
    let page = node.page(saved.header("location")).await.text;
    assert!(
        page.contains("<em>fast</em>") && !page.contains("<em>slowly</em>"),
        "{page}"
    );
    assert!(
        page.contains("dt-updated"),
        "it is marked as edited: {page}"
    );
    let former = node.texts("SELECT content FROM comment_edits").await;
    assert_eq!(former, ["<p>Why <em>slowly</em>?</p>\n"]);
    assert_eq!(states(&node).await, ["visible: "]);
}

#[apply(both_databases)]
async fn an_edit_is_judged_again_and_makes_nothing_visible(#[case] database: Database) {
    let mut node = TestNode::start_with(database, OPEN).await;
    let article = node.publish_any().await;
    node.admin(&["filter", "add", "word", "cheap pills", "--spam"])
        .await;
    node.restart().await;
    let links = "[a](https://a.example/) [b](https://b.example/) [c](https://c.example/)";
    for (first, second, state) in [
        ("Fine", "Still fine", "visible"),
        ("Harmless", links, "held"),
        ("Nice", "Cheap pills", "spam"),
        (&format!("{links}."), "Harmless again", "held"),
        (&format!("{links}!"), "Now cheap pills", "spam"),
        ("My cheap pills", "Harmless now", "spam"),
    ] {
        // Each from a browser of its own.
        let guest = Guest::at(&node, "192.0.2.1");
        let path = post(&node, &guest, &article, first).await;
        let save = [("text", second), ("do", "save")];
        assert_eq!(guest.post(&path, &save, &[]).await.status, 303);
        let now = node
            .texts("SELECT state FROM comments ORDER BY id DESC LIMIT 1")
            .await;
        assert_eq!(now, [state], "{first} -> {second}");
        let text = node
            .texts("SELECT markdown FROM comments ORDER BY id DESC LIMIT 1")
            .await;
        assert_eq!(text, [second]);
    }
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Still fine") && !page.contains("c.example") && !page.contains("armless"),
        "{page}"
    );
}

#[apply(both_databases)]
async fn a_guest_withdraws_a_comment(#[case] database: Database) {
    let node = TestNode::start_with(database, OPEN).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let path = post(&node, &guest, &article, "A mistake").await;
    let withdraw = [("do", "withdraw")];
    let done = guest.post(&path, &withdraw, &[]).await;
    assert!(
        done.status == 200 && done.text.contains("withdrawn"),
        "{}",
        done.text
    );
    let page = node
        .get_with(&article.url, &[("cache-control", "no-cache")])
        .await;
    assert!(!page.text.contains("A mistake"));
    assert!(!own_page(&node, &guest).await.contains("A mistake"));
    assert_eq!(guest.post(&path, &withdraw, &[]).await.status, 410);
    assert_eq!(node.page(&path).await.status, 410);
    let left = "SELECT state || content || author_name || COALESCE(markdown, '') FROM comments";
    assert_eq!(node.texts(left).await, ["deleted"]);
    let log = node.texts("SELECT who || ' ' || action FROM log").await;
    assert_eq!(log, ["guest delete"]);
}

#[apply(both_databases)]
async fn nobody_else_changes_a_comment(#[case] database: Database) {
    let node = TestNode::start_with(database, OPEN).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let path = post(&node, &guest, &article, "Mine").await;
    let save = [("text", "Yours"), ("do", "save")];
    for header in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for fields in [&save[..], &[("do", "withdraw")]] {
            let response = guest.post(&path, fields, &[header]).await;
            assert_eq!(response.status, 403, "{header:?}");
        }
    }
    let cookie = guest.cookie.lock().unwrap().clone().unwrap();
    let browser = cookie.split_once('=').unwrap().1;
    for bad in [
        path.replace("mine/", "mine/1"),
        path.replace('.', ".x"),
        format!("/comments/mine/{browser}"),
        "/comments/mine/1".to_owned(),
        "/comments/mine/%00".to_owned(),
        "/comments/mine/..%2F..".to_owned(),
    ] {
        let shown = node.page(&bad).await.status;
        let sent = guest.post(&bad, &save, &[]).await.status;
        assert!((400..500).contains(&shown), "{bad}: {shown}");
        assert!((400..500).contains(&sent), "{bad}: {sent}");
    }
    for bad in ["x", "1.MQ.x", browser] {
        let list = node.page(&format!("/comments/mine?token={bad}")).await;
        assert!((400..500).contains(&list.status), "{bad}");
    }
    assert_eq!(node.texts("SELECT markdown FROM comments").await, ["Mine"]);
}

#[apply(both_databases)]
async fn edits_end_after_their_time_and_are_limited(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[comments]\nguests = \"open\"\nguest_edits = \"1 hour\"\n[limits]\nguest_edits = 2\n",
    )
    .await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let path = post(&node, &guest, &article, "Zero").await;
    for (text, status) in [("One", 303), ("Two", 303), ("Two", 303), ("Three", 429)] {
        let save = [("text", text), ("do", "save")];
        let response = guest.post(&path, &save, &[]).await;
        assert_eq!(response.status, status, "{text}");
    }
    node.sql("UPDATE comments SET received_at = received_at - 3600000")
        .await;
    let late = guest
        .post(&path, &[("text", "Four"), ("do", "save")], &[])
        .await;
    assert!(
        late.status == 422 && late.text.contains("The time for edits is over"),
        "{}",
        late.text
    );
    assert_eq!(node.texts("SELECT markdown FROM comments").await, ["Two"]);
    let done = guest.post(&path, &[("do", "withdraw")], &[]).await;
    assert_eq!(done.status, 200);
}

#[apply(both_databases)]
async fn the_link_in_an_email_works_once_the_address_is_confirmed(#[case] database: Database) {
    let mail = "[comments]\nguests = \"first\"\n[mail]\nserver = \"smtp://localhost:9\"\n\
         from = \"Blog <blog@example.org>\"\n";
    let node = TestNode::start_with(database, mail).await;
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    let fields = [NAME, ("mail", MAIL), ("text", "By mail")];
    guest.write(&article, &fields).await;
    let mails = node.texts("SELECT payload FROM messages").await;
    let mail: Value = serde_json::from_str(&mails[0]).unwrap();
    let mut words = mail["text"].as_str().unwrap().split_whitespace();
    let confirm = words
        .find(|word| word.contains("/comments/confirm?"))
        .unwrap();
    let list = words.find(|word| word.contains("/comments/mine?")).unwrap();
    assert!(!node.page(list).await.text.contains("By mail"));
    assert!(
        own_page(&node, &guest)
            .await
            .contains("Awaits the confirmation")
    );
    let token = confirm.split_once("token=").unwrap().1;
    guest
        .post("/comments/confirm", &[("token", token)], &[])
        .await;
    let page = node.page(list).await;
    assert!(page.text.contains("By mail"), "{}", page.text);
    let path = link_in(&page.text);
    let elsewhere = Guest::at(&node, "192.0.2.7");
    let save = [("text", "From another browser"), ("do", "save")];
    assert_eq!(elsewhere.post(&path, &save, &[]).await.status, 303);
    let text = node.texts("SELECT markdown FROM comments").await;
    assert_eq!(text, ["From another browser"]);
}

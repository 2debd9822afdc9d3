//! What a reader sees in a real browser: with JavaScript from a node on SQLite, without from one on PostgreSQL.
//! The browser knows nothing of the database, and takes seconds to start.

use crate::support::{
    Database, Peer, TestNode, both_databases, browser::Browser, eventually, peer::Canned,
};
use fantoccini::Locator;
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn a_thread_is_read_with_and_without_javascript(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("talk").await;
    let article = node.publish("---\ntitle: On reading\nlanguage: en\n---\n\nA text.\n\n![A shelf](/static/favicon.svg)\n").await;
    let (ana, ben) = (peer.actor("ana").await, peer.actor("ben").await);
    let mut first = ana.note(
        &article.id,
        "<p>First, with <a href=\"https://a.example/\">a link</a>.</p>",
    );
    first["summary"] = json!("Spoilers");
    first["attachment"] = json!([{"type": "Image", "mediaType": "image/png", "url": peer.url("/lost.png"), "name": "A lost picture"}]);
    ana.deliver(&node.inbox(), &ana.activity("Create", first.clone()))
        .await;
    let second = ben
        .comment(
            &node.inbox(),
            first["id"].as_str().unwrap(),
            "<p>Second, below.</p>",
        )
        .await;
    ana.comment(
        &node.inbox(),
        second["id"].as_str().unwrap(),
        "<p lang=\"es\">Tercero.</p>",
    )
    .await;
    ana.deliver(&node.inbox(), &ana.activity("Like", second["id"].clone()))
        .await;
    ben.deliver(&node.inbox(), &ben.activity("Announce", json!(article.id)))
        .await;
    let gone = ben
        .comment(&node.inbox(), &article.id, "<p>Gone.</p>")
        .await;
    ana.comment(
        &node.inbox(),
        gone["id"].as_str().unwrap(),
        "<p>To one who is gone.</p>",
    )
    .await;
    ben.deliver(&node.inbox(), &ben.activity("Delete", gone["id"].clone()))
        .await;
    let browser = Browser::of(&node).await;
    browser.goto(&article.url).await.unwrap();
    let text = eventually("the last comment is on the page", || async {
        Some(browser.text().await)
            .filter(|text| text.contains("To one who is gone.") && text.contains("Comment deleted"))
    })
    .await;
    assert!(
        text.contains("Second, below.")
            && text.contains("Tercero.")
            && !text.contains("First, with"),
        "{text}"
    );
    browser
        .wait()
        .for_element(Locator::Css("#comment-1 summary"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert!(
        browser.text().await.contains("First, with a link."),
        "a warning is opened"
    );
    let nested = browser
        .wait()
        .for_element(Locator::Css("li li #comment-2"))
        .await
        .unwrap();
    assert!(nested.is_displayed().await.unwrap());
    browser
        .wait()
        .for_element(Locator::Css("#comment-2 .when a"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert!(
        browser
            .current_url()
            .await
            .unwrap()
            .as_str()
            .ends_with("#comment-2")
    );
    let complaints = browser.complaints().await;
    assert!(
        complaints
            .iter()
            .all(|complaint| complaint.contains("/pictures/comments/")),
        "{complaints:?}"
    );
    for address in [
        article.url.clone(),
        node.url("/"),
        format!("{}/reactions", article.url),
        node.url("/nowhere"),
    ] {
        browser.goto(&address).await.unwrap();
        browser.check_accessibility().await;
    }
}

#[apply(both_databases)]
async fn a_reader_answers_from_their_own_server(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("home").await;
    let article = node.publish_any().await;
    home.serve(
        "/authorize_interaction",
        Canned {
            headers: vec![("content-type".into(), "text/html".into())],
            body: b"<title>Home</title><p>At home.</p>".to_vec(),
            ..Canned::status(200)
        },
    );
    let browser = Browser::of(&node).await;
    browser.goto(&article.url).await.unwrap();
    browser
        .wait()
        .for_element(Locator::LinkText("Reply from your server"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let field = browser
        .wait()
        .for_element(Locator::Css("#server"))
        .await
        .unwrap();
    field.send_keys("nonsense with blanks").await.unwrap();
    browser
        .wait()
        .for_element(Locator::Css("form.server-form button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert!(
        browser
            .wait()
            .for_element(Locator::Css("#server-problem"))
            .await
            .unwrap()
            .is_displayed()
            .await
            .unwrap()
    );
    let field = browser
        .wait()
        .for_element(Locator::Css("#server"))
        .await
        .unwrap();
    field.clear().await.unwrap();
    field.send_keys(&home.authority).await.unwrap();
    browser
        .wait()
        .for_element(Locator::Css("form.server-form button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    eventually("the reader is at home", || async {
        let address = browser.current_url().await.unwrap();
        (address.host_str() == Some("home.localhost")
            && address
                .query()
                .is_some_and(|query| query.contains("articles")))
        .then_some(())
    })
    .await;
    browser.goto(&article.url).await.unwrap();
    browser
        .wait()
        .for_element(Locator::LinkText("Follow from your server"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let field = browser
        .wait()
        .for_element(Locator::Css("#server"))
        .await
        .unwrap();
    let written = field.prop("value").await.unwrap().unwrap_or_default();
    assert_eq!(
        written,
        if browser.runs_scripts {
            home.authority.as_str()
        } else {
            ""
        }
    );
}

/// Fills in the form as a reader does.
async fn fill(browser: &Browser, fields: &[(&str, &str)]) {
    for (field, text) in fields {
        let field = browser
            .wait()
            .for_element(Locator::Css(&format!("#write-{field}")))
            .await;
        let field = field.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }
}

async fn press(browser: &Browser, button: &str) {
    let button = browser
        .wait()
        .for_element(Locator::Css(button))
        .await
        .unwrap();
    button.click().await.unwrap();
}

const OPEN_TO_GUESTS: &str = "[comments]\nguests = \"open\"\nleast_time = \"1 ms\"\n";

#[apply(both_databases)]
async fn a_reader_without_an_account_previews_and_posts(#[case] database: Database) {
    let node = TestNode::start_with(database, OPEN_TO_GUESTS).await;
    let article = node.publish_any().await;
    let peer = Peer::start("talk").await;
    peer.actor("ana")
        .await
        .comment(&node.inbox(), &article.id, "<p>What do you think?</p>")
        .await;
    let browser = Browser::of(&node).await;
    browser.goto(&article.url).await.unwrap();
    fill(
        &browser,
        &[
            ("name", "A reader"),
            ("site", "javascript:alert(1)"),
            (
                "text",
                "It is *good*. <script>document.title = 'ran'</script>",
            ),
        ],
    )
    .await;
    press(&browser, "#write button[value=preview]").await;
    let problem = browser
        .wait()
        .for_element(Locator::Css("#write-site-problem"))
        .await
        .unwrap();
    assert!(
        problem.is_displayed().await.unwrap(),
        "what is wrong stands beside its field"
    );
    browser.check_accessibility().await;
    fill(&browser, &[("site", "https://reader.example/")]).await;
    press(&browser, "#write button[value=preview]").await;
    let preview = browser
        .wait()
        .for_element(Locator::Css(".preview .prose"))
        .await
        .unwrap();
    assert!(
        preview
            .text()
            .await
            .unwrap()
            .starts_with("It is good. <script>")
    );
    browser.check_accessibility().await;
    press(&browser, "#write button[value=post]").await;
    eventually("the comment is on the page", || async {
        (browser.current_url().await.unwrap().fragment() == Some("comment-2")).then_some(())
    })
    .await;
    let comment = browser
        .wait()
        .for_element(Locator::Css("#comment-2 .prose"))
        .await
        .unwrap();
    assert!(comment.text().await.unwrap().starts_with("It is good."));
    assert_ne!(browser.title().await.unwrap(), "ran");
    // An answer stands below what it answers.
    browser
        .wait()
        .for_element(Locator::Css("#comment-1 a[href*='/reply/1']"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert!(browser.text().await.contains("What do you think?"));
    // Its only complaint is the status of the form with errors.
    let complaints = browser.complaints().await;
    assert!(
        complaints
            .iter()
            .all(|complaint| complaint.contains("a status of 422")),
        "{complaints:?}"
    );
}

#[apply(both_databases)]
async fn the_admin_decides_in_the_browser(#[case] database: Database) {
    let node = TestNode::start_with(database, OPEN_TO_GUESTS).await;
    let article = node.publish_any().await;
    let peer = Peer::start("talk").await;
    peer.actor("ana")
        .await
        .comment(&node.inbox(), &article.id, "<p>To be judged.</p>")
        .await;
    let secret = node
        .texts("SELECT value FROM settings WHERE name = 'secret'")
        .await
        .remove(0);
    let token = pamphlet::node::tokens::Tokens::new(&secret).sign(
        pamphlet::node::tokens::Purpose::Moderate,
        "1",
        i64::MAX,
    );
    let browser = Browser::of(&node).await;
    browser
        .goto(&node.url(&format!("/moderate/{token}")))
        .await
        .unwrap();
    assert!(browser.text().await.contains("To be judged."));
    press(&browser, "button[value=hide]").await;
    eventually("it is off the page", || async {
        (!node.page(&article.url).await.text.contains("To be judged.")).then_some(())
    })
    .await;
    press(&browser, ".done button").await;
    eventually("it is back", || async {
        node.page(&article.url)
            .await
            .text
            .contains("To be judged.")
            .then_some(())
    })
    .await;
    browser.check_accessibility().await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

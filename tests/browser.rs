//! What a reader sees in a real browser, with and without JavaScript.

use crate::support::{Peer, browser::Browser, eventually, on_both_databases, peer::Canned};
use fantoccini::Locator;
use serde_json::json;

on_both_databases! {
    async fn a_thread_is_read_with_and_without_javascript(node) {
        let peer = Peer::start("talk").await;
        let article = node.publish("---\ntitle: On reading\nlanguage: en\n---\n\nA text.\n\n![A shelf](/static/favicon.svg)\n").await;
        let (ana, ben) = (peer.actor("ana").await, peer.actor("ben").await);
        let mut first = ana.note(&article.id, "<p>First, with <a href=\"https://a.example/\">a link</a>.</p>");
        first["summary"] = json!("Spoilers");
        first["attachment"] = json!([{"type": "Image", "mediaType": "image/png", "url": peer.url("/lost.png"), "name": "A lost picture"}]);
        ana.deliver(&node.inbox(), &ana.activity("Create", first.clone())).await;
        let second = ben.comment(&node.inbox(), first["id"].as_str().unwrap(), "<p>Second, below.</p>").await;
        ana.comment(&node.inbox(), second["id"].as_str().unwrap(), "<p lang=\"es\">Tercero.</p>").await;
        ana.deliver(&node.inbox(), &ana.activity("Like", second["id"].clone())).await;
        ben.deliver(&node.inbox(), &ben.activity("Announce", json!(article.id))).await;
        let gone = ben.comment(&node.inbox(), &article.id, "<p>Gone.</p>").await;
        ana.comment(&node.inbox(), gone["id"].as_str().unwrap(), "<p>To one who is gone.</p>").await;
        ben.deliver(&node.inbox(), &ben.activity("Delete", gone["id"].clone())).await;
        for browser in [Browser::start().await, Browser::without_javascript().await] {
            browser.goto(&article.url).await.unwrap();
            let text = eventually("the last comment is on the page", || async {
                Some(browser.text().await).filter(|text| text.contains("To one who is gone.") && text.contains("Comment deleted"))
            }).await;
            assert!(text.contains("Second, below.") && text.contains("Tercero.") && !text.contains("First, with"), "{text}");
            browser.find(Locator::Css("#comment-1 summary")).await.unwrap().click().await.unwrap();
            assert!(browser.text().await.contains("First, with a link."), "a warning is opened");
            let nested = browser.find(Locator::Css("li li #comment-2")).await.unwrap();
            assert!(nested.is_displayed().await.unwrap());
            browser.find(Locator::Css("#comment-2 .when a")).await.unwrap().click().await.unwrap();
            assert!(browser.current_url().await.unwrap().as_str().ends_with("#comment-2"));
            let complaints = browser.complaints().await;
            assert!(complaints.iter().all(|complaint| complaint.contains("/pictures/comments/")), "{complaints:?}");
        }
        // The checker is a script itself.
        let browser = Browser::start().await;
        for address in [article.url.clone(), node.url("/"), format!("{}/reactions", article.url), node.url("/nowhere")] {
            browser.goto(&address).await.unwrap();
            let violations = browser.violations().await;
            assert!(violations.is_empty(), "{address}: {violations:#?}");
        }
    }

    async fn a_reader_answers_from_their_own_server(node) {
        let home = Peer::start("home").await;
        let article = node.publish_any().await;
        home.serve("/authorize_interaction", Canned { headers: vec![("content-type".into(), "text/html".into())], body: b"<title>Home</title><p>At home.</p>".to_vec(), ..Canned::status(200) });
        for (browser, remembers) in [(Browser::start().await, true), (Browser::without_javascript().await, false)] {
            browser.goto(&article.url).await.unwrap();
            browser.find(Locator::LinkText("Reply from your server")).await.unwrap().click().await.unwrap();
            let field = browser.find(Locator::Css("#server")).await.unwrap();
            field.send_keys("nonsense with blanks").await.unwrap();
            browser.find(Locator::Css("form.ask button")).await.unwrap().click().await.unwrap();
            assert!(browser.find(Locator::Css("#server-problem")).await.unwrap().is_displayed().await.unwrap());
            let field = browser.find(Locator::Css("#server")).await.unwrap();
            field.clear().await.unwrap();
            field.send_keys(&home.authority).await.unwrap();
            browser.find(Locator::Css("form.ask button")).await.unwrap().click().await.unwrap();
            eventually("the reader is at home", || async {
                let address = browser.current_url().await.unwrap();
                (address.host_str() == Some("home.localhost") && address.query().is_some_and(|query| query.contains("articles"))).then_some(())
            }).await;
            browser.goto(&article.url).await.unwrap();
            browser.find(Locator::LinkText("Follow from your server")).await.unwrap().click().await.unwrap();
            let field = browser.find(Locator::Css("#server")).await.unwrap();
            let written = field.prop("value").await.unwrap().unwrap_or_default();
            assert_eq!(written, if remembers { home.authority.as_str() } else { "" });
        }
    }
}

//! The spam service: asked, told better, hostile and out of reach.

use super::{decide, newest_state};
use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use axum::{Router, extract::State, http::StatusCode};
use pamphlet::moderation::Verdict;
use rstest_reuse::apply;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// The path and the form of a call.
type Call = (String, HashMap<String, String>);

/// A spam service that recognizes "pills", responds as a test sets, and records calls.
#[derive(Clone, Default)]
struct Service {
    calls: Arc<Mutex<Vec<Call>>>,
    /// The status and text of every response, if not the correct ones.
    fault: Arc<Mutex<Option<(u16, String)>>>,
}

const KEY: &str = "k3y-that-stays-secret";

impl Service {
    async fn start() -> (Service, String) {
        let service = Service::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (service, format!("http://akismet.localhost:{port}/1.1/"))
    }

    fn fails(&self, fault: Option<(u16, &str)>) {
        *self.fault.lock().unwrap() = fault.map(|(status, text)| (status, text.to_owned()));
    }

    /// Returns the calls of a method.
    fn calls_of(&self, method: &str) -> Vec<HashMap<String, String>> {
        let calls = self.calls.lock().unwrap();
        let path = format!("/1.1/{method}");
        calls
            .iter()
            .filter(|(to, _)| *to == path)
            .map(|(_, form)| form.clone())
            .collect()
    }
}

async fn answer(
    State(service): State<Service>,
    uri: axum::http::Uri,
    body: String,
) -> (StatusCode, String) {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let is_spam = form["comment_content"].contains("pills");
    service
        .calls
        .lock()
        .unwrap()
        .push((uri.path().to_owned(), form));
    let fault = service.fault.lock().unwrap().clone();
    let right = match uri.path() {
        "/1.1/comment-check" => is_spam.to_string(),
        _ => "Thanks for making the web a better place.".to_owned(),
    };
    let (status, text) = fault.unwrap_or((200, right));
    (StatusCode::from_u16(status).unwrap(), text)
}

async fn becomes(node: &TestNode, state: &str) {
    eventually(&format!("the newest comment is {state}"), || async {
        (newest_state(node).await == state).then_some(())
    })
    .await;
}

async fn newest_id(node: &TestNode) -> i64 {
    node.number("SELECT MAX(id) FROM comments").await.unwrap()
}

#[apply(both_databases)]
async fn the_spam_service_is_asked_and_told_better(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let (service, url) = Service::start().await;
    node.configure(&format!(
        "[spam]\nakismet_key = \"{KEY}\"\nakismet_url = \"{url}\"\n"
    ));
    node.restart().await;
    let peer = Peer::start("peer").await;
    let (ann, eve) = (peer.actor("ann").await, peer.actor("eve").await);
    let article = node.publish_any().await;
    ann.comment(
        &node.inbox(),
        &article.id,
        "<p>Well said, <b>indeed</b>.</p>",
    )
    .await;
    becomes(&node, "visible").await;
    eve.comment(&node.inbox(), &article.id, "<p>Cheap pills.</p>")
        .await;
    becomes(&node, "spam").await;
    assert_eq!(
        node.texts("SELECT reason FROM comments WHERE state = 'spam'")
            .await,
        ["spam, says the spam check"]
    );
    assert_eq!(
        node.number("SELECT COUNT(*) FROM learned_words").await,
        Some(0),
        "no person decided"
    );
    let asked = &service.calls_of("comment-check")[0];
    assert_eq!(
        (asked["api_key"].as_str(), asked["comment_author"].as_str()),
        (KEY, "The actor ann")
    );
    assert!(
        asked["comment_content"].contains("Well said, indeed."),
        "{asked:?}"
    );
    assert_eq!(
        (&asked["permalink"], asked["blog"].as_str()),
        (&article.url, node.url("/").as_str())
    );
    assert!(!asked.contains_key("user_ip") && !asked.contains_key("comment_author_email"));
    // The admin corrects the service twice.
    let id = newest_id(&node).await;
    decide(&node, id, Verdict::Approve).await;
    decide(&node, id - 1, Verdict::Spam).await;
    eventually("the service is told", || async {
        (service.calls_of("submit-ham").len() == 1 && service.calls_of("submit-spam").len() == 1)
            .then_some(())
    })
    .await;
    assert_eq!(
        service.calls_of("submit-ham")[0]["comment_content"],
        service.calls_of("comment-check")[1]["comment_content"]
    );
    // The service is not asked about allowed actors. While it is down, a comment waits, but not for ever.
    node.admin(&["allow", "add", &ann.id]).await;
    ann.comment(
        &node.inbox(),
        &article.id,
        "<p>Pills, says the allowed one: pills.</p>",
    )
    .await;
    assert_eq!(newest_state(&node).await, "visible");
    let bob = peer.actor("bob").await;
    service.fails(Some((503, "busy")));
    bob.comment(&node.inbox(), &article.id, "<p>Is anybody there?</p>")
        .await;
    eventually("it is asked", || async {
        (service.calls_of("comment-check").len() == 3).then_some(())
    })
    .await;
    assert_eq!(newest_state(&node).await, "held");
    node.sql("UPDATE comments SET received_at = received_at - 601000 WHERE akismet = 'check'")
        .await;
    eventually("it goes by its own score", || async {
        node.sql("UPDATE comments SET akismet_at = 0 WHERE akismet = 'check'")
            .await;
        (newest_state(&node).await == "visible").then_some(())
    })
    .await;
    // After an invalid response the node's own score decides at once. The admin may decide before the service.
    service.fails(Some((200, "invalid")));
    bob.comment(&node.inbox(), &article.id, "<p>And now?</p>")
        .await;
    becomes(&node, "visible").await;
    service.fails(Some((503, "busy")));
    bob.comment(&node.inbox(), &article.id, "<p>Last.</p>")
        .await;
    decide(&node, newest_id(&node).await, Verdict::Hide).await;
    service.fails(None);
    node.sql(
        "UPDATE comments SET akismet_at = 0 WHERE akismet IS NOT NULL AND akismet_at IS NOT NULL",
    )
    .await;
    eventually("nothing is due", || async {
        let due = node
            .number("SELECT COUNT(*) FROM comments WHERE akismet_at IS NOT NULL")
            .await;
        (due == Some(0)).then_some(())
    })
    .await;
    assert_eq!(newest_state(&node).await, "hidden");
    for row in node
        .texts("SELECT COALESCE(why, '') || COALESCE(about, '') FROM log")
        .await
    {
        assert!(!row.contains(KEY), "{row}");
    }
}

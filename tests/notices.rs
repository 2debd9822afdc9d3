//! How the admin hears of what comes in: by mail, at once or once a day, and by a signed webhook.

use crate::support::{
    Crowd, Database, Peer, TestNode, both_databases, crowd::Arrival, eventually, peer::Canned, smtp,
};
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use rstest_reuse::apply;
use serde_json::json;

/// Makes the node send notices by mail at once and by webhook. Returns the server of the webhook.
async fn tell_everything(node: &mut TestNode) -> Crowd {
    let crowd = Crowd::start().await;
    node.configure(&format!(
        "{}[notices]\nmail = \"at once\"\nwebhook = \"http://{}/hook\"\nwebhook_secret = \"hush\"\n\
         [followers]\napprove = true\n",
        smtp::table(),
        crowd.host("hook")
    ));
    node.restart().await;
    crowd
}

/// Returns the calls of the webhook without repeats. All must be signed.
fn calls(crowd: &Crowd) -> Vec<Arrival> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"hush");
    let mut calls: Vec<Arrival> = Vec::new();
    for call in crowd.arrivals_at("hook") {
        let header = |name: &str| call.headers[name].to_str().unwrap();
        let mark = hmac::sign(&key, call.activity.to_string().as_bytes());
        let digits = HEXLOWER.encode(mark.as_ref());
        assert_eq!(header("x-pamphlet-signature"), format!("sha256={digits}"));
        assert_eq!(header("x-pamphlet-event"), call.activity["event"]);
        assert_eq!(header("content-type"), "application/json");
        let is_repeat = |known: &Arrival| {
            known.headers["x-pamphlet-delivery"] == call.headers["x-pamphlet-delivery"]
        };
        match calls.iter().find(|known| is_repeat(known)) {
            Some(known) => assert_eq!(known.activity, call.activity),
            None => calls.push(call),
        }
    }
    calls
}

/// Waits until the webhook got so many calls, repeats included.
async fn wait_for_calls(node: &TestNode, crowd: &Crowd, count: usize) {
    node.node.store.wake();
    eventually(&format!("{count} calls"), || async {
        (crowd.arrivals_at("hook").len() >= count).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn the_admin_hears_of_all_that_comes_in_and_of_nothing_twice(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let crowd = tell_everything(&mut node).await;
    crowd.respond_next("hook", vec![Canned::status(500)]);
    let (good, loud) = (Peer::start("good").await, Peer::start("loud").await);
    let (ann, bob) = (good.actor("ann").await, loud.actor("bob").await);
    ann.serve_with(json!({"name": "Ann\r\nBcc: evil@mail.test\r\n\r\n\u{202e}Stra\u{df}e"}));
    node.admin(&["block", "add", "loud.localhost", "--comments-held"])
        .await;
    let article = node.publish_any().await;
    let note = ann
        .comment(
            &node.inbox(),
            &article.id,
            "<p>W\u{fc}rdig.</p><p>.</p><p>--\u{a0}</p>",
        )
        .await;
    let admin = node.admin_address();
    let first = &smtp::wait_for(&node, &admin, 1).await[0];
    let subject = smtp::header(first, "subject");
    assert!(
        subject.contains("Stra\u{df}e on \u{201c}On reading slowly\u{201d}")
            && subject.contains("Ann Bcc: evil"),
        "{subject}"
    );
    assert_eq!(smtp::header(first, "bcc"), "");
    assert!(smtp::header(first, "to").contains("\u{c5}sa"), "{first}");
    assert!(smtp::text(first).contains("> W\u{fc}rdig."), "{first}");
    assert!(smtp::link(first, &node.url("/moderate/")).len() > 60);
    wait_for_calls(&node, &crowd, 1).await;
    node.sql("UPDATE messages SET next_attempt_at = 1").await;
    wait_for_calls(&node, &crowd, 2).await;
    // Notices of one minute go in one mail.
    bob.comment(&node.inbox(), &article.id, "<p>Let me in.</p>")
        .await;
    bob.deliver(&node.inbox(), &bob.activity("Follow", json!(node.blog())))
        .await;
    bob.deliver(&node.inbox(), &bob.activity("Follow", json!(node.blog())))
        .await;
    let mut report = bob.activity("Flag", json!([note["id"]]));
    report["content"] = json!("rude\r\nBcc: evil@mail.test");
    bob.deliver(&node.inbox(), &report).await;
    let mut private = ann.note(&article.id, "<p>Between us.</p>");
    (private["to"], private["cc"]) = (json!([node.blog()]), json!([]));
    ann.deliver(&node.inbox(), &ann.activity("Create", private))
        .await;
    node.admin(&["reply", "1", "Thank you."]).await;
    eventually("the answer stands in the thread", || async {
        (node.replies(&article).await.len() == 2).then_some(())
    })
    .await;
    wait_for_calls(&node, &crowd, 6).await;
    let told = calls(&crowd);
    let mut events: Vec<&str> = told
        .iter()
        .map(|call| call.activity["event"].as_str().unwrap())
        .collect();
    events.sort_unstable();
    assert_eq!(
        events,
        ["comment", "comment", "follow-request", "private", "report"]
    );
    let comment = told
        .iter()
        .find(|call| call.activity["comment"]["state"] == "visible")
        .unwrap();
    assert_eq!(comment.activity["comment"]["uri"], note["id"]);
    assert_eq!(comment.activity["article"]["url"], article.url);
    assert_eq!(smtp::mails_to(&admin).len(), 1);
    node.sql("UPDATE settings SET value = '1' WHERE name = 'mailed_at'")
        .await;
    let second = &smtp::wait_for(&node, &admin, 2).await[1];
    assert!(
        smtp::header(second, "subject").contains("1 comment, 3 notices, 1 to approve"),
        "{second}"
    );
    for part in [
        "not published",
        "> Let me in.",
        "asks to follow @blog",
        "reported: \u{201c}rude Bcc: evil@mail.test\u{201d} (",
        "Between us.",
    ] {
        assert!(smtp::text(second).contains(part), "{part}: {second}");
    }
    assert!(
        !smtp::text(second).contains("Thank you.") && !smtp::text(second).contains("W\u{fc}rdig")
    );
    let waiting = "SELECT (SELECT COUNT(*) FROM messages) + (SELECT COUNT(*) FROM comments WHERE untold OR unmailed)
            + (SELECT COUNT(*) FROM notices WHERE untold OR unmailed)";
    node.node.store.wake();
    eventually("nothing waits", || async {
        (node.number(waiting).await == Some(0)).then_some(())
    })
    .await;
    assert!(smtp::mails_to("evil@mail.test").is_empty());
}

#[apply(both_databases)]
async fn a_digest_is_one_mail_of_bounded_length(#[case] database: Database) {
    let node = TestNode::start_with(database, &smtp::table()).await;
    node.publish_any().await;
    let mut rows = Vec::new();
    for number in 1..=130 {
        let state = if number == 130 { "held" } else { "visible" };
        rows.push(format!(
            "((SELECT MAX(id) FROM articles), {number}, 'https://a.example/{number}', 'Ann', '@ann@a.example',
                    '<p>Comment {number}.</p>', '{state}', {number}, {number} + {}, TRUE)",
            chrono::Utc::now().timestamp_millis()
        ));
    }
    node.sql(&format!(
        "INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at,
                received_at, untold) VALUES {}",
        rows.join(", ")
    ))
    .await;
    let unmailed = "SELECT COUNT(*) FROM comments WHERE unmailed AND NOT untold";
    eventually("all wait for the digest", || async {
        (node.number(unmailed).await == Some(130)).then_some(())
    })
    .await;
    node.admin(&["comments", "hide", "3"]).await;
    assert!(smtp::mails_to(&node.admin_address()).is_empty());
    node.sql("UPDATE comments SET received_at = received_at - 86400000")
        .await;
    let digest = &smtp::wait_for(&node, &node.admin_address(), 1).await[0];
    assert!(
        smtp::header(digest, "subject").contains("129 comments, 1 to approve"),
        "{digest}"
    );
    let text = smtp::text(digest);
    assert!(
        text.contains("Comment 130.")
            && text.contains("Comment 2.")
            && !text.contains("Comment 3."),
        "{text}"
    );
    assert!(
        text.contains("And 109 more: run `pamphlet comments list`") && text.len() < 12_000,
        "{text}"
    );
    assert_eq!(text.matches("/moderate/").count(), 20);
    assert_eq!(node.number(unmailed).await, Some(0));
}

#[apply(both_databases)]
async fn a_repeated_notice_is_counted_and_told_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let crowd = tell_everything(&mut node).await;
    let reporter = Peer::start("watch").await.actor("reporter").await;
    let article = node.publish_any().await;
    let report = |words: &str, object: &str| {
        let mut report = reporter.activity("Flag", json!([object]));
        report["content"] = json!(words);
        report
    };
    for number in 0..5 {
        let words = format!("Rude {number}");
        reporter
            .deliver(&node.inbox(), &report(&words, &article.id))
            .await;
    }
    let notices = node.notices().await;
    assert_eq!(
        (notices.len(), &notices[0]["times"]),
        (1, &json!(5)),
        "{notices:?}"
    );
    assert!(
        notices[0]["text"].as_str().unwrap().contains("Rude 4"),
        "{notices:?}"
    );
    let shown = node
        .admin(&["notices", "show", &notices[0]["id"].to_string()])
        .await;
    assert!(shown.contains("5 times, last "), "{shown}");
    // Another object is another notice, and so is a follow request, however often it is repeated.
    reporter
        .deliver(&node.inbox(), &report("Bad", &node.blog()))
        .await;
    for _ in 0..3 {
        let follow = reporter.activity("Follow", json!(node.blog()));
        reporter.deliver(&node.inbox(), &follow).await;
        reporter
            .deliver(&node.inbox(), &reporter.activity("Undo", follow))
            .await;
    }
    wait_for_calls(&node, &crowd, 3).await;
    let told = "SELECT COUNT(*) FROM notices WHERE untold";
    eventually("all is told", || async {
        (node.number(told).await == Some(0)).then_some(())
    })
    .await;
    let mut events: Vec<String> = calls(&crowd)
        .iter()
        .map(|call| call.activity["event"].to_string())
        .collect();
    events.sort_unstable();
    assert_eq!(events, ["\"follow-request\"", "\"report\"", "\"report\""]);
    // Old notices are deleted, unless they were repeated.
    node.sql("UPDATE notices SET created_at = 1; UPDATE notices SET last_at = NULL WHERE kind = 'follow request'").await;
    node.restart().await;
    eventually("the old ones are forgotten", || async {
        (node.notices().await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(node.notices().await[0]["times"], 5);
}

#[apply(both_databases)]
async fn a_domain_causes_so_many_notices_a_day(#[case] database: Database) {
    let node = TestNode::start_with(database, "[limits]\nnotices_of_domain = 3\n").await;
    let (one, two) = (
        Peer::start("one.noise").await,
        Peer::start("two.noise").await,
    );
    let article = node.publish_any().await;
    for (number, peer) in [&one, &two, &one, &two, &one].into_iter().enumerate() {
        let actor = peer.actor(&format!("reporter{number}")).await;
        actor
            .deliver(&node.inbox(), &actor.activity("Flag", json!([article.id])))
            .await;
    }
    assert_eq!(node.notices().await.len(), 3);
    assert_eq!(
        node.dropped("notice beyond the number that its domain may cause")
            .await,
        2
    );
    // Mentions and private posts count as well; what else an activity does is done.
    let actor = one.actor("writer").await;
    let mut private = actor.note("", "<p>Between us.</p>");
    (private["to"], private["cc"]) = (json!([node.blog()]), json!([]));
    actor
        .deliver(&node.inbox(), &actor.activity("Create", private))
        .await;
    let mut quote = actor.note("", "<p>Worth reading.</p>");
    quote["quote"] = json!(article.id);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", quote))
        .await;
    assert_eq!(node.notices().await.len(), 3);
    assert_eq!(
        node.admin_json(&["quotes", "list"])
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let other = Peer::start("calm").await.actor("reporter").await;
    other
        .deliver(&node.inbox(), &other.activity("Flag", json!([article.id])))
        .await;
    assert_eq!(node.notices().await.len(), 4);
}

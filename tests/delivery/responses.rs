//! What each answer of a server means for the message and for the server.

use super::{TEXT, refused, seconds_until, troubled};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually, peer::Canned};
use rstest_reuse::apply;
use std::{
    ops::RangeInclusive,
    time::{Duration, SystemTime},
};

#[derive(Debug)]
enum Outcome {
    /// Delivered after this many POSTs.
    Delivered(usize),
    /// Refused with this status, after this many POSTs.
    Refused(u16, usize),
    /// Retried after this many seconds.
    Waits(RangeInclusive<f64>),
}
use Outcome::{Delivered, Refused, Waits};

const A_MINUTE: RangeInclusive<f64> = 50.0..=78.0;
const A_DAY: RangeInclusive<f64> = 86_380.0..=86_400.0;

fn status(status: u16) -> Canned {
    Canned::status(status)
}

fn retry_after(code: u16, value: &str) -> Canned {
    Canned {
        headers: vec![("retry-after".into(), value.into())],
        ..status(code)
    }
}

fn cases() -> Vec<(&'static str, Vec<Canned>, Outcome)> {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(600));
    let slow = Canned {
        delay: Duration::from_secs(30),
        ..status(202)
    };
    let long = Canned {
        body: vec![b'x'; 5_000_000],
        ..status(202)
    };
    let redirect = Canned {
        headers: vec![("location".into(), "/elsewhere".into())],
        ..status(302)
    };
    vec![
        ("a200", vec![status(200)], Delivered(1)),
        ("a202", vec![status(202)], Delivered(1)),
        ("a204", vec![status(204)], Delivered(1)),
        ("long-answer", vec![long], Delivered(1)),
        ("a401-once", vec![status(401), status(202)], Delivered(2)),
        ("a403-once", vec![status(403), status(202)], Delivered(2)),
        ("a401", vec![status(401), status(401)], Refused(401, 2)),
        ("a403", vec![status(403), status(403)], Refused(403, 2)),
        ("a401-400", vec![status(401), status(400)], Refused(401, 2)),
        ("a401-503", vec![status(401), status(503)], Waits(A_MINUTE)),
        ("a400", vec![status(400)], Waits(A_MINUTE)),
        ("a424", vec![status(424)], Waits(A_MINUTE)),
        ("a417", vec![status(417)], Waits(A_MINUTE)),
        ("a421-once", vec![status(421), status(202)], Delivered(2)),
        ("a421", vec![status(421), status(421)], Waits(A_MINUTE)),
        ("a499", vec![status(499)], Waits(A_MINUTE)),
        ("a405", vec![status(405)], Refused(405, 1)),
        ("a406", vec![status(406)], Refused(406, 1)),
        ("a413-once", vec![status(413), status(202)], Delivered(2)),
        ("a413", vec![status(413), status(413)], Refused(413, 2)),
        ("a422", vec![status(422)], Refused(422, 1)),
        ("a302", vec![redirect], Refused(302, 1)),
        ("a404", vec![status(404)], Refused(404, 1)),
        ("a410", vec![status(410)], Refused(410, 1)),
        ("a408", vec![status(408)], Waits(A_MINUTE)),
        ("a425", vec![status(425)], Waits(A_MINUTE)),
        ("a429", vec![status(429)], Waits(A_MINUTE)),
        ("a500", vec![status(500)], Waits(A_MINUTE)),
        ("a502", vec![status(502)], Waits(A_MINUTE)),
        ("a503", vec![status(503)], Waits(A_MINUTE)),
        ("a599", vec![status(599)], Waits(A_MINUTE)),
        (
            "a429-told",
            vec![retry_after(429, "300")],
            Waits(280.0..=300.0),
        ),
        (
            "a503-told",
            vec![retry_after(503, &date)],
            Waits(580.0..=600.0),
        ),
        (
            "a503-year",
            vec![retry_after(503, "31536000")],
            Waits(A_DAY),
        ),
        ("a503-soon", vec![retry_after(503, "soon")], Waits(A_MINUTE)),
        ("a500-told", vec![retry_after(500, "7200")], Waits(A_MINUTE)),
        ("slow", vec![slow], Waits(A_MINUTE)),
        ("closed-port", vec![], Waits(A_MINUTE)),
        ("no-tls", vec![], Waits(A_MINUTE)),
        ("reset", vec![], Waits(A_MINUTE)),
    ]
}

/// Servers that a [`Crowd`] can't imitate.
async fn move_the_unreachable(node: &TestNode, crowd: &Crowd) {
    let closing = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closing.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = closing.accept().await {
            drop(stream);
        }
    });
    for (name, inbox) in [
        ("closed-port", "http://localhost:1/inbox".to_owned()),
        ("no-tls", format!("https://localhost:{}/inbox", crowd.port)),
        ("reset", format!("http://localhost:{port}/inbox")),
    ] {
        let host = crowd.host(name);
        node.sql(&format!(
            "UPDATE destinations SET inbox = '{inbox}' WHERE host = '{host}'"
        ))
        .await;
    }
}

const SHORT_TIMEOUT: &str = "[delivery]\ntimeout = \"2 seconds\"\n";

#[apply(both_databases)]
async fn each_answer_has_its_consequence(#[case] database: Database) {
    let node = TestNode::start_with(database, SHORT_TIMEOUT).await;
    let crowd = Crowd::start().await;
    let cases = cases();
    let names: Vec<&str> = cases.iter().map(|(name, ..)| *name).collect();
    crowd.follow(&node.database_url, &names).await;
    // One follower whose only inbox this is, so that a 404 has nowhere to go on to.
    node.sql("UPDATE remote_actors SET inbox = shared_inbox")
        .await;
    move_the_unreachable(&node, &crowd).await;
    for (name, answers, _) in &cases {
        crowd.respond_next(name, answers.clone());
    }
    node.publish(TEXT).await;
    eventually("every server was tried", || async {
        let status = node.admin_json(&["deliveries", "status"]).await;
        let waiting = cases
            .iter()
            .filter(|(.., outcome)| matches!(outcome, Waits(_)))
            .count();
        let done = status["delivered"].as_u64()? + status["refused"].as_u64()?;
        (done + waiting as u64 == cases.len() as u64 && status["in_flight"] == 0).then_some(())
    })
    .await;
    let (troubled, refused) = (troubled(&node).await, refused(&node).await);
    for (name, _, outcome) in &cases {
        let shown = troubled
            .iter()
            .find(|shown| shown["host"] == crowd.host(name));
        let refusal = refused
            .iter()
            .find(|refused| refused["inbox"] == crowd.inbox(name));
        let posts = crowd.arrivals_at(name).len();
        match outcome {
            Delivered(expected) => {
                assert_eq!(posts, *expected, "{name}");
                assert!(
                    shown.is_none() && refusal.is_none(),
                    "{name}: {shown:?} {refusal:?}"
                );
            }
            Refused(status, expected) => {
                assert_eq!(posts, *expected, "{name}");
                let refusal = refusal.unwrap_or_else(|| panic!("{name} is not listed"));
                assert_eq!(refusal["status"], *status, "{name}");
                assert_eq!(refusal["activity"], "Create", "{name}");
                assert_eq!(refusal["error"], format!("it answered {status}"), "{name}");
                assert!(
                    shown.is_none_or(|shown| shown["waiting"] == 0),
                    "{name}: {shown:?}"
                );
            }
            Waits(seconds) => {
                assert!(refusal.is_none(), "{name}: {refusal:?}");
                let shown = shown.unwrap_or_else(|| panic!("{name} is not in trouble"));
                assert_eq!(shown["waiting"], 1, "{name}");
                assert_eq!(shown["failures"], 1, "{name}");
                let wait = seconds_until(&shown["next_attempt"]);
                assert!(seconds.contains(&wait), "{name} is tried again in {wait} s");
                assert_ne!(shown["last_error"].as_str().unwrap(), "", "{name}");
            }
        }
    }
    let told = node.admin(&["deliveries", "refused"]).await;
    assert!(told.contains("it answered 422") && told.contains(&crowd.inbox("a422")));
    assert!(
        crowd
            .arrivals()
            .iter()
            .all(|arrival| arrival.path == "/inbox"),
        "a redirect was followed"
    );
}

#[apply(both_databases)]
async fn the_signature_style_that_a_server_takes_is_remembered(#[case] database: Database) {
    let node = TestNode::start_with(database, SHORT_TIMEOUT).await;
    let crowd = Crowd::start().await;
    crowd
        .follow(&node.database_url, &["modern", "refuses", "old"])
        .await;
    crowd.respond_next("modern", vec![status(401)]);
    crowd.respond_next("refuses", vec![status(401), status(401)]);
    node.publish(TEXT).await;
    for (name, posts) in [("modern", 2), ("refuses", 2), ("old", 1)] {
        crowd.wait_at(name, posts).await;
    }
    node.publish(&TEXT.replace("News", "More")).await;
    let styles = |arrivals: Vec<crate::support::crowd::Arrival>| -> Vec<bool> {
        arrivals
            .iter()
            .map(|arrival| arrival.is_rfc9421())
            .collect()
    };
    assert_eq!(
        styles(crowd.wait_at("modern", 3).await),
        [false, true, true]
    );
    assert_eq!(
        styles(crowd.wait_at("refuses", 3).await),
        [false, true, false]
    );
    assert_eq!(styles(crowd.wait_at("old", 2).await), [false, false]);
    // Later it prefers the other signature style.
    crowd.respond_next("modern", vec![status(401)]);
    node.publish(&TEXT.replace("News", "Still more")).await;
    crowd.wait_at("modern", 5).await;
    node.publish(&TEXT.replace("News", "The last")).await;
    assert_eq!(
        styles(crowd.wait_at("modern", 6).await)[3..],
        [true, false, false]
    );
}

#[apply(both_databases)]
async fn a_message_that_is_refused_is_not_sent_again_and_the_next_one_is_sent(
    #[case] database: Database,
) {
    let node = TestNode::start_with(database, SHORT_TIMEOUT).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["strict"]).await;
    crowd.respond_next("strict", vec![status(422)]);
    let first = node.publish(TEXT).await;
    crowd.wait_at("strict", 1).await;
    let second = node.publish(&TEXT.replace("News", "More")).await;
    crowd.wait_at("strict", 2).await;
    let objects: Vec<_> = crowd
        .arrivals_at("strict")
        .iter()
        .map(|arrival| {
            arrival.activity["object"]["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(objects, [first.id.clone(), second.id]);
    let refused = refused(&node).await;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["object"], first.id);
}

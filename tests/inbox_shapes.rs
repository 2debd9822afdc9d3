//! Bodies of hostile size, encoding, nesting and meaning.

use crate::support::{
    Actor, Database, Peer, SignedPost, TestNode, both_databases, eventually,
    signed_post::{RawResponse, send_raw},
};
use data_encoding::HEXLOWER;
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn follower(node: &TestNode) -> Actor {
    let actor = Peer::start("sender").await.actor("reader").await;
    actor.follow(&node.inbox(), &node.blog()).await;
    actor
}

/// Returns a signed POST of these bytes.
fn post_of(node: &TestNode, actor: &Actor, body: Vec<u8>) -> SignedPost {
    SignedPost::of_bytes(&node.inbox(), body, actor.key.clone(), &actor.key_id)
}

/// Returns the head of a request without its length.
fn head_of(post: &SignedPost) -> String {
    let mut text = format!(
        "POST {} HTTP/1.1\r\nsignature: {}\r\nconnection: close\r\n",
        post.target(),
        post.signature()
    );
    for (name, value) in &post.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text
}

async fn connect(post: &SignedPost) -> TcpStream {
    TcpStream::connect(("127.0.0.1", post.url.port().unwrap()))
        .await
        .unwrap()
}

/// Returns the rows without the counts of dropped activities.
async fn rows(node: &TestNode) -> BTreeMap<String, i64> {
    let mut rows = node.rows().await;
    rows.remove("inbox_counts");
    rows
}

/// Returns a text that no compression shortens.
fn noise(length: usize) -> String {
    let mut bytes = vec![0; length / 2];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    HEXLOWER.encode(&bytes)
}

// Threats 25 and 52.
#[apply(both_databases)]
async fn a_body_that_is_too_large_or_encoded_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let like = actor.activity("Like", json!(node.publish_any().await.id));
    let before = node.rows().await;
    let mut large = like.clone();
    large["content"] = json!("a".repeat(1024 * 1024));
    let large = post_of(&node, &actor, large.to_string().into_bytes());
    assert!(large.send().await.is_problem(413), "over 1 MiB");
    let mut claim = head_of(&large);
    claim.push_str("content-length: 99999999999\r\n\r\n");
    assert!(
        send_raw(&large.url, claim.as_bytes()).await.is_problem(413),
        "a claim of 100 GB"
    );
    let mut chunked = head_of(&large).into_bytes();
    chunked.extend(
        format!(
            "transfer-encoding: chunked\r\n\r\n{:x}\r\n",
            large.body.len()
        )
        .into_bytes(),
    );
    chunked.extend(&large.body);
    chunked.extend(b"\r\n0\r\n\r\n");
    assert!(
        send_raw(&large.url, &chunked).await.is_problem(413),
        "over 1 MiB without length"
    );
    for encoding in ["gzip", "br", "deflate", "x-gzip", "identity"] {
        let post = post_of(&node, &actor, like.to_string().into_bytes())
            .header("content-encoding", encoding);
        let reply = post.send().await;
        assert!(reply.is_problem(415), "{encoding}: {reply:?}");
    }
    for kind in [
        "text/plain",
        "text/html",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "",
    ] {
        let post =
            post_of(&node, &actor, like.to_string().into_bytes()).header("content-type", kind);
        let reply = post.send().await;
        assert!(reply.is_problem(415), "{kind}: {reply:?}");
    }
    assert!(
        post_of(&node, &actor, Vec::new())
            .without("content-type")
            .send()
            .await
            .is_problem(415)
    );
    assert_eq!(node.rows().await, before);
    assert_eq!(
        post_of(&node, &actor, like.to_string().into_bytes())
            .send()
            .await
            .status,
        202
    );
}

// Threat 25.
#[apply(both_databases)]
async fn a_body_that_comes_slowly_or_not_at_all_is_given_up(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let post = post_of(
        &node,
        &actor,
        actor
            .activity("Like", json!(node.publish_any().await.id))
            .to_string()
            .into_bytes(),
    );
    let before = node.rows().await;
    let head = format!(
        "{}content-length: {}\r\n\r\n",
        head_of(&post),
        post.body.len()
    );
    // A truncated body is not accepted.
    let mut cut = connect(&post).await;
    cut.write_all(head.as_bytes()).await.unwrap();
    cut.write_all(&post.body[..post.body.len() - 1])
        .await
        .unwrap();
    drop(cut);
    // A byte a second.
    let start = Instant::now();
    let (mut reader, mut writer) = connect(&post).await.into_split();
    writer.write_all(head.as_bytes()).await.unwrap();
    let body = post.body.clone();
    let dripping = tokio::spawn(async move {
        for byte in body {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut answer = Vec::new();
    let _ = reader.read_to_end(&mut answer).await;
    dripping.abort();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(15));
    assert_eq!(node.rows().await, before);
    assert_eq!(post.send().await.status, 202, "in one piece");
}

// Threat 26.
#[apply(both_databases)]
async fn json_that_is_hostile_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let article = node.publish_any().await.id;
    let wrapped = |extra: &[u8]| {
        let like = actor.activity("Like", json!(article)).to_string();
        let mut text = like.into_bytes();
        text.pop();
        text.push(b',');
        text.extend_from_slice(extra);
        text.push(b'}');
        text
    };
    let keys: Vec<String> = (0..100_000)
        .map(|number| format!("\"{number:x}\":1"))
        .collect();
    let deep =
        |open: &str, close: &str| format!("\"x\":{}1{}", open.repeat(10_000), close.repeat(10_000));
    let mut cut = wrapped(b"\"x\":1");
    cut.pop();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("10,000 lists", wrapped(deep("[", "]").as_bytes())),
        ("10,000 objects", wrapped(deep("{\"a\":", "}").as_bytes())),
        ("100,000 keys", wrapped(keys.join(",").as_bytes())),
        (
            "100,000 entries",
            wrapped(format!("\"x\":[{}1]", "1,".repeat(100_000)).as_bytes()),
        ),
        (
            "a second actor",
            wrapped(b"\"actor\":\"https://evil.example/\""),
        ),
        (
            "a second actor with an escape",
            wrapped(br#""\u0061ctor":"https://evil.example/""#),
        ),
        ("a key twice below", wrapped(b"\"x\":{\"a\":1,\"a\":2}")),
        ("invalid UTF-8", wrapped(b"\"x\":\"\xff\xfe\"")),
        ("an overlong form", wrapped(b"\"x\":\"\xc0\xaf\"")),
        ("NUL", wrapped(br#""x":"\u0000""#)),
        ("a raw NUL", wrapped(b"\"x\":\"\0\"")),
        ("NUL in a key", wrapped(br#""\u0000":1"#)),
        ("a lone surrogate", wrapped(br#""x":"\ud800""#)),
        ("a number beyond all", wrapped(b"\"x\":1e999")),
        ("not a number", wrapped(b"\"x\":NaN")),
        ("a comment", wrapped(b"\"x\":1 /* */")),
        ("cut off", cut),
        (
            "two documents",
            [wrapped(b"\"x\":1"), wrapped(b"\"x\":1")].concat(),
        ),
        ("a byte order mark of UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        ("nothing", Vec::new()),
        ("a list", b"[]".to_vec()),
        ("a text", b"\"Like\"".to_vec()),
        ("an object of nothing", b"{}".to_vec()),
    ];
    let before = node.rows().await;
    for (name, body) in cases {
        let reply = post_of(&node, &actor, body).send().await;
        assert!(reply.is_problem(400), "{name}: {reply:?}");
        assert!(reply.body.len() < 600, "{name}: {reply:?}");
        assert_eq!(node.rows().await, before, "{name}");
    }
    // A huge number that JSON has is one that nobody reads.
    let reply = post_of(
        &node,
        &actor,
        wrapped(b"\"x\":1e308,\"y\":-18446744073709551617"),
    )
    .send()
    .await;
    assert_eq!(reply.status, 202, "{reply:?}");
}

// Threat 26.
#[apply(both_databases)]
async fn ids_that_are_none_are_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let like = actor.activity("Like", json!(node.publish_any().await.id));
    let before = node.rows().await;
    let long = format!("{}/{}", actor.id, noise(5000));
    for (field, value) in [
        ("id", json!(5)),
        ("id", json!(-1.5e300)),
        ("id", json!(true)),
        ("id", json!([])),
        ("id", json!({})),
        ("id", json!("")),
        ("id", json!("like-1")),
        ("id", json!("urn:uuid:1")),
        ("id", json!("javascript:alert(1)")),
        ("id", json!(long)),
        ("actor", json!(5)),
        ("actor", json!("")),
        ("actor", json!("reader")),
        ("actor", json!([])),
        ("actor", json!({"id": 5})),
        ("actor", json!(long)),
        ("object", json!(5)),
        ("object", json!(null)),
        ("object", json!([])),
        ("object", json!({})),
        ("type", json!(5)),
        ("type", json!(null)),
        ("type", json!([])),
        ("type", json!("")),
    ] {
        let mut spoiled = like.clone();
        spoiled[field] = value.clone();
        let reply = actor.send(&node.inbox(), &spoiled).await;
        assert!(
            (400..404).contains(&reply.status),
            "{field} {value}: {reply:?}"
        );
        assert!(reply.is_problem(reply.status), "{field} {value}: {reply:?}");
        assert_eq!(node.rows().await, before, "{field} {value}");
    }
}

// Threat 29.
#[apply(both_databases)]
async fn linked_data_that_hides_or_renames_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let article = node.publish_any().await.id;
    let before = node.rows().await;
    for (field, value) in [
        ("@graph", json!([{"id": "https://evil.example/"}])),
        ("@reverse", json!({"object": "https://evil.example/"})),
        ("@included", json!([{}])),
        ("@nest", json!({"actor": "https://evil.example/"})),
        ("@context", json!({"actor": "https://evil.example/actor"})),
        (
            "@context",
            json!(["https://www.w3.org/ns/activitystreams", {"id": "https://evil.example/id"}]),
        ),
        ("@context", json!([[{"object": {"@id": "as:target"}}]])),
        ("@context", json!({"type": null})),
        (
            "@context",
            json!({"content": {"@id": "as:content", "@reverse": "as:content"}}),
        ),
        ("tag", json!([{"@context": {"attributedTo": "as:actor"}}])),
        ("tag", json!({"href": {"@graph": []}})),
    ] {
        let mut spoiled = actor.activity("Like", json!(article));
        spoiled[field] = value.clone();
        let reply = actor.send(&node.inbox(), &spoiled).await;
        assert!(reply.is_problem(400), "{field} {value}: {reply:?}");
        assert_eq!(node.rows().await, before, "{field} {value}");
    }
}

// Threat 30.
#[apply(both_databases)]
async fn what_nobody_knows_is_dropped_and_counted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let article = node.publish_any().await.id;
    let before = rows(&node).await;
    for kind in [
        "Knock",
        "Travel",
        "Arrive",
        "https://example.com/ns#Thing",
        "create",
    ] {
        actor
            .deliver(&node.inbox(), &actor.activity(kind, json!(article)))
            .await;
    }
    assert_eq!(node.dropped("unknown activity type").await, 5);
    assert_eq!(rows(&node).await, before);
}

// Threat 54.
#[apply(both_databases)]
async fn the_first_body_of_an_id_stands(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let article = node.publish_any().await.id;
    let first = actor.activity("Create", actor.note(&article, "<p>First.</p>"));
    let mut second = actor.activity("Create", actor.note(&article, "<p>Second.</p>"));
    second["id"] = first["id"].clone();
    let mut third = actor.activity("Create", first["object"].clone());
    third["object"]["content"] = json!("<p>Third.</p>");
    let mut fourth = actor.activity("Like", json!(article));
    fourth["id"] = first["id"].clone();
    for activity in [&first, &second, &third, &fourth] {
        actor.deliver(&node.inbox(), activity).await;
    }
    let comments = node.comments().await;
    assert_eq!(comments.len(), 1);
    assert!(comments[0].to_string().contains("First."), "{comments:?}");
    assert_eq!(node.rows().await["reactions"], 0);
}

// Threat 54.
#[apply(both_databases)]
async fn concurrent_copies_become_one_row(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = follower(&node).await;
    let article = node.publish_any().await.id;
    let before = rows(&node).await;
    let note = actor.note(&article, "<p>Once.</p>");
    let same = actor.activity("Create", note.clone());
    let mut activities: Vec<Value> = vec![same; 10];
    // The same object in other activities, as relays and groups send it.
    activities.extend((0..10).map(|_| actor.activity("Create", note.clone())));
    activities.extend(vec![actor.activity("Like", json!(article)); 10]);
    activities.extend((0..10).map(|_| actor.activity("Like", json!(article))));
    activities.extend((0..10).map(|_| actor.activity("Follow", json!(node.blog()))));
    let (node, actor) = (&node, &actor);
    let sent = activities.iter().map(|activity| async move {
        let mut reply: RawResponse = actor.send(&node.inbox(), activity).await;
        // A busy database is no loss: the sender keeps it.
        for _ in 0..100 {
            if reply.status != 503 {
                break;
            }
            reply = actor.send(&node.inbox(), activity).await;
        }
        reply
    });
    for reply in futures::future::join_all(sent).await {
        assert_eq!(reply.status, 202, "{reply:?}");
    }
    let after = rows(node).await;
    for (table, more) in [("comments", 1), ("reactions", 1), ("followers", 0)] {
        assert_eq!(after[table], before[table] + more, "{table}");
    }
    eventually("each follow is accepted", || async {
        (actor.peer.received_of("Accept").len() == 11).then_some(())
    })
    .await;
}

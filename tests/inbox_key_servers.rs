//! What a hostile or broken key server can cost: little, and only its own senders.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, peer::Canned, signed_post::RawResponse,
};
use rstest_reuse::apply;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Starts the node again with a fetch timeout of a second.
async fn impatient(mut node: TestNode) -> TestNode {
    node.configure("[federation]\nfetch_timeout = 1\n");
    node.restart().await;
    node
}

/// Sends an activity that is dropped after its signature is verified.
async fn knock(node: &TestNode, actor: &Actor) -> RawResponse {
    actor
        .send(&node.inbox(), &actor.activity("Knock", json!(node.blog())))
        .await
}

fn path_of(actor: &Actor) -> String {
    actor
        .id
        .strip_prefix(&actor.peer.origin)
        .unwrap()
        .to_owned()
}

fn redirect(target: &str) -> Canned {
    Canned {
        headers: vec![("location".into(), target.into())],
        ..Canned::status(302)
    }
}

/// Starts a server whose response has no end and comes byte by byte.
async fn dripping(name: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "http://{name}.localhost:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\n\r\n";
                let mut sent = stream.write_all(head.as_bytes()).await;
                while sent.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    sent = stream.write_all(b" ").await;
                }
            });
        }
    });
    origin
}

/// Returns eight megabytes of zeros as gzip (RFC 1951 3.2.6: a literal, then copies of 258 bytes).
fn gzip_bomb() -> Vec<u8> {
    let mut bits = vec![true, true, false];
    bits.extend([false, false, true, true, false, false, false, false]);
    for _ in 0..32_000 {
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let byte = |bits: &[bool]| {
        let set = bits.iter().enumerate();
        set.fold(0, |byte, (place, bit)| byte | u8::from(*bit) << place)
    };
    bytes.extend(bits.chunks(8).map(byte));
    bytes
}

// Threats 13 and 52.
#[apply(both_databases)]
async fn a_key_server_that_misbehaves_is_answered_in_time(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let node = impatient(node).await;
    let peer = Peer::start("sender").await;
    let drip = dripping("dripping").await;
    let document = |text: &[u8]| Canned {
        body: text.to_vec(),
        ..Canned::document(&json!({}))
    };
    let with = |mut canned: Canned, name: &str, value: &str| {
        canned.headers.push((name.into(), value.into()));
        canned
    };
    let large = format!("{{\"id\": \"{}\"}}", "a".repeat(10 * 1024 * 1024));
    let cases = [
        ("404", 401, Canned::status(404)),
        ("410", 401, Canned::status(410)),
        ("403", 401, Canned::status(403)),
        ("400", 401, Canned::status(400)),
        ("401", 401, Canned::status(401)),
        ("408", 503, Canned::status(408)),
        ("421", 503, Canned::status(421)),
        ("500", 503, Canned::status(500)),
        ("503", 503, Canned::status(503)),
        ("429", 503, Canned::status(429)),
        (
            "hanging",
            503,
            Canned {
                delay: Duration::from_secs(60),
                ..Canned::status(200)
            },
        ),
        ("dripping", 503, redirect(&format!("{drip}/users/dripping"))),
        (
            "HTML",
            401,
            Canned {
                headers: vec![("content-type".into(), "text/html".into())],
                ..document(b"<p>Not found.</p>")
            },
        ),
        (
            "HTML that says to be JSON",
            401,
            document(b"<p>Not found.</p>"),
        ),
        ("a list", 401, document(b"[]")),
        ("no id", 401, document(b"{}")),
        ("nothing", 401, document(b"")),
        ("10 MB", 401, document(large.as_bytes())),
        (
            "a gzip bomb",
            401,
            with(document(&gzip_bomb()), "content-encoding", "gzip"),
        ),
        (
            "broken gzip",
            401,
            with(document(b"not gzip"), "content-encoding", "gzip"),
        ),
        ("deep", 401, document("[".repeat(100_000).as_bytes())),
        (
            "a redirect to itself",
            401,
            redirect(&peer.url("/users/a-redirect-to-itself")),
        ),
        ("a redirect to nowhere", 401, Canned::status(302)),
        ("a redirect to a file", 401, redirect("file:///etc/passwd")),
        (
            "a redirect with a password",
            401,
            redirect("http://a:b@localhost/"),
        ),
        (
            "a redirect to a closed port",
            503,
            redirect("http://localhost:1/"),
        ),
        ("a redirect to this node", 401, redirect(&node.blog())),
    ];
    let before = node.rows().await;
    for (name, status, canned) in cases {
        let actor = peer.actor(&name.to_lowercase().replace(' ', "-")).await;
        peer.serve(&path_of(&actor), canned);
        let start = Instant::now();
        let reply = knock(&node, &actor).await;
        assert!(reply.is_problem(status), "{name}: {reply:?}");
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{name} took {:?}",
            start.elapsed()
        );
        assert!(reply.body.len() < 600, "{name}: {reply:?}");
    }
    assert_eq!(node.rows().await, before);
}

// Threats 13 and 52: the patience is for all that one key takes, not for each of its requests.
#[apply(both_databases)]
async fn a_chain_of_slow_answers_is_cut_off(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let node = impatient(node).await;
    let mut actor = Peer::start("sender").await.actor("reader").await;
    let peer = actor.peer.clone();
    actor.key_id = peer.url("/keys/1");
    let slow = |canned: Canned| Canned {
        delay: Duration::from_millis(700),
        ..canned
    };
    peer.serve("/keys/1", slow(redirect("/keys/2")));
    peer.serve(
        "/keys/2",
        slow(Canned::document(
            &json!({"id": peer.url("/keys/1/"), "owner": actor.id}),
        )),
    );
    peer.serve(
        "/keys/1/",
        slow(Canned::document(
            &json!({"id": peer.url("/keys/1/"), "owner": actor.id}),
        )),
    );
    peer.serve("/users/reader", slow(Canned::document(&actor.document())));
    let start = Instant::now();
    let reply = knock(&node, &actor).await;
    assert!(reply.is_problem(503), "{reply:?}");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

// Threats 13 and 51.
#[apply(both_databases)]
async fn others_do_not_wait_for_a_key_server_that_hangs(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let node = Arc::new(node);
    let hanging = Peer::start("hanging").await;
    let known = Peer::start("known").await.actor("reader").await;
    assert_eq!(knock(&node, &known).await.status, 202);
    let mut flood = Vec::new();
    for number in 0..30 {
        let actor = hanging.actor(&format!("actor{number}")).await;
        hanging.serve(
            &path_of(&actor),
            Canned {
                delay: Duration::from_secs(60),
                ..Canned::status(200)
            },
        );
        let node = node.clone();
        flood.push(tokio::spawn(async move { knock(&node, &actor).await }));
    }
    let caught =
        crate::support::eventually("some are being fetched, the others answered", || async {
            let answered = flood.iter().filter(|task| task.is_finished()).count();
            (answered + hanging.gets().len() == 30).then_some(answered)
        })
        .await;
    assert!(caught >= 26, "{caught}");
    let start = Instant::now();
    let new = Peer::start("new").await.actor("reader").await;
    assert_eq!(knock(&node, &known).await.status, 202);
    assert_eq!(knock(&node, &new).await.status, 202);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    for task in flood {
        if task.is_finished() {
            let reply = task.await.unwrap();
            assert!(reply.is_problem(503), "{reply:?}");
        } else {
            task.abort();
        }
    }
}

// Threat 51. A failure that may have passed is no permanent refusal: the sender must try again.
#[apply(both_databases)]
async fn a_key_that_can_not_be_had_is_asked_for_once_and_remembered_by_its_reason(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("sender").await;
    let page = Canned {
        headers: vec![("content-type".into(), "text/html".into())],
        ..Canned::document(&json!({}))
    };
    let mut cases: Vec<(&str, u16, u16, Canned)> = Vec::new();
    for (name, status) in [
        ("gone", 410),
        ("missing", 404),
        ("proxied", 400),
        ("private", 403),
        ("secure", 401),
        ("teapot", 418),
    ] {
        cases.push((name, 401, 503, Canned::status(status)));
    }
    for (name, status) in [("down", 500), ("away", 503), ("busy", 429)] {
        cases.push((name, 503, 503, Canned::status(status)));
    }
    cases.push(("waiting-room", 401, 503, page));
    cases.push((
        "cut-off",
        401,
        503,
        Canned {
            body: b"{\"id\":".to_vec(),
            ..Canned::document(&json!({}))
        },
    ));
    // The fetched document proves that the key is not the sender's.
    cases.push(("nobody", 401, 401, Canned::document(&json!({}))));
    cases.push(("other", 401, 401, redirect(&node.blog())));
    for (name, first, then, canned) in cases {
        let actor = peer.actor(name).await;
        peer.serve(&path_of(&actor), canned);
        let reply = knock(&node, &actor).await;
        assert!(reply.is_problem(first), "{name}: {reply:?}");
        for _ in 0..3 {
            let reply = knock(&node, &actor).await;
            assert!(reply.is_problem(then), "{name}, from memory: {reply:?}");
            assert_eq!(
                reply.head.contains("retry-after: "),
                then == 503,
                "{name}: {reply:?}"
            );
        }
        assert_eq!(peer.get_count(&path_of(&actor)), 1, "{name}");
    }
}

// Threat 51.
#[apply(both_databases)]
async fn a_signature_is_not_forwarded_across_a_redirect(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut actor = Peer::start("sender").await.actor("reader").await;
    let (peer, other) = (actor.peer.clone(), Peer::start("other").await);
    actor.key_id = peer.url("/moved");
    peer.serve("/moved", redirect(&other.url("/target")));
    assert!(knock(&node, &actor).await.is_problem(401));
    let (first, second) = (peer.headers_of("/moved"), other.headers_of("/target"));
    assert_eq!(second["host"], other.authority.as_str());
    assert!(first.contains_key("signature"));
    assert_ne!(
        first["signature"], second["signature"],
        "what was signed for one host went to another"
    );
}

/// Threats 13 and 51: addresses that a peer could reach through us, outside of development mode.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_node_connects_to_no_private_address() {
    let node = TestNode::start_public(Database::Sqlite, "https://pamphlet.example").await;
    let peer = Peer::start("inside").await;
    let mut actor = peer.actor("reader").await;
    let port = peer.authority.rsplit(':').next().unwrap().to_owned();
    let before = node.rows().await;
    for origin in [
        "https://localhost".to_owned(),
        "https://127.0.0.1".to_owned(),
        "https://2130706433".to_owned(),
        "https://0x7f.1".to_owned(),
        "https://[::1]".to_owned(),
        "https://[::ffff:127.0.0.1]".to_owned(),
        "https://169.254.169.254".to_owned(),
        format!("https://localhost:{port}"),
        peer.origin.clone(),
    ] {
        actor.id = format!("{origin}/users/reader");
        actor.key_id = format!("{}#main-key", actor.id);
        let start = Instant::now();
        let reply = actor
            .signed(
                &node.inbox(),
                &actor.activity("Knock", json!("https://pamphlet.example/users/blog")),
            )
            .header("host", "pamphlet.example")
            .send()
            .await;
        assert!(reply.is_problem(401), "{origin}: {reply:?}");
        assert!(start.elapsed() < Duration::from_secs(10), "{origin}");
    }
    assert_eq!(peer.gets().len(), 0);
    assert_eq!(node.rows().await, before);
}

//! The cost of connections: their time, their memory, and their number.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    signed_post::{RawResponse, SignedPost},
};
use futures::future::join_all;
use rstest_reuse::apply;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// Time limits that keep the tests short.
const SHORT: &str = "[limits]\nrequest_seconds = 1\nresponse_seconds = 1\nidle_seconds = 4\n\
                     body_megabytes = 2\nbody_megabytes_of_address = 1\n";
/// Longer than any of these limits, even on a busy machine.
const LONG: Duration = Duration::from_secs(30);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

async fn connect(node: &TestNode) -> TcpStream {
    let port = node.node.config.listen.port();
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// Connects from another address of this machine, which is no proxy.
async fn connect_from(node: &TestNode, address: &str) -> TcpStream {
    let port = node.node.config.listen.port();
    let socket = TcpSocket::new_v4().unwrap();
    socket
        .bind(format!("{address}:0").parse().unwrap())
        .unwrap();
    let target = format!("127.0.0.1:{port}").parse().unwrap();
    socket.connect(target).await.unwrap()
}

/// Returns an HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Returns the header block of a GET.
fn headers_of(path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x04, path.len() as u8];
    block.extend(path.as_bytes());
    block.extend([0x01, 9]);
    block.extend(b"localhost");
    block
}

/// Sends bytes and reads until the node closes the connection; what came, and how long that took.
async fn until_closed(mut stream: TcpStream, bytes: &[u8]) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "it is still open after {LONG:?}");
    (answer, begun.elapsed())
}

/// Waits until the node has closed a connection of which nothing is read.
async fn wait_for_reset(stream: &mut TcpStream, bytes: &[u8]) {
    let begun = Instant::now();
    while stream.write_all(bytes).await.is_ok() {
        assert!(begun.elapsed() < LONG, "it is still open");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Returns a signed activity of this size without its last byte.
fn unfinished(post: &SignedPost) -> Vec<u8> {
    let mut bytes = format!("POST {} HTTP/1.1\r\n", post.target());
    for (name, value) in &post.headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str(&format!(
        "signature: {}\r\ncontent-length: {}\r\n\r\n",
        post.signature(),
        post.body.len()
    ));
    let mut bytes = bytes.into_bytes();
    bytes.extend(&post.body[..post.body.len() - 1]);
    bytes
}

fn large_post(node: &TestNode, actor: &Actor, article: &str) -> SignedPost {
    let mut note = actor.note(article, "<p>Long.</p>");
    note["padding"] = json!("x".repeat(700 * 1024));
    actor.signed(&node.inbox(), &actor.activity("Create", note))
}

async fn send_unsigned(node: &TestNode, body: &[u8]) -> RawResponse {
    let post = SignedPost::of_bytes(
        &node.inbox(),
        body.to_vec(),
        crate::support::peer::any_key(0),
        "https://a.example/u",
    );
    post.send_with_signature(None).await
}

#[apply(both_databases)]
async fn a_connection_that_makes_no_progress_is_closed(#[case] database: Database) {
    let node = TestNode::start_with(database, SHORT).await;
    let settings = frame(4, 0, 0, &[]);
    let half = frame(1, 0, 1, &headers_of("/"));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("one byte", b"G".to_vec()),
        ("half a request line", b"GET / HTTP".to_vec()),
        (
            "half of the headers",
            b"GET / HTTP/1.1\r\nhost: localhost\r\n".to_vec(),
        ),
        ("the preface alone", PREFACE.to_vec()),
        ("settings", [PREFACE, &settings].concat()),
        (
            "half of HEADERS",
            [PREFACE, &settings, &half[..12]].concat(),
        ),
        (
            "HEADERS without their end",
            [PREFACE, &settings, &half].concat(),
        ),
    ];
    let node = &node;
    let closed = cases.iter().map(|(name, bytes)| async move {
        let (_, time) = until_closed(connect(node).await, bytes).await;
        assert!(time < Duration::from_secs(10), "{name}: {time:?}");
    });
    join_all(closed).await;
    // A client that sends its headers slowly gets no more time.
    let mut stream = connect(node).await;
    let begun = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    while stream.write_all(b"x: y\r\n").await.is_ok() {
        assert!(begun.elapsed() < LONG);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[apply(both_databases)]
async fn a_connection_rests_between_two_requests_for_a_while(#[case] database: Database) {
    let node = TestNode::start_with(database, SHORT).await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut stream = connect(&node).await;
    for _ in 0..2 {
        stream.write_all(request).await.unwrap();
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        // Longer than a request may take, shorter than a pause may.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        while timeout(Duration::from_millis(50), stream.read_u8())
            .await
            .is_ok_and(|byte| byte.is_ok())
        {}
    }
    let (_, time) = until_closed(stream, request).await;
    assert!(time > Duration::from_secs(3), "{time:?}");
    // The same with HTTP/2.
    let get = frame(1, 5, 1, &headers_of("/healthz"));
    let (answer, time) = until_closed(
        connect(&node).await,
        &[PREFACE, &frame(4, 0, 0, &[]), &get].concat(),
    )
    .await;
    assert!(
        answer.windows(2).any(|bytes| bytes == b"ok"
            || bytes == b"OK"
            || bytes == [0x88, 0x5f]
            || bytes[0] == 0x88),
        "{answer:?}"
    );
    assert!(time > Duration::from_secs(3), "{time:?}");
}

#[apply(both_databases)]
async fn an_answer_that_nobody_reads_is_given_up(#[case] database: Database) {
    let node = TestNode::start_with(database, SHORT).await;
    let request = b"GET /source.tar HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut stream = connect(&node).await;
    stream.write_all(&request.repeat(20)).await.unwrap();
    wait_for_reset(&mut stream, request).await;
    // A client with a closed window gets no response.
    let no_window = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let get = frame(1, 5, 1, &headers_of("/source.tar"));
    let (answer, time) =
        until_closed(connect(&node).await, &[PREFACE, &no_window, &get].concat()).await;
    assert!(
        answer.len() < 2000 && time < Duration::from_secs(12),
        "{} bytes, {time:?}",
        answer.len()
    );
    // A client that continues to read gets all of it.
    let (status, archive) = node.get_bytes("/source.tar").await;
    assert!(status == 200 && archive.len() > 1_000_000);
}

#[apply(both_databases)]
async fn forms_have_a_time_and_a_size(#[case] database: Database) {
    let node = TestNode::start_with(database, SHORT).await;
    let article = node.publish_any().await;
    let comments = article.id.strip_prefix(&node.origin).unwrap().to_owned() + "/comments";
    let paths = ["/interact", "/comments/confirm", "/moderate/x", &comments];
    let head = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let (node, head) = (&node, &head);
    join_all(paths.iter().map(|path| async move {
        let stalled = head(path, 1000) + "uri=";
        let (answer, time) = until_closed(connect(node).await, stalled.as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert!(time < Duration::from_secs(10), "{path}: {time:?}");
    }))
    .await;
    for path in paths {
        let large = head(path, 70_000) + &"x".repeat(70_000);
        let (answer, _) = until_closed(
            connect(node).await,
            large
                .replace("host:", "connection: close\r\nhost:")
                .as_bytes(),
        )
        .await;
        assert!(answer.starts_with(b"HTTP/1.1 413 "), "{path}");
    }
}

#[apply(both_databases)]
async fn bodies_have_a_memory_for_all_of_them(#[case] database: Database) {
    // A busy machine needs some seconds to receive them all, and none may be too late before the next one is there.
    let config = SHORT.replace("request_seconds = 1", "request_seconds = 8");
    let node = TestNode::start_with(database, &config).await;
    let peer = Peer::start("bodies").await;
    let (article, actor) = (node.publish_any().await.id, peer.actor("writer").await);
    let large = large_post(&node, &actor, &article);
    // An unsigned activity is refused by its headers alone, however large it is.
    let body = vec![b'x'; 1000 * 1024];
    let unsigned = join_all((0..40).map(|_| send_unsigned(&node, &body))).await;
    assert!(
        unsigned.iter().all(|reply| reply.is_problem(401)),
        "{:?}",
        unsigned
            .iter()
            .map(|reply| reply.status)
            .collect::<Vec<_>>()
    );
    // Two of 700 KB fit into 2 MiB; the next one gets a 503.
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let mut stream = connect(&node).await;
        stream.write_all(&unfinished(&large)).await.unwrap();
        stalled.push(stream);
    }
    let answers = join_all(stalled.into_iter().map(|stream| until_closed(stream, b""))).await;
    let statuses: Vec<String> = answers
        .iter()
        .map(|(answer, _)| String::from_utf8_lossy(&answer[9..12]).into_owned())
        .collect();
    assert!(
        statuses
            .iter()
            .all(|status| ["408", "503"].contains(&status.as_str())),
        "{statuses:?}"
    );
    let has = |wanted: &str| statuses.iter().any(|status| status == wanted);
    assert!(has("408") && has("503"), "{statuses:?}");
    let limits = node
        .node
        .quota
        .acquire_memory(
            pamphlet::quota::Limit::BodyMegabytes,
            "",
            2 * 1024 * 1024,
            Duration::ZERO,
        )
        .await;
    assert!(limits.is_ok(), "all of it is free again");
    drop(limits);
    assert_eq!(large_post(&node, &actor, &article).send().await.status, 202);
}

mod counted {
    use super::*;

    #[apply(both_databases)]
    async fn one_address_has_so_many_connections(#[case] database: Database) {
        let node = TestNode::start_with(database, "[limits]\nconnections_of_address = 3\n").await;
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(connect_from(&node, "127.0.0.2").await);
        }
        let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let ask = async |address: &str| {
            let mut stream = connect_from(&node, address).await;
            let mut answer = Vec::new();
            let _ = stream.write_all(request).await;
            let _ = timeout(LONG, stream.read_to_end(&mut answer))
                .await
                .unwrap();
            answer.starts_with(b"HTTP/1.1 200 ")
        };
        assert!(!ask("127.0.0.2").await, "it has three already");
        assert!(ask("127.0.0.3").await, "another address");
        assert_eq!(
            node.page("/healthz").await.status,
            200,
            "a proxy speaks for many"
        );
        drop(held);
        eventually("there is room again", || async {
            ask("127.0.0.2").await.then_some(())
        })
        .await;
    }
}

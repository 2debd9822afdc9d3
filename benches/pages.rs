//! How many article pages with comments the node serves a second over plain HTTP, on one machine with who asks.
//!
//!     cargo bench --bench pages [-- postgres://...]
//!
//! Prints requests a second and the time within which 99 % are answered, for 64 connections that are kept
//! alive: for an article with 100 comments, as readers get it; then how long a page takes that is not in memory,
//! of articles with 100 and with 10,000 comments (the first page, one in the middle). The database must be empty.

use pamphlet::{
    config::{Config, Overrides},
    federation::Node,
    store::Store,
    web::{self, App},
};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

const CONNECTIONS: usize = 64;
const THREADS: usize = 2;
const TIME: Duration = Duration::from_secs(5);
/// Pages that are made anew, one after the other.
const UNCACHED: u32 = 50;

/// Two articles, 200 commenters, and a few reactions to each comment.
const CONTENT: &str = "
    INSERT INTO articles (id, uid, slug, title, markdown, published_at, last_comment_number) VALUES
        (1, 'hundred', 'hundred', 'A hundred', 'TEXT', 1700000000000, 100),
        (2, 'thousands', 'thousands', 'Thousands', 'TEXT', 1700000000000, 10000);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    INSERT INTO remote_actors (id, uri, host, kind, username, handle_host, name, icon_url, inbox, fetched_at)
    SELECT i, 'https://a.example/users/' || i, 'a.example', 'Person', 'u' || i, 'a.example', 'Reader ' || i,
        'https://a.example/faces/' || i, 'https://a.example/inbox', 1 FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100)
    INSERT INTO comments (id, article_id, number, parent_id, uri, actor_id, author_name, author_handle, content,
        state, published_at, received_at)
    SELECT i, CASE WHEN i <= 100 THEN 1 ELSE 2 END, CASE WHEN i <= 100 THEN i ELSE i - 100 END,
        CASE WHEN i % 3 = 0 THEN i - 1 END, 'https://a.example/notes/' || i, 1 + i % 200, 'Reader ' || i % 200,
        '@u' || i % 200 || '@a.example', '<p>WORDS</p>', 'visible', 1700000000000 + i, 1700000000000 + i FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO reactions (actor_id, article_id, comment_id, kind, uri, created_at)
    SELECT 1 + i % 200, c.article_id, c.id, CASE WHEN i % 3 = 0 THEN 'boost' ELSE 'like' END,
        'https://a.example/likes/' || i, 1 FROM n JOIN comments c ON c.id = 1 + i % 10100;
";

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = std::env::args()
        .find(|argument| argument.starts_with("postgres://"))
        .unwrap_or_else(|| format!("sqlite://{}/bench.sqlite", folder.path().display()));
    let overrides = Overrides {
        public_url: Some("https://blog.example".into()),
        database_url: Some(url.clone()),
        data: Some(folder.path().into()),
        without_file: true,
        ..Overrides::default()
    };
    let config = Config::load_with(&overrides, &|_| None).unwrap();
    let store = Store::open(&url).await.unwrap();
    let node = Node::open(config, store).await.unwrap();
    fill(&url).await;
    let stop = CancellationToken::new();
    let listener = web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = App::new(node).await.unwrap();
    let server = tokio::spawn(web::serve(listener, app, stop.clone()));
    let (rate, within) = load(address, request("/2023/11/hundred", "")).await;
    let within = within.as_secs_f64() * 1000.0;
    println!("100 comments: {rate:.0}/s, 99 % within {within:.2} ms");
    for (name, path) in [
        ("100 comments", "/2023/11/hundred"),
        ("10,000 comments, first page", "/2023/11/thousands"),
        (
            "10,000 comments, in the middle",
            "/2023/11/thousands?after=5000",
        ),
    ] {
        let (median, worst) = made_anew(address, path).await;
        println!("{name}, made anew: {median:.1} ms, at worst {worst:.1} ms");
    }
    stop.cancel();
    server.await.unwrap();
}

fn request(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: blog.example\r\naccept: text/html\r\n{more}\r\n")
}

async fn fill(url: &str) {
    let statements = CONTENT
        .replace("TEXT", &"A text of some length. ".repeat(100))
        .replace("WORDS", &"What somebody has to say about it. ".repeat(6));
    let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(statements));
    if url.starts_with("postgres://") {
        let mut connection = PgConnection::connect(url).await.unwrap();
        statements.execute(&mut connection).await.unwrap();
        connection.execute("ANALYZE").await.unwrap();
    } else {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        statements.execute(&mut connection).await.unwrap();
    }
}

/// Milliseconds of the median and of the slowest of some requests that are answered anew.
async fn made_anew(address: SocketAddr, path: &str) -> (f64, f64) {
    let request = request(path, "cache-control: no-cache\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; 1024 * 1024];
    let mut times = Vec::new();
    for _ in 0..UNCACHED {
        let took = ask_once(&mut stream, &request, &mut answer).await;
        times.push(took.as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() - 1])
}

/// Asks the same again and again over all connections; the rate, and the time of 99 %.
async fn load(address: SocketAddr, request: String) -> (f64, Duration) {
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let request = request.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(ask_all(address, request))
            })
        })
        .collect();
    let joined = tokio::task::spawn_blocking(|| {
        let times = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        times.collect::<Vec<Duration>>()
    });
    let mut times = joined.await.unwrap();
    times.sort_unstable();
    let within = times[times.len() * 99 / 100];
    (times.len() as f64 / TIME.as_secs_f64(), within)
}

async fn ask_all(address: SocketAddr, request: String) -> Vec<Duration> {
    let tasks: Vec<_> = (0..CONNECTIONS / THREADS)
        .map(|_| tokio::spawn(ask(address, request.clone())))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times
}

async fn ask(address: SocketAddr, request: String) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; 1024 * 1024];
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < TIME {
        times.push(ask_once(&mut stream, &request, &mut answer).await);
    }
    times
}

async fn ask_once(stream: &mut TcpStream, request: &str, answer: &mut [u8]) -> Duration {
    let asked = Instant::now();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut have = 0;
    while !is_whole(&answer[..have]) {
        let read = stream.read(&mut answer[have..]).await.unwrap();
        assert!(read > 0, "the node closed the connection");
        have += read;
    }
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer[..have])
    );
    asked.elapsed()
}

/// Whether an answer with a `content-length` has arrived with its body.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a content-length");
    answer.len() >= end + 4 + length.trim().parse::<usize>().unwrap()
}

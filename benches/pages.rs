//! How many pages (home, a tag, an article with comments) the node serves a second over plain HTTP, on one machine with
//! who asks.
//!
//!     cargo bench --bench pages [-- postgres://...]
//!
//! Prints requests a second and the time within which 99 % are answered, for 64 connections that are kept
//! alive: for the home page, a tag and an article with 100 comments, as readers get them; then how long a page takes that is not in memory,
//! of articles with 100 and with 10,000 comments (the first page, one in the middle). The database must be empty.

mod load;

use load::{LONGEST, ask_once, load};
use pamphlet::{
    config::{Config, Overrides},
    node::Node,
    store::Store,
    web::{self, App},
};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Pages that are made anew, one after the other.
const UNCACHED: u32 = 50;

/// Two articles, 200 commenters, and a few reactions to each comment.
const CONTENT: &str = "
    INSERT INTO articles (id, uid, slug, title, markdown, published_at, last_comment_number) VALUES
        (1, 'hundred', 'hundred', 'A hundred', 'TEXT', 1700000000000, 100),
        (2, 'thousands', 'thousands', 'Thousands', 'TEXT', 1700000000000, 10000);
    INSERT INTO article_tags (article_id, tag) VALUES (1, 'film'), (2, 'film');
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
    for (name, path) in [
        ("home", "/"),
        ("a tag", "/tags/film"),
        ("100 comments", "/2023/11/hundred"),
    ] {
        let (rate, within) = load(address, request(path, "")).await;
        let within = within.as_secs_f64() * 1000.0;
        println!("{name}: {rate:.0}/s, 99 % within {within:.2} ms");
    }
    for (name, path) in [
        ("home", "/"),
        ("a tag", "/tags/film"),
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
    let mut answer = vec![0; LONGEST];
    let mut times = Vec::new();
    for _ in 0..UNCACHED {
        let took = ask_once(&mut stream, &request, &mut answer).await;
        times.push(took.as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() - 1])
}

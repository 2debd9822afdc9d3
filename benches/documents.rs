//! How many documents the node answers a second over plain HTTP, on one machine with who asks.
//!
//!     cargo bench --bench documents
//!
//! Prints requests a second and the time within which 99 % are answered, for 64 connections that are kept
//! alive. Each is asked for once more with a header that has each answer made anew.
//! TLS is the reverse proxy's work.

mod load;

use load::load;
use pamphlet::{
    config::{Config, Overrides},
    node::Node,
    store::Store,
    web::{self, App},
};
use sqlx::{Connection, SqliteConnection};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const ACTIVITY_JSON: &str = "application/activity+json";

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/bench.sqlite", folder.path().display());
    let overrides = Overrides {
        public_url: Some("https://blog.example".into()),
        database_url: Some(url.clone()),
        without_file: true,
        ..Overrides::default()
    };
    let config = Config::load_with(&overrides, &|_| None).unwrap();
    let store = Store::open(&url).await.unwrap();
    let node = Node::open(config, store).await.unwrap();
    let stop = CancellationToken::new();
    publish(&node, &url, &stop).await;
    let listener = web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = App::new(node).await.unwrap();
    let server = tokio::spawn(web::serve(listener, app, stop.clone()));
    for (name, path, accept) in [
        (
            "WebFinger",
            "/.well-known/webfinger?resource=acct:blog@blog.example",
            "application/jrd+json",
        ),
        ("actor", "/users/blog", ACTIVITY_JSON),
        ("article", "/articles/bench", ACTIVITY_JSON),
        (
            "outbox page",
            "/users/blog/outbox?page=first",
            ACTIVITY_JSON,
        ),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: blog.example\r\naccept: {accept}\r\n");
        let (rate, within) = load(address, format!("{request}\r\n")).await;
        say(name, rate, within);
        let past_memory = format!("{request}authorization: none\r\n\r\n");
        let (rate, within) = load(address, past_memory).await;
        say(&format!("{name}, made anew"), rate, within);
    }
    stop.cancel();
    server.await.unwrap();
}

fn say(name: &str, rate: f64, within: Duration) {
    let within = within.as_secs_f64() * 1000.0;
    println!("{name}: {rate:.0}/s, 99 % within {within:.2} ms");
}

/// Publishes an article as any program may, and has the node tell of it.
async fn publish(node: &Node, url: &str, stop: &CancellationToken) {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let statement = "INSERT INTO articles (uid, slug, title, markdown) VALUES ('bench', 'bench', 'A bench', $1)";
    sqlx::query(statement)
        .bind("A text of some length. ".repeat(100))
        .execute(&mut connection)
        .await
        .unwrap();
    let telling = tokio::spawn(pamphlet::federation::outbox::run(
        node.clone(),
        stop.clone(),
    ));
    while node
        .store
        .read()
        .await
        .unwrap()
        .next_change_due()
        .await
        .unwrap()
        .is_some()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    telling.abort();
    tokio::spawn({
        let (node, stop) = (node.clone(), stop.clone());
        async move {
            tokio::select! {
                () = node.store.watch() => {}
                () = stop.cancelled() => {}
            }
        }
    });
}

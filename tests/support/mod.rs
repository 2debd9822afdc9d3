//! What tests share: nodes on either database, other servers, their actors, and guests.

pub(crate) mod attack;
pub(crate) mod attacks;
pub(crate) mod browser;
pub(crate) mod crowd;
pub(crate) mod foreign_server;
pub(crate) mod guest;
pub(crate) mod message_signature;
pub(crate) mod node;
pub(crate) mod peer;
pub(crate) mod postgres;
pub(crate) mod program;
pub(crate) mod prover;
pub(crate) mod sample_site;
pub(crate) mod signed_get;
pub(crate) mod signed_post;
pub(crate) mod smtp;
pub(crate) mod snapshot;
pub(crate) mod sql;
pub(crate) mod template;
pub(crate) mod terminal;
pub(crate) mod tls;

pub(crate) use crowd::Crowd;
pub(crate) use foreign_server::ForeignServer;
pub(crate) use guest::Guest;
pub(crate) use node::{Database, Response, TestNode};
pub(crate) use peer::{Actor, Peer};
pub(crate) use program::{Commands, Program};
pub(crate) use prover::Prover;
pub(crate) use signed_get::SignedGet;
pub(crate) use signed_post::SignedPost;
pub(crate) use terminal::Terminal;

use rstest_reuse::template;
use std::time::{Duration, Instant};

/// Runs a test once on each database, with `#[apply(both_databases)]`.
#[template]
#[rstest::rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn both_databases(#[case] database: Database) {}

/// Returns a client that trusts no certificate authority: to read the system's takes longer than most requests.
pub(crate) fn http_client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().tls_certs_only([])
}

/// How long a test waits for something at most. It is long, since machines can be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `look` returns a value.
pub(crate) async fn eventually<T, F>(what: &str, look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    eventually_within(PATIENCE, what, look).await
}

/// Does the same with another patience.
pub(crate) async fn eventually_within<T, F>(
    patience: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "timed out waiting for: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

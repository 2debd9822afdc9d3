//! What tests share: nodes on either database, other servers, their actors, and guests.

pub mod attack;
pub mod attacks;
pub mod browser;
pub mod crowd;
pub mod foreign_server;
pub mod guest;
pub mod message_signature;
pub mod node;
pub mod peer;
pub mod postgres;
pub mod program;
pub mod prover;
pub mod signed_get;
pub mod signed_post;
pub mod smtp;
pub mod sql;
pub mod template;
pub mod tls;

pub use crowd::Crowd;
pub use foreign_server::ForeignServer;
pub use guest::Guest;
pub use node::{Database, Response, TestNode};
pub use peer::{Actor, Peer};
pub use program::{Commands, Program};
pub use prover::Prover;
pub use signed_get::SignedGet;
pub use signed_post::SignedPost;

use rstest_reuse::template;
use std::time::{Duration, Instant};

/// Runs a test once on each database, with `#[apply(both_databases)]`.
#[template]
#[rstest::rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn both_databases(#[case] database: Database) {}

/// How long a test waits for something at most. It is long, since machines can be busy.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `look` returns a value.
pub async fn eventually<T, F>(what: &str, look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    eventually_within(PATIENCE, what, look).await
}

/// Does the same with another patience.
pub async fn eventually_within<T, F>(
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

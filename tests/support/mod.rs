//! What the tests stand on: a real node on a random port, on either database, and peers with keys.

pub mod attack;
pub mod attacks;
pub mod browser;
pub mod crowd;
pub mod foreign;
pub mod get;
pub mod guest;
pub mod message_signature;
pub mod node;
pub mod peer;
pub mod postgres;
pub mod program;
pub mod prover;
pub mod request;
pub mod smtp;
pub mod sql;
pub mod tls;

pub use crowd::Crowd;
pub use foreign::Foreign;
pub use get::Get;
pub use guest::Guest;
pub use node::{Answer, Backend, TestNode};
pub use peer::{Actor, Peer};
pub use program::{Commands, Program};
pub use prover::Prover;
pub use request::SignedPost;

use std::time::{Duration, Instant};

/// Makes one test for each database of an async function that takes a started node, which is configured
/// by lines of TOML if they are given first, as in `configured "[delivery]";`.
macro_rules! on_both_databases {
    ($(#[$meta:meta])* async $($rest:tt)*) => {
        $crate::support::on_both_databases! { configured ""; $(#[$meta])* async $($rest)* }
    };
    (configured $tables:expr; $($(#[$meta:meta])* async fn $name:ident($node:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)] // some need only the node
            use super::*;

            async fn check($node: $crate::support::TestNode) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                check($crate::support::TestNode::start_with($crate::support::Backend::Sqlite, $tables).await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                check($crate::support::TestNode::start_with($crate::support::Backend::Postgres, $tables).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_databases;

/// The longest that a test waits for something: much longer than it takes, since machines can be busy.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `look` finds something.
pub async fn eventually<T, F>(what: &str, look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    eventually_within(PATIENCE, what, look).await
}

/// The same for what takes its time.
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
        assert!(Instant::now() < deadline, "it did not come to be: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

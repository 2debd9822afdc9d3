//! What happens to articles and pages after they are written: edits, renames, the bin, the history.

mod bin;
mod bin_of_people;
mod editing;
mod history;
mod renaming;

use crate::support::{Crowd, TestNode, eventually};
use std::process::Output;

/// Returns the complaint of a command that must fail with this exit code.
async fn complaint(node: &TestNode, code: i32, arguments: &[&str]) -> String {
    let output = node.cli(arguments).await;
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {}",
        text(&output)
    );
    String::from_utf8(output.stderr).unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Returns the types of the activities that arrived at the server `reader`.
fn told(crowd: &Crowd) -> Vec<String> {
    let arrivals = crowd.arrivals_at("reader");
    arrivals
        .iter()
        .map(|arrival| arrival.kind().to_owned())
        .collect()
}

/// Starts a server with a follower.
async fn follower(node: &TestNode) -> Crowd {
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    crowd
}

/// Waits until the outbox has handled all changes.
async fn settled(node: &TestNode) {
    node.node.store.wake();
    eventually("all changes are handled", || async {
        let pending = "SELECT COUNT(*) FROM changes WHERE due_at = 0";
        (node.number(pending).await == Some(0)).then_some(())
    })
    .await;
}

//! What the admin sees of the publication: its state, its numbers, and what happens.

mod numbers;
mod status;
mod tail;

use crate::support::{Crowd, TestNode, eventually};
use serde_json::Value;

/// Publishes an article, and waits until each server of the crowd got it once.
async fn publish_to(
    node: &TestNode,
    crowd: &Crowd,
    names: &[&str],
) -> crate::support::node::Article {
    let article = node.publish_any().await;
    for name in names {
        crowd.wait_at(name, 1).await;
    }
    article
}

/// Waits until a command's JSON is as expected.
async fn shown(node: &TestNode, command: &[&str], is_expected: impl Fn(&Value) -> bool) -> Value {
    eventually(&format!("{command:?} shows what is expected"), || async {
        let json = node.admin_json(command).await;
        is_expected(&json).then_some(json)
    })
    .await
}

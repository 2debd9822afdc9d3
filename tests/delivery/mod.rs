//! How activities reach other servers, whatever those answer.

mod admin_commands;
mod dead_servers;
mod fairness;
mod forbidden_addresses;
mod gone_inboxes;
mod order;
mod refusals;
mod responses;
mod retries;
mod sizes;
mod urgent;

use crate::support::{TestNode, eventually};
use serde_json::Value;

const TEXT: &str = "---\ntitle: News\n---\nSomething happened.\n";

/// Returns the servers that `pamphlet deliveries status` lists: they fail, or deliveries wait.
async fn troubled(node: &TestNode) -> Vec<Value> {
    let status = node
        .admin_json(&["deliveries", "status", "--limit", "1000"])
        .await;
    status["hosts"].as_array().unwrap().clone()
}

/// Returns the entry of a host in `pamphlet deliveries status`, if there is one.
async fn trouble_of(node: &TestNode, host: &str) -> Option<Value> {
    let all = troubled(node).await;
    all.into_iter().find(|shown| shown["host"] == host)
}

async fn refused(node: &TestNode) -> Vec<Value> {
    let list = node
        .admin_json(&["deliveries", "refused", "--limit", "1000"])
        .await;
    list.as_array().unwrap().clone()
}

/// Waits until nothing is under way and a host has failed so often; what is shown of it.
async fn after_failures(node: &TestNode, host: &str, failures: i64) -> Value {
    eventually(&format!("{host} has failed {failures} times"), || async {
        let shown = trouble_of(node, host).await?;
        (shown["failures"] == failures).then_some(shown)
    })
    .await
}

/// Returns the seconds from now until a time that a command printed.
fn seconds_until(shown: &Value) -> f64 {
    let at = chrono::DateTime::parse_from_rfc3339(shown.as_str().unwrap()).unwrap();
    let wait = at.signed_duration_since(chrono::Utc::now());
    wait.num_milliseconds() as f64 / 1000.0
}

/// Makes all waiting deliveries due now.
async fn time_passes(node: &TestNode) {
    node.sql("UPDATE destinations SET next_attempt_at = 1 WHERE next_attempt_at IS NOT NULL")
        .await;
}

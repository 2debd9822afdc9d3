//! `pamphlet doctor`: behind a healthy proxy it finds nothing, behind a faulty one the fault.

mod certificates;
mod local_faults;
mod proxies;
mod proxy;
mod self_tests;

use crate::support::TestNode;
use serde_json::Value;

/// Waits until the node serves: before that it has not restricted the modes of its files.
pub(crate) async fn serves(node: &TestNode) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/healthz", node.node.config.listen);
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

/// What a run of the doctor found.
pub(crate) struct Diagnosis {
    pub report: Value,
    pub exit: Option<i32>,
}

impl Diagnosis {
    pub(crate) async fn of(node: &TestNode, options: &[&str]) -> Diagnosis {
        let arguments: Vec<&str> = ["doctor", "--json"]
            .into_iter()
            .chain(options.iter().copied())
            .collect();
        let output = node.cli(&arguments).await;
        let report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        Diagnosis {
            report,
            exit: output.status.code(),
        }
    }

    fn checks(&self) -> &[Value] {
        self.report["checks"].as_array().unwrap()
    }

    pub(crate) fn check(&self, name: &str) -> &Value {
        let found = self.checks().iter().find(|check| check["check"] == name);
        found.unwrap_or_else(|| panic!("no check {name}"))
    }

    pub(crate) fn problems(&self) -> Vec<&Value> {
        let checks = self.checks().iter();
        checks
            .flat_map(|check| check["problems"].as_array().unwrap())
            .collect()
    }

    /// Returns the codes that were found, each once.
    pub(crate) fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self
            .problems()
            .iter()
            .map(|problem| problem["code"].as_str().unwrap())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Returns the names of the checks that were not made.
    pub(crate) fn skipped(&self) -> Vec<&str> {
        let skipped = self
            .checks()
            .iter()
            .filter(|check| !check["skipped"].is_null());
        skipped
            .map(|check| check["check"].as_str().unwrap())
            .collect()
    }
}

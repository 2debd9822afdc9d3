//! The doctor behind real front ends: it finds nothing with the shipped files, and each mistake that is made on purpose.

use super::{FrontEnd, Kind, each_front_end, free_port};
use crate::support::{Database, TestNode, tls::Authority};
use rstest_reuse::apply;
use serde_json::Value;

/// A line of a shipped file, the line instead, and the codes that the doctor then finds.
type Mistake = (&'static str, &'static str, &'static [&'static str]);

const OF_NGINX: &[Mistake] = &[
    ("proxy_set_header Host $http_host;", "", &["host-changed"]),
    (
        "client_max_body_size 2m;",
        "client_max_body_size 100k;",
        &["body-limit"],
    ),
    (
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "",
        &["forwarded-for-forged"],
    ),
    (
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-For \"\";",
        &["forwarded-for-missing"],
    ),
    (
        "proxy_set_header Connection \"\";",
        "proxy_set_header Connection \"\"; proxy_set_header Signature \"\";",
        &["header-dropped"],
    ),
    (
        "proxy_set_header Connection \"\";",
        "proxy_set_header Connection \"\"; proxy_pass_request_headers off;",
        &["actor-not-json", "header-dropped"],
    ),
    (
        "proxy_set_header Connection \"\";",
        "proxy_set_header Connection \"\"; proxy_hide_header Vary;",
        &["vary-missing"],
    ),
    (
        "proxy_set_header Connection \"\";",
        "proxy_set_header Connection \"\"; limit_except GET { deny all; }",
        &["inbox-blocked"],
    ),
];

const OF_CADDY: &[Mistake] = &[
    (
        "header_up X-Forwarded-For {remote_host}",
        "header_up X-Forwarded-For {remote_host}\n\theader_up Host {upstream_hostport}",
        &["host-changed"],
    ),
    (
        "header_up X-Forwarded-For {remote_host}",
        "header_up X-Forwarded-For {remote_host}\n\theader_up -Digest",
        &["header-dropped"],
    ),
    (
        "header_up X-Forwarded-For {remote_host}",
        "header_up -X-Forwarded-For",
        &["forwarded-for-missing"],
    ),
    ("max_size 2MB", "max_size 100KB", &["body-limit"]),
];

const OF_APACHE: &[Mistake] = &[
    (
        "ProxyPreserveHost On",
        "ProxyPreserveHost Off",
        &["host-changed"],
    ),
    (
        "MergeSlashes Off",
        "MergeSlashes Off\nRequestHeader unset Digest",
        &["header-dropped"],
    ),
    (
        "MergeSlashes Off",
        "MergeSlashes Off\nHeader unset Vary",
        &["vary-missing"],
    ),
];

const OF_HAPROXY: &[Mistake] = &[
    (
        "http-request set-header X-Forwarded-For %[src]",
        "",
        &["forwarded-for-forged"],
    ),
    (
        "http-request set-header X-Forwarded-For %[src]",
        "http-request set-header X-Forwarded-For %[src]\n    http-request del-header Signature",
        &["header-dropped"],
    ),
    (
        "http-request set-header X-Forwarded-For %[src]",
        "http-request set-header X-Forwarded-For %[src]\n    http-request add-header Date now",
        &["header-doubled"],
    ),
    (
        "http-request set-header X-Forwarded-For %[src]",
        "http-request set-header X-Forwarded-For %[src]\n    http-request set-header Host node",
        &["host-changed"],
    ),
];

fn shipped(kind: Kind) -> (&'static str, &'static [Mistake]) {
    match kind {
        Kind::Nginx => (include_str!("../../../config/nginx.conf"), OF_NGINX),
        Kind::Caddy => (include_str!("../../../config/Caddyfile"), OF_CADDY),
        Kind::Apache => (include_str!("../../../config/apache.conf"), OF_APACHE),
        Kind::Haproxy => (include_str!("../../../config/haproxy.cfg"), OF_HAPROXY),
    }
}

/// Returns the problems that the doctor finds.
async fn problems(node: &TestNode) -> Vec<Value> {
    let output = node.cli(&["doctor", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap().iter();
    let problems = checks.flat_map(|check| check["problems"].as_array().unwrap().clone());
    problems.collect()
}

async fn diagnose(kind: Kind, database: Database, changed: Option<&str>) -> Vec<Value> {
    let authority = Authority::new();
    let port = free_port();
    let front = FrontEnd::start_with(kind, &authority, port, changed).await;
    let node = TestNode::start_behind(database, &front.origin, port, &authority, "").await;
    // Before it serves, it has not restricted the modes of its files.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let served = client
        .get(format!("http://127.0.0.1:{port}/healthz"))
        .send();
    assert_eq!(served.await.unwrap().status(), 200);
    problems(&node).await
}

#[apply(each_front_end)]
async fn the_doctor_finds_the_mistakes_in_a_front_end_and_no_others(
    #[case] kind: Kind,
    #[case] database: Database,
) {
    let found = diagnose(kind, database, None).await;
    assert!(found.is_empty(), "{kind:?}: {found:?}");
    let (text, mistakes) = shipped(kind);
    for (line, instead, expected) in mistakes {
        assert!(text.contains(line), "{line}");
        let changed = text.replace(line, instead);
        let found = diagnose(kind, database, Some(&changed)).await;
        let codes: Vec<&str> = found
            .iter()
            .map(|it| it["code"].as_str().unwrap())
            .collect();
        let is_expected = codes.iter().all(|code| expected.contains(code)) && !codes.is_empty();
        assert!(is_expected, "{kind:?} with {instead:?}: {found:?}");
    }
}

//! The faults of proxies, and what the doctor says of each.

use super::{
    Diagnosis,
    proxy::{Fault, Proxy},
    serves,
};
use crate::{
    assert_printed,
    support::{Database, TestNode, both_databases, tls::Authority},
};
use rstest_reuse::apply;

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a node behind a proxy.
async fn start(database: Database) -> (TestNode, Proxy) {
    let port = free_port();
    let proxy = Proxy::start(port).await;
    let node = TestNode::start_behind(database, &proxy.origin, port, &Authority::new(), "").await;
    serves(&node).await;
    (node, proxy)
}

/// Each fault with the codes that the doctor finds.
const FAULTS: &[(Fault, &[&str])] = &[
    (Fault::Nothing, &[]),
    (Fault::Drops("signature"), &["header-dropped"]),
    (Fault::Drops("digest"), &["header-dropped"]),
    (Fault::Drops("date"), &["header-dropped"]),
    // Only a signature by RFC 9421 has these.
    (Fault::Drops("signature-input"), &["header-dropped"]),
    (Fault::Drops("content-digest"), &["header-dropped"]),
    (Fault::Drops("pamphlet-self-test"), &["header-dropped"]),
    (Fault::Doubles("date"), &["header-doubled"]),
    (Fault::Doubles("signature"), &["header-doubled"]),
    (Fault::Sets("host", "node.internal"), &["host-changed"]),
    (Fault::Sets("digest", "SHA-256=AAAA"), &["header-changed"]),
    (Fault::PassesForwarded, &["forwarded-for-forged"]),
    (Fault::SendsNoForwarded, &["forwarded-for-missing"]),
    (Fault::LimitsBodies, &["body-limit"]),
    (Fault::ChangesBodies, &["body-changed"]),
    (Fault::BlocksPosts, &["inbox-blocked"]),
    (Fault::SwallowsPosts, &["other-node"]),
    (Fault::ChangesPaths, &["path-changed"]),
    (Fault::CachesByPath, &["html-not-served"]),
    (Fault::StripsVary, &["vary-missing"]),
    (Fault::ServesOldKey, &["key-served-differs"]),
    (Fault::Redirects, &["public-url-redirects"]),
    (Fault::ServesItself, &["public-url-elsewhere"]),
    (Fault::SetsDate, &["clock-differs"]),
    (
        Fault::BreaksWellKnown,
        &["host-meta-failed", "nodeinfo-failed", "webfinger-failed"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_of_a_proxy_is_found_with_the_line_that_mends_it() {
    let (node, proxy) = start(Database::Sqlite).await;
    let mut failures = Vec::new();
    for (fault, expected) in FAULTS {
        proxy.have(*fault);
        let found = Diagnosis::of(&node, &[]).await;
        let exit = i32::from(!expected.is_empty());
        if found.codes() != *expected || found.exit != Some(exit) {
            failures.push(format!("{fault:?}: {:?}", found.problems()));
        }
        for problem in found.problems() {
            let is_complete = ["what", "why", "mend"]
                .iter()
                .all(|part| !problem[part].as_str().unwrap().is_empty());
            assert!(is_complete, "{problem}");
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    proxy.have(Fault::LiesAboutEncoding);
    let found = Diagnosis::of(&node, &[]).await;
    assert!(
        found.codes().contains(&"encoding-forced"),
        "{:?}",
        found.problems()
    );
    let left = node
        .texts("SELECT name FROM settings WHERE name LIKE 'self_test%'")
        .await;
    assert!(left.is_empty(), "{left:?}");
}

#[apply(both_databases)]
async fn the_doctor_says_what_why_and_how_to_mend_it(#[case] database: Database) {
    let (node, proxy) = start(database).await;
    let filters: &[(&str, &str)] = &[
        (r"\((SQLite|PostgreSQL) .*\) is", "([DATABASE]) is"),
        (r"has \d+ [KMGT]iB left", "has [SIZE] left"),
        (r"it is \d{4}-\d\d-\d\d \d\d:\d\d", "it is [NOW]"),
    ];
    assert_printed!("doctor_well", node.transcript(&["doctor"]).await, filters);
    proxy.have(Fault::Sets("host", "node.internal"));
    assert_printed!("doctor_host", node.transcript(&["doctor"]).await, filters);
    assert_printed!(
        "doctor_offline",
        node.transcript(&["doctor", "--offline"]).await,
        filters
    );
}

#[apply(both_databases)]
async fn a_proxy_at_an_unlisted_address_is_found(#[case] database: Database) {
    let (node, _proxy) = start(database).await;
    node.configure("[comments]\nproxies = [\"192.0.2.1\"]\n");
    let found = Diagnosis::of(&node, &[]).await;
    assert_eq!(found.codes(), ["proxy-unlisted"], "{:?}", found.problems());
    let mend = found.problems()[0]["mend"].as_str().unwrap().to_owned();
    assert!(mend.contains("127.0.0.1"), "{mend}");
}

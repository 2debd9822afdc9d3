//! Faults of the machine: a stopped node, mail, a database of a newer version, handles of another domain.

use super::{
    Diagnosis,
    proxy::{Fault, Proxy},
    serves,
};
use crate::support::{Database, TestNode, both_databases, smtp, tls::Authority};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn a_node_in_development_on_loopback_is_healthy(#[case] database: Database) {
    let node = TestNode::start_with(database, &smtp::table()).await;
    serves(&node).await;
    node.publish_any().await;
    let found = Diagnosis::of(&node, &[]).await;
    assert!(found.codes().is_empty(), "{:?}", found.problems());
    assert_eq!((found.exit, &found.report["ok"]), (Some(0), &true.into()));
    assert_eq!(found.skipped(), ["tls", "http2", "redirects"]);
}

#[apply(both_databases)]
async fn a_stopped_node_and_a_wrong_mail_server_are_found(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    serves(&node).await;
    node.stop().await;
    node.configure("[mail]\nserver = \"smtp://127.0.0.1:9\"\nfrom = \"blog@example.org\"\n");
    let found = Diagnosis::of(&node, &[]).await;
    let expected = [
        "address-unreachable",
        "listen-closed",
        "no-worker",
        "public-url-unreachable",
        "smtp-failed",
    ];
    assert_eq!(found.codes(), expected, "{:?}", found.problems());
    assert!(found.skipped().contains(&"inbox"));

    let found = Diagnosis::of(&node, &["--offline"]).await;
    assert_eq!(found.codes(), ["no-worker"], "{:?}", found.problems());
    assert_eq!(found.check("dns")["skipped"], "--offline");
}

#[apply(both_databases)]
async fn a_database_of_a_newer_version_is_a_finding_and_stays_as_it_is(#[case] database: Database) {
    let node = TestNode::start(database).await;
    serves(&node).await;
    let step = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
                SELECT 99999, description, installed_on, success, checksum, execution_time
                FROM _sqlx_migrations WHERE version = 1";
    node.sql(step).await;
    let found = Diagnosis::of(&node, &[]).await;
    assert_eq!(found.codes(), ["database-newer"], "{:?}", found.problems());
    assert!(found.skipped().contains(&"inbox"), "{:?}", found.skipped());
}

#[apply(both_databases)]
async fn a_missing_database_is_an_error_as_for_every_command(#[case] database: Database) {
    let node = TestNode::start(database).await;
    serves(&node).await;
    let nowhere = node.folder.path().join("nowhere.sqlite");
    let url = format!("sqlite://{}", nowhere.display());
    let output = node.cli(&["doctor", "--database-url", &url]).await;
    assert_ne!(output.status.code(), Some(0));
    assert!(!nowhere.exists());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no publication here"));
}

#[apply(both_databases)]
async fn handles_of_another_domain_are_looked_up_there_too(#[case] database: Database) {
    let upstream = free_port();
    let host = Proxy::start(upstream).await;
    // The domain of handles is another server, which answers WebFinger as the host does.
    let domain = Proxy::start(upstream).await;
    let name = domain.origin.strip_prefix("http://").unwrap();
    let tables = format!("domain = \"{name}\"\n");
    let authority = Authority::new();
    let node = TestNode::start_behind(database, &host.origin, upstream, &authority, &tables).await;
    serves(&node).await;
    let found = Diagnosis::of(&node, &[]).await;
    assert!(found.codes().is_empty(), "{:?}", found.problems());
    for fault in [Fault::BreaksWellKnown, Fault::ServesItself] {
        domain.have(fault);
        let found = Diagnosis::of(&node, &[]).await;
        assert_eq!(
            found.codes(),
            ["domain-webfinger-failed"],
            "{:?}",
            found.problems()
        );
        let mend = found.problems()[0]["mend"].to_string();
        assert!(
            mend.contains("return 301") && mend.contains(&host.origin),
            "{mend}"
        );
    }
    let other = node
        .cli(&["doctor", "--json", "--domain", "other.example"])
        .await;
    let report: serde_json::Value = serde_json::from_slice(&other.stdout).unwrap();
    // The identity of a database can't change.
    assert!(report.to_string().contains("database-failed"), "{report}");
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

//! Inboxes at addresses that a public node never connects to.

use crate::support::{Crowd, Database, Program, both_databases, eventually, sql};
use rstest_reuse::apply;
use serde_json::Value;

#[apply(both_databases)]
async fn a_public_node_delivers_to_public_addresses_alone(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.set("PAMPHLET_DEVELOPMENT", "0");
    program.set("PAMPHLET_PUBLIC_URL", "https://example.org");
    program.serve().await;
    let crowd = Crowd::start().await;
    let port = crowd.port;
    let inboxes = [
        (
            format!("http://localhost:{port}/inbox"),
            "http URLs are not connected to",
        ),
        (
            format!("https://localhost:{port}/inbox"),
            "a port in a URL is not accepted",
        ),
        (
            "http://example.net/inbox".into(),
            "http URLs are not connected to",
        ),
        (
            "https://user@example.net/inbox".into(),
            "a user name in a URL is not accepted",
        ),
        (
            "https://127.0.0.1/inbox".into(),
            "a host must be a name, not an address",
        ),
        (
            "https://[::1]/inbox".into(),
            "a host must be a name, not an address",
        ),
        (
            "https://2130706433/inbox".into(),
            "a host must be a name, not an address",
        ),
        (
            "https://localhost/inbox".into(),
            "the name leads to the private address",
        ),
        (
            "ftp://example.net/inbox".into(),
            "ftp URLs are not connected to",
        ),
        ("not a URL".into(), "the inbox is not a URL"),
    ];
    let names: Vec<String> = (0..inboxes.len()).map(|n| format!("n{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    crowd.follow(&program.database_url, &names).await;
    for (name, (inbox, _)) in names.iter().zip(&inboxes) {
        let before = crowd.inbox(name);
        let change = format!("UPDATE destinations SET inbox = '{inbox}' WHERE inbox = '{before}'");
        sql::run(&program.database_url, &change).await;
    }
    let file = program.file("news.md", super::TEXT).display().to_string();
    program.admin(&["post", "publish", &file]).await;
    let refused = eventually("all are refused", || async {
        let list = program.admin(&["deliveries", "refused", "--json"]).await;
        let list: Vec<Value> = serde_json::from_str(&list).unwrap();
        (list.len() == inboxes.len()).then_some(list)
    })
    .await;
    for (inbox, reason) in &inboxes {
        let refusal = refused.iter().find(|refusal| refusal["inbox"] == *inbox);
        let error = refusal.unwrap()["error"].as_str().unwrap();
        assert!(error.contains(reason), "{inbox}: {error}");
    }
    assert!(crowd.arrivals().is_empty());
    let alive = "SELECT COUNT(*) FROM destinations WHERE state <> 'refused'";
    assert_eq!(sql::number(&program.database_url, alive).await, Some(0));
}

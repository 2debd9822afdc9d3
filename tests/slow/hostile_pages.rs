//! Hostile remote text on pages in a real browser: no script runs, and nothing is loaded from elsewhere.

use crate::support::{
    Database, Peer, TestNode,
    attacks::{ATTACKS, hostile_note},
    both_databases,
    peer::Canned,
};
use rstest_reuse::apply;
use serde_json::json;

/// Returns a page's DOM from a real browser, after its scripts had time to run.
async fn in_a_browser(node: &TestNode, url: &str) -> String {
    let profile = node.folder.path().join("browser");
    let output = tokio::process::Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--virtual-time-budget=2000", "--dump-dom", url])
        .output()
        .await
        .expect("chromium can be started");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[apply(both_databases)]
async fn nothing_runs_in_a_real_browser(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("attacker").await;
    let article = node.publish_any().await;
    let mut all = String::new();
    for (number, attack) in ATTACKS.iter().enumerate() {
        let attack = attack.replace("alert(1)", "document.documentElement.dataset.ran=1");
        let actor = peer.actor(&format!("a{number}")).await;
        let mut note = hostile_note(&actor, &article, &attack);
        note["name"] = json!("x");
        actor
            .deliver(&node.inbox(), &actor.activity("Create", note))
            .await;
        all.push_str(&attack);
    }
    let page = Canned {
        headers: vec![("content-type".into(), "text/html".into())],
        body: all.into_bytes(),
        ..Canned::status(200)
    };
    peer.serve("/as-they-came", page);
    let marked = |dom: &str| dom.split_once('>').is_some() && dom.contains(" data-ran=\"1\"");
    assert!(
        marked(&in_a_browser(&node, &peer.url("/as-they-came")).await),
        "the attacks do run where nothing disarms them"
    );
    let before = peer.gets();
    let dom = in_a_browser(&node, &article.url).await;
    assert!(
        dom.contains(&format!("{} comments", ATTACKS.len())),
        "{dom}"
    );
    assert!(!marked(&dom), "something ran");
    assert_eq!(peer.gets(), before, "something was loaded");
}

//! docs/api.md and docs/micropub.md: each example with curl works as it is written.

use super::{Client, media::picture};
use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;
use std::process::Command;

const DOCUMENTS: [(&str, &str); 2] = [
    ("all", include_str!("../../docs/api.md")),
    ("create,media", include_str!("../../docs/micropub.md")),
];

#[apply(both_databases)]
async fn the_examples_of_the_documents_work(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("picture.png"), picture(7)).unwrap();
    for (scope, document) in DOCUMENTS {
        let client = Client::new(&node, scope).await;
        let blocks: Vec<&str> = document
            .split("```sh\n")
            .skip(1)
            .map(|rest| rest.split("```").next().unwrap())
            .collect();
        assert!(!blocks.is_empty());
        for block in blocks {
            let mut shell = Command::new("sh");
            shell
                .args(["-eu", "-c", block])
                .current_dir(folder.path())
                .env("SITE", &node.origin)
                .env("TOKEN", &client.token);
            let output = tokio::task::spawn_blocking(move || shell.output().unwrap())
                .await
                .unwrap();
            assert!(
                output.status.success(),
                "{block}\n{}\n{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    let shown = node.admin_json(&["post", "show", "on-trains"]).await;
    assert_eq!(shown["status"], "published");
}

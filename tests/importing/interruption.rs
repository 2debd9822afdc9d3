//! Imports that are killed and run again.

use super::{counts, import, write};
use crate::support::{Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use std::process::{Command, Stdio};

/// More than one batch, which has a megabyte.
const ARTICLES: i64 = 45;
const TEXT: usize = 30_000;

/// `kill -9` in the middle of an import: the next one stores what is missing, and nothing twice.
#[apply(both_databases)]
async fn an_interrupted_import_continues(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let folder = node.folder.path().join("many");
    let long = "word ".repeat(TEXT / 5);
    for number in 0..ARTICLES {
        let text = format!(
            "---\ntitle: Article {number}\ndate: 2010-01-01\ntags: [one]\n---\nText, with [a link](/other/{number}).\n\n{long}\n"
        );
        write(&folder, &format!("{number:04}.md"), text);
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .args(["--config", node.config_file.to_str().unwrap()])
        .args(["import", "markdown", folder.to_str().unwrap()])
        .current_dir(node.folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stored = "SELECT COUNT(*) FROM articles";
    eventually("the first batch is stored", || async {
        (node.number(stored).await > Some(0)).then_some(())
    })
    .await;
    program.kill().unwrap();
    program.wait().unwrap();
    let first = node.number(stored).await.unwrap();
    assert_eq!(
        node.number("SELECT COUNT(*) FROM imports WHERE kind = 'article'")
            .await,
        Some(first)
    );

    let report = import(&node, &["markdown", folder.to_str().unwrap()]).await;
    let [added, changed, unchanged] = counts(&report, "articles");
    assert_eq!(added + unchanged, ARTICLES as u64, "{report}");
    assert_eq!((unchanged, changed), (first as u64, 0), "{report}");
    assert_eq!(node.number(stored).await, Some(ARTICLES));
    assert_eq!(
        node.number("SELECT COUNT(*) FROM imports WHERE is_open")
            .await,
        Some(0)
    );
}

//! Completions in zsh and fish, and manual pages in man and mandoc. bash is tested beside the quick tests.

use crate::support::{Database, Program, Terminal, TestNode, snapshot::binaries};
use std::process::Command;

/// Starts a shell in the folder of a node with two articles.
async fn shell(node: &TestNode, arguments: &[&str]) -> Terminal {
    for title in ["Reading slowly", "Walking"] {
        node.publish(&format!("---\ntitle: {title}\n---\nText.\n"))
            .await;
    }
    let mut command = Command::new(arguments[0]);
    command
        .args(&arguments[1..])
        .current_dir(node.folder.path())
        .env("HOME", node.folder.path())
        .env("PATH", binaries());
    Terminal::start(&command).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zsh_completes_commands_and_slugs() {
    let node = TestNode::start(Database::Sqlite).await;
    let terminal = shell(&node, &["zsh", "-f", "-i"]).await;
    terminal.enter("autoload -U compinit; compinit -u").await;
    terminal
        .enter("source <(pamphlet completions zsh); echo ready$((1+1))")
        .await;
    terminal.wait_for("ready2").await;
    terminal.write("pamphlet comm").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet comments").await;
    terminal.press(&["C-u"]).await;
    terminal.write("pamphlet post show wa").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet post show walking").await;
    terminal.press(&["C-u"]).await;
    // What stands beside a slug is the title.
    terminal.write("pamphlet post show r").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet post show reading-slowly").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fish_completes_commands_and_slugs() {
    let node = TestNode::start(Database::Sqlite).await;
    let terminal = shell(&node, &["fish", "--no-config", "-i"]).await;
    terminal
        .enter("pamphlet completions fish | source; echo ready(math 1 + 1)")
        .await;
    terminal.wait_for("ready2").await;
    terminal.write("pamphlet post show wa").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet post show walking").await;
    terminal.press(&["C-u"]).await;
    terminal.write("pamphlet comment").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet comments").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn man_and_mandoc_read_each_page() {
    let program = Program::new(Database::Sqlite).await;
    program.admin(&["man", "--dir", "man1"]).await;
    let folder = program.folder.path().join("man1");
    let pages = std::fs::read_dir(&folder).unwrap();
    let pages: Vec<_> = pages.map(|entry| entry.unwrap().path()).collect();
    assert!(pages.len() > 80, "{} pages", pages.len());
    let checked = Command::new("mandoc")
        .args(["-Tlint", "-Werror"])
        .args(&pages)
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{complaints}");
    let shown = Command::new("man")
        .args(["-l", "--warnings"])
        .arg(folder.join("pamphlet-post-publish.1"))
        .env("MANWIDTH", "80")
        .env("PAGER", "cat")
        .output()
        .unwrap();
    let (text, complaints) = (
        String::from_utf8_lossy(&shown.stdout).into_owned(),
        String::from_utf8_lossy(&shown.stderr).into_owned(),
    );
    assert!(
        shown.status.success() && complaints.is_empty(),
        "{complaints}"
    );
    for part in ["SYNOPSIS", "EXAMPLES", "pamphlet post publish"] {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

//! What the admin of a node under test does: runs commands, and publishes.

use super::{Article, TestNode};
use crate::support::eventually;
use serde_json::Value;
use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

impl TestNode {
    /// Runs `pamphlet` as an admin does, beside the running node.
    pub(crate) async fn cli(&self, arguments: &[&str]) -> Output {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| (*argument).to_owned())
            .collect();
        let (config, folder) = (self.config_file.clone(), self.folder.path().to_owned());
        tokio::task::spawn_blocking(move || pamphlet(&config, &folder, &arguments))
            .await
            .unwrap()
    }

    /// Runs a command, which must succeed. Returns what it printed.
    pub(crate) async fn admin(&self, arguments: &[&str]) -> String {
        let output = self.cli(arguments).await;
        assert!(
            output.status.success(),
            "pamphlet {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with `--json`, which must succeed. Returns the document that it printed.
    pub(crate) async fn admin_json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        serde_json::from_str(&self.admin(&all).await).unwrap()
    }

    /// Writes a file into the node's folder. Returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        path.display().to_string()
    }

    /// Publishes Markdown with front matter, and tells followers of it, however old its date is.
    pub(crate) async fn publish(&self, text: &str) -> Article {
        let file = self.file("article.md", text);
        let json = self.admin_json(&["post", "publish", &file, "--tell"]).await;
        let field = |name: &str| json[name].as_str().unwrap().to_owned();
        Article {
            id: field("id"),
            url: field("url"),
            slug: field("slug"),
        }
    }

    /// Publishes a short article, and waits until its document can be fetched.
    pub(crate) async fn publish_any(&self) -> Article {
        let article = self
            .publish("---\ntitle: On reading slowly\n---\nA short text about long books.\n")
            .await;
        let id = article.id.clone();
        eventually("the article can be fetched", || async {
            (self.document(&id).await.status == 200).then_some(())
        })
        .await;
        article
    }

    /// Returns the comments that the admin sees, newest first.
    pub(crate) async fn comments(&self) -> Vec<Value> {
        self.admin_json(&["comments", "list"])
            .await
            .as_array()
            .unwrap()
            .clone()
    }

    /// Returns the notices that the admin sees, newest first.
    pub(crate) async fn notices(&self) -> Vec<Value> {
        self.admin_json(&["notices", "list"])
            .await
            .as_array()
            .unwrap()
            .clone()
    }
}

/// Runs the binary with a configuration file.
pub(crate) fn pamphlet(config: &Path, folder: &Path, arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .arg("--config")
        .arg(config)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("RUST_LOG")
        // The log of decisions names the user.
        .env_remove("SUDO_USER")
        .env("USER", "admin")
        .output()
        .unwrap()
}

//! The node as a process.

use super::commands::Program;
use pamphlet::{
    config::{Config, Overrides},
    node,
    store::Store,
};
use std::{
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

/// The port on which the node listens.
pub(crate) const PORT: u16 = 18_291;

/// Creates the tables, the actors and their keys, and writes the configuration.
pub(crate) async fn create(folder: &Path, database: &str) {
    let public_url = format!("http://localhost:{PORT}");
    let text = format!(
        "public_url = \"{public_url}\"\nlisten = \"127.0.0.1:{PORT}\"\ndevelopment = true\ndata = \"{}\"\n",
        folder.join("data").display()
    );
    std::fs::write(folder.join("pamphlet.toml"), text).unwrap();
    let overrides = Overrides {
        public_url: Some(public_url),
        database_url: Some(database.to_owned()),
        data: Some(folder.join("data")),
        development: true,
        without_file: true,
        ..Overrides::default()
    };
    let config = Config::load_with(&overrides, &|_| None).unwrap();
    let store = Store::open(database).await.unwrap();
    let node = node::Node::open(config, store).await.unwrap();
    node.store.close().await;
}

/// A running `pamphlet serve`.
pub(crate) struct Node {
    process: Child,
    /// The time from the start of the process to its first response.
    pub(crate) started_after: Duration,
}

impl Node {
    pub(crate) fn start(program: &Program) -> Node {
        let begun = Instant::now();
        let process = program.command(&["serve"], "serve").spawn().unwrap();
        while super::pages::status_of("/healthz") != Some(200) {
            assert!(begun.elapsed() < Duration::from_secs(300), "no node");
            std::thread::sleep(Duration::from_millis(2));
        }
        Node {
            process,
            started_after: begun.elapsed(),
        }
    }

    /// Returns the lines of the kernel about the memory of the process.
    pub(crate) fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let lines = status
            .lines()
            .filter(|line| line.starts_with("VmRSS") || line.starts_with("RssAnon"));
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join(", ")
    }

    pub(crate) fn stop(&mut self) {
        let id = self.process.id().to_string();
        std::process::Command::new("kill").arg(id).status().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

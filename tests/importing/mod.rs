//! Publications of other software: `pamphlet import`.

mod comments;
mod feed;
mod folder;
mod ghost;
mod interruption;
mod mastodon;
mod wordpress;
mod writefreely;

use crate::support::{Crowd, TestNode, eventually};
use serde_json::Value;
use std::{fs, path::Path};

/// Imports, which must succeed. Returns the report.
pub(crate) async fn import(node: &TestNode, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = ["import"].iter().chain(arguments).copied().collect();
    node.admin_json(&arguments).await
}

/// Returns what became of the items of a kind: added, changed, unchanged.
pub(crate) fn counts(report: &Value, kind: &str) -> [u64; 3] {
    let counts = &report["items"][kind];
    ["added", "changed", "unchanged"].map(|name| counts[name].as_u64().unwrap_or(0))
}

/// Returns the messages of a kind, each as `position: message`.
pub(crate) fn messages(report: &Value, kind: &str) -> Vec<String> {
    let text = |message: &Value, key: &str| message[key].as_str().unwrap().to_owned();
    report[kind]["first"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            format!(
                "{}: {}",
                text(message, "position"),
                text(message, "message")
            )
        })
        .collect()
}

/// Publishes an article, and waits until it arrives at `reader`. Everything that was announced before has arrived then.
/// Returns the kinds and slugs of all that arrived.
pub(crate) async fn arrivals(node: &TestNode, crowd: &Crowd) -> Vec<String> {
    node.publish("---\ntitle: The last one\n---\nText.\n").await;
    let arrived = || -> Vec<String> {
        let arrivals = crowd.arrivals_at("reader").into_iter();
        let mut arrived: Vec<String> = arrivals
            .map(|arrival| {
                let object = &arrival.activity["object"];
                let url = object["url"].as_str().unwrap_or("-");
                format!("{} {}", arrival.kind(), url.rsplit('/').next().unwrap())
            })
            .collect();
        arrived.sort();
        arrived
    };
    eventually("the last article arrives", || async {
        arrived()
            .iter()
            .any(|one| one == "Create the-last-one")
            .then_some(())
    })
    .await;
    arrived()
}

pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Writes a picture of one colour.
pub(crate) fn write_picture(folder: &Path, name: &str, shade: u8) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let picture = image::RgbImage::from_pixel(16, 16, image::Rgb([shade, 99, 199]));
    picture.save(path).unwrap();
}

//! A folder of Markdown files as the truth: `pamphlet sync`.

mod changes;
mod conflicts;
mod mistakes;
mod safety;

use crate::support::{Crowd, TestNode, eventually};
use serde_json::Value;
use std::{fs, path::PathBuf, process::Output};

/// A folder of Markdown files beside a node.
pub(crate) struct Content<'a> {
    node: &'a TestNode,
    pub(crate) folder: PathBuf,
}

impl<'a> Content<'a> {
    pub(crate) fn of(node: &'a TestNode) -> Content<'a> {
        Self::named(node, "content")
    }

    pub(crate) fn named(node: &'a TestNode, name: &str) -> Content<'a> {
        let folder = node.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        Content { node, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes an article with this title and text.
    pub(crate) fn article(&self, name: &str, title: &str, text: &str) {
        self.write(name, format!("---\ntitle: {title}\n---\n{text}\n"));
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        let to = self.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.path(from), to).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    fn arguments(&self, options: &[&str]) -> Vec<String> {
        let folder = self.folder.display().to_string();
        let options = options.iter().map(|option| (*option).to_owned());
        ["sync".to_owned(), folder]
            .into_iter()
            .chain(options)
            .collect()
    }

    pub(crate) async fn run(&self, options: &[&str]) -> Output {
        let arguments = self.arguments(options);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.node.cli(&arguments).await
    }

    /// Syncs, which must succeed. Returns the actions as `action path`.
    pub(crate) async fn sync(&self, options: &[&str]) -> Vec<String> {
        let json = self.sync_json(options).await;
        actions(&json)
    }

    pub(crate) async fn sync_json(&self, options: &[&str]) -> Value {
        let arguments = self.arguments(options);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.node.admin_json(&arguments).await
    }

    /// Syncs, which must fail with this code and these words on stderr.
    pub(crate) async fn refused(&self, options: &[&str], code: i32, words: &[&str]) -> String {
        let output = self.run(options).await;
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{options:?}: {printed}");
        for word in words {
            assert!(printed.contains(word), "{word:?} is not in: {printed}");
        }
        printed
    }
}

fn actions(json: &Value) -> Vec<String> {
    let word = |action: &Value, key: &str| action[key].as_str().unwrap().to_owned();
    let actions = json["actions"].as_array().unwrap().iter();
    actions
        .map(|action| format!("{} {}", word(action, "action"), word(action, "path")))
        .collect()
}

/// Returns the slugs of all articles with their statuses, sorted.
async fn articles(node: &TestNode) -> Vec<String> {
    let listed = node.admin_json(&["post", "list"]).await;
    let word = |article: &Value, key: &str| article[key].as_str().unwrap().to_owned();
    let mut articles: Vec<String> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|article| format!("{} {}", word(article, "slug"), word(article, "status")))
        .collect();
    articles.sort();
    articles
}

/// Returns type and slug of all that arrived at the follower, sorted.
fn told(crowd: &Crowd) -> Vec<String> {
    let arrivals = crowd.arrivals_at("reader").into_iter();
    let mut told: Vec<String> = arrivals
        .map(|arrival| {
            let url = arrival.activity["object"]["url"].as_str().unwrap_or("-");
            let slug = url.rsplit('/').next().unwrap().to_owned();
            format!("{} {slug}", arrival.kind())
        })
        .collect();
    told.sort();
    told
}

async fn wait_until_told(crowd: &Crowd, expected: &[&str]) {
    eventually(&format!("{expected:?}"), || async {
        (told(crowd).len() >= expected.len()).then_some(())
    })
    .await;
    assert_eq!(told(crowd), expected);
}

/// Writes a picture of one colour.
fn picture(content: &Content<'_>, name: &str, colour: u8) {
    let path = content.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::from_pixel(16, 16, image::Rgb([colour, 0, 0]))
        .save(path)
        .unwrap();
}

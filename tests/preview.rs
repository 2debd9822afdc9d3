//! `pamphlet post preview`: the draft in the browser, and what Mastodon makes of it.

use crate::support::{Database, TestNode, eventually};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

struct Preview {
    process: Child,
    origin: String,
}

impl Preview {
    /// Starts a preview, and returns it with its address.
    fn start(node: &TestNode, source: &str) -> Preview {
        let mut process = Command::new(env!("CARGO_BIN_EXE_pamphlet"))
            .args([
                "post",
                "preview",
                source,
                "--listen",
                "127.0.0.1:0",
                "--config",
            ])
            .arg(&node.config_file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("http://").expect(&line);
        let (address, _) = rest.split_once("/preview").unwrap();
        let origin = format!("http://{address}");
        Preview { process, origin }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = reqwest::get(format!("{}{path}", self.origin))
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap_or_default())
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn write(folder: &Path, text: &str) -> String {
    let file = folder.join("draft.md");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

const DRAFT: &str = "---\ntitle: A draft\nimage: lead.png\nsummary: In short.\n---\nA **text**.\n";

#[tokio::test]
async fn a_file_is_shown_as_its_page_and_as_posts_and_changes_nothing() {
    let node = TestNode::start(Database::Sqlite).await;
    let sources = tempfile::tempdir().unwrap();
    image::RgbImage::new(8, 8)
        .save(sources.path().join("lead.png"))
        .unwrap();
    let file = write(sources.path(), DRAFT);
    let preview = Preview::start(&node, &file);

    let (status, page) = preview.get("/preview/page").await;
    assert_eq!(status, 200);
    assert!(page.contains("A <strong>text</strong>."), "{page}");
    assert!(
        page.contains(&format!("rel=\"canonical\" href=\"{}", node.url("/"))),
        "the real address"
    );
    let (_, rest) = page
        .split_once("<img class=\"u-featured\" src=\"")
        .expect(&page);
    let (picture, _) = rest.split_once('"').unwrap();
    assert!(picture.starts_with("/media/"), "{picture}");
    assert_eq!(preview.get(picture).await.0, 200);

    let (_, panel) = preview.get("/preview").await;
    for part in [
        "federate: article</code> <span class=\"chosen\">chosen</span>",
        "federate: note</code>",
        "federate: teaser</code>",
        "A picture has no alt text",
        "<strong>A draft</strong>",
    ] {
        assert!(panel.contains(part), "{part}: {panel}");
    }
    for (path, status) in [
        ("/tags/x", 404),
        ("/users/blog", 404),
        ("/preview/absent", 404),
    ] {
        assert_eq!(preview.get(path).await.0, status, "{path}");
    }
    let client = reqwest::Client::new();
    let strange = client
        .get(format!("{}/preview", preview.origin))
        .header("host", "evil.example");
    assert_eq!(strange.send().await.unwrap().status(), 403);

    let since = panel
        .split("data-version=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let changed = tokio::spawn({
        let address = format!("{}/preview/changes?since={since}", preview.origin);
        async move { reqwest::get(address).await.unwrap().text().await.unwrap() }
    });
    write(sources.path(), &DRAFT.replace("A **text**", "Another text"));
    assert_ne!(changed.await.unwrap(), since);
    let (_, page) = preview.get("/preview/page").await;
    assert!(page.contains("Another text."), "{page}");
    write(sources.path(), "---\ntitle: A draft\ndate: never\n---\n");
    eventually("the mistake is shown", || async {
        let (_, panel) = preview.get("/preview").await;
        panel.contains("role=\"alert\"").then_some(())
    })
    .await;
    assert_eq!(
        preview.get("/preview/page").await.0,
        200,
        "the last right text stays"
    );

    let listed = node.admin_json(&["post", "list"]).await;
    assert_eq!(listed.to_string(), "[]", "nothing is stored");
    assert!(
        !node
            .folder
            .path()
            .join("media")
            .join(picture.trim_start_matches("/media/"))
            .exists()
    );
}

#[tokio::test]
async fn a_stored_draft_is_shown_by_its_slug_without_a_running_node() {
    let mut node = TestNode::start(Database::Sqlite).await;
    let file = write(node.folder.path(), "---\ntitle: A draft\n---\nA text.\n");
    node.admin(&["post", "draft", &file]).await;
    node.stop().await;
    let preview = Preview::start(&node, "a-draft");
    let (_, page) = preview.get("/preview/page").await;
    assert!(page.contains("A text."), "{page}");
    let (_, panel) = preview.get("/preview").await;
    assert!(panel.contains("There is no summary"), "{panel}");
}

//! Feeds, microformats and JSON-LD for programs that others wrote, and feeds in a real browser.

use crate::support::{
    Database, Peer, TestNode, both_databases, browser::Browser, eventually, node::Article,
};
use fantoccini::Locator;
use rstest_reuse::apply;
use std::process::Command;

const TITLE: &str = "Leon Trotsky in Mexico";

/// An article with everything that feeds must carry.
const ILLUSTRATED: &str = "---\ntitle: Leon Trotsky in Mexico\nslug: trotsky\nauthor: ana\ntags: [History, Film]\n\
    image: wide.png\nimage_alt: A machine\n---\n\nA text with [a link](/about) and a note.[^1]\n\n\
    ![A machine](wide.png \"A caption\")\n\n| Year | Place |\n|------|-------|\n| 1929 | Büyükada |\n\n\
    [^1]: A footnote.\n";

/// Starts a node with articles, an author, and a comment from another server.
async fn publication(database: Database) -> (TestNode, Article) {
    let node = TestNode::start(database).await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--bio", "Writes."])
        .await;
    image::RgbImage::from_pixel(60, 40, image::Rgb([9, 90, 200]))
        .save(node.folder.path().join("wide.png"))
        .unwrap();
    node.publish(
        "---\ntitle: Warned\ntags: [film]\ncontent_warning: Spiders\n---\n\nEight hairy legs.\n",
    )
    .await;
    let article = node.publish(ILLUSTRATED).await;
    let peer = Peer::start("talk").await;
    let reader = peer.actor("reader").await;
    reader
        .comment(&node.inbox(), &article.id, "<p>A thought.</p>")
        .await;
    eventually("the comment is on the page", || async {
        let page = node.page(&article.url).await;
        page.text.contains("A thought.").then_some(())
    })
    .await;
    (node, article)
}

/// feedparser, mf2py and PyLD read everything as meant.
#[apply(both_databases)]
async fn other_programs_read_the_publication(#[case] database: Database) {
    let (node, article) = publication(database).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines");
    let arguments = [
        format!("{folder}/read.py"),
        node.origin.clone(),
        article.url.clone(),
        "hairy".to_owned(),
    ];
    let read = tokio::task::spawn_blocking(move || {
        Command::new(format!("{folder}/.venv/bin/python"))
            .args(arguments)
            .output()
            .unwrap()
    });
    let read = read.await.unwrap();
    assert!(
        read.status.success(),
        "{}{}",
        String::from_utf8_lossy(&read.stdout),
        String::from_utf8_lossy(&read.stderr)
    );
}

/// Chromium displays a feed with its style and links, and no script or policy complains.
#[apply(both_databases)]
async fn people_read_a_feed_in_a_browser(#[case] database: Database) {
    let (node, article) = publication(database).await;
    let browser = Browser::of(&node).await;
    for path in ["/feed.atom", "/feed.rss"] {
        browser.goto(&node.url(path)).await.unwrap();
        let root = browser.find(Locator::Css(":root")).await.unwrap();
        let text = root.text().await.unwrap();
        assert!(text.contains("This is a feed."), "{path}: {text}");
        assert!(!text.contains("<p>"), "{path} shows markup: {text}");
        browser.emulate(768, false).await;
        if let Some(folder) = std::env::var_os("PAMPHLET_SCREENSHOTS") {
            let name = path.trim_start_matches('/').replace('.', "-");
            std::fs::create_dir_all(&folder).unwrap();
            let file = std::path::Path::new(&folder).join(format!("{name}.png"));
            std::fs::write(file, browser.picture_of_page().await).unwrap();
        }
        let link = browser.find(Locator::LinkText(TITLE)).await.unwrap();
        link.click().await.unwrap();
        let address = browser.current_url().await.unwrap();
        assert_eq!(address.as_str(), article.url, "{path}");
    }
    assert_eq!(browser.complaints().await, [] as [&str; 0]);
}

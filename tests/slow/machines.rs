//! Feeds, microformats and JSON-LD for programs that others wrote, and feeds in a real browser.

use crate::support::{Database, both_databases, browser::Browser, showcase::Showcase};
use fantoccini::Locator;
use rstest_reuse::apply;
use std::process::Command;

/// feedparser, mf2py and PyLD read everything as meant.
#[apply(both_databases)]
async fn other_programs_read_the_publication(#[case] database: Database) {
    let showcase = Showcase::open(database, "en").await;
    let node = &showcase.node;
    node.publish("---\ntitle: Warned\ncontent_warning: Spiders\n---\n\nEight hairy legs.\n")
        .await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines");
    let arguments = [
        format!("{folder}/read.py"),
        node.origin.clone(),
        showcase.article.url.clone(),
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
    let showcase = Showcase::open(database, "en").await;
    let browser = Browser::of(&showcase.node).await;
    for path in ["/feed.atom", "/feed.rss"] {
        browser.goto(&showcase.node.url(path)).await.unwrap();
        let root = browser.find(Locator::Css(":root")).await.unwrap();
        let text = root.text().await.unwrap();
        assert!(text.contains("This is a feed."), "{path}: {text}");
        assert!(!text.contains("<p>"), "{path} shows markup: {text}");
        let title = "Leon Trotsky: Love, Death and Exile in Mexico";
        browser.emulate(768, false).await;
        if let Some(folder) = std::env::var_os("PAMPHLET_SCREENSHOTS") {
            let name = path.trim_start_matches('/').replace('.', "-");
            let file = std::path::Path::new(&folder).join(format!("{name}.png"));
            std::fs::write(file, browser.picture_of_page().await).unwrap();
        }
        let link = browser.find(Locator::LinkText(title)).await.unwrap();
        link.click().await.unwrap();
        let address = browser.current_url().await.unwrap();
        assert_eq!(address.as_str(), showcase.article.url, "{path}");
    }
    assert_eq!(browser.complaints().await, [] as [&str; 0]);
}

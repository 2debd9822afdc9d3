//! The front page: a lead, the next articles, notes, and sections by tag.

use crate::support::{Database, TestNode, both_databases, eventually};
use image::{ImageFormat, RgbImage};
use rstest_reuse::apply;

/// Writes a picture into the node's folder, for its articles.
fn picture(node: &TestNode) {
    RgbImage::from_pixel(1300, 900, image::Rgb([90, 40, 30]))
        .save_with_format(node.folder.path().join("wide.png"), ImageFormat::Png)
        .unwrap();
}

async fn publish(node: &TestNode, number: usize, more: &str) {
    let date = format!("2026-03-{number:02}T09:00:00Z");
    let text = format!("---\ntitle: Article {number}\ndate: {date}\n{more}---\n\nA text.\n");
    node.publish(&text).await;
}

/// Returns the part of the page between two texts.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page
        .split_once(start)
        .unwrap_or_else(|| panic!("{start} in {page}"));
    rest.split_once(end)
        .unwrap_or_else(|| panic!("{end} in {rest}"))
        .0
}

/// Returns the titles of a part, in their order.
fn titles(part: &str) -> Vec<&str> {
    let links = part.split("class=\"u-url p-name\"").skip(1);
    links.map(|link| between(link, ">", "<")).collect()
}

#[apply(both_databases)]
async fn the_newest_or_pinned_article_leads_and_others_follow(#[case] database: Database) {
    let node = TestNode::start_with(database, "[site]\nsections = [\"Film\", \"Nothing\"]\n").await;
    node.admin(&["author", "add", "ana", "--name", "Ana"]).await;
    picture(&node);
    for number in 1..=3 {
        publish(&node, number, "tags: [Film]\n").await;
    }
    for number in 4..=17 {
        publish(
            &node,
            number,
            "author: ana\nimage: wide.png\nimage_alt: A wall\n",
        )
        .await;
    }
    node.admin(&["note", "A short *note*."]).await;
    eventually("the note is published", || async {
        node.page("/")
            .await
            .text
            .contains("A short note.")
            .then_some(())
    })
    .await;
    let page = node.page("/").await.text;
    let lead = between(&page, "lead-story", "</article>");
    assert_eq!(titles(lead), ["Article 17"]);
    assert!(
        lead.contains("href=\"/authors/ana\""),
        "its author is linked: {lead}"
    );
    assert!(
        lead.contains("fetchpriority=\"high\"") && lead.contains("image/webp"),
        "{lead}"
    );
    let stories = between(&page, "class=\"stories\"", "class=\"notes-strip");
    assert_eq!(titles(stories).len(), 12);
    assert_eq!(titles(stories)[..2], ["Article 16", "Article 15"]);
    assert!(stories.contains("loading=\"lazy\"") && !stories.contains("fetchpriority"));
    let section = between(&page, "class=\"tag-section", "</section>");
    assert_eq!(titles(section), ["Article 3", "Article 2", "Article 1"]);
    assert!(!page.contains(">Nothing<"), "an empty section is left out");

    let older = between(&page, "?before=", "\"");
    let next = node.page(&format!("/?before={older}")).await.text;
    assert_eq!(titles(&next)[..2], ["Article 4", "Article 3"]);

    node.admin(&["post", "pin", "article-6"]).await;
    let page = node.page("/").await.text;
    assert_eq!(
        titles(between(&page, "lead-story", "</article>")),
        ["Article 6"]
    );
    assert_eq!(
        page.matches(">Article 6<").count(),
        1,
        "it is on the page once"
    );
    for wrong in [
        "/?before=x",
        "/?before=9-",
        "/?before=%00",
        "/?before=99999999999999999999-1",
    ] {
        let answer = node.page(wrong).await;
        assert!(
            (400..500).contains(&answer.status),
            "{wrong}: {}",
            answer.status
        );
    }
}

#[apply(both_databases)]
async fn a_publication_without_articles_says_so(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let page = node.page("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Nothing is published here yet."));
}

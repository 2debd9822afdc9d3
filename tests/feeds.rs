//! Feeds, as programs that others wrote read them.

use crate::support::{Database, TestNode, both_databases};
use feed_rs::model::{Entry, Feed};
use rstest_reuse::apply;
use serde_json::{Value, json};

const FORMATS: [&str; 3] = ["atom", "rss", "json"];

const ILLUSTRATED: &str = "---\ntitle: Tea & <time>\nslug: tea\nauthor: ann\nimage: lead.png\n\
    image_alt: A \"cup\" of tea\ntags: [Tea, تاريخ]\nlanguage: de\n---\n\
    Text with a [link](/about), a note[^1] and ]]> an end.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n\
    ![Inside](inside.png)\n\n[^1]: The footnote.\n";

const WARNED: &str = "---\ntitle: Legs\nslug: legs\ncontent_warning: Spiders & more\nimage: lead.png\nimage_alt: Hairy\n\
    tags: [tea]\n---\nEight of them.\n";

fn parse(text: &str) -> Feed {
    feed_rs::parser::Builder::new()
        .sanitize_content(false)
        .build()
        .parse(text.as_bytes())
        .unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn entry<'a>(feed: &'a Feed, title: &str) -> &'a Entry {
    let found = feed.entries.iter().find(|entry| {
        entry
            .title
            .as_ref()
            .is_some_and(|text| text.content == title)
    });
    found.unwrap_or_else(|| panic!("{title} in {feed:?}"))
}

fn body(entry: &Entry) -> &str {
    entry.content.as_ref().unwrap().body.as_deref().unwrap()
}

fn summary(entry: &Entry) -> &str {
    entry
        .summary
        .as_ref()
        .map_or("", |text| text.content.as_str())
}

async fn feed(node: &TestNode, path: &str) -> (Feed, String) {
    let response = node.page(path).await;
    assert_eq!(response.status, 200, "{path}: {}", response.text);
    (parse(&response.text), response.text)
}

/// Starts a node with an author, two articles with pictures, and comments of all kinds.
async fn publication(database: Database) -> TestNode {
    let node = TestNode::start_with(database, "[site]\nname = \"The Pamphlet\"\n").await;
    node.sql(
        "INSERT INTO authors (username, name, bio) VALUES ('ann', 'Ann Author', 'Writes *much*.')",
    )
    .await;
    for (name, colour) in [("lead.png", 90), ("inside.png", 200)] {
        let path = node.folder.path().join(name);
        image::RgbImage::from_pixel(6, 4, image::Rgb([colour, 1, 1]))
            .save(path)
            .unwrap();
    }
    node.publish(ILLUSTRATED).await;
    node.publish(WARNED).await;
    let comment = |number: i64, parent: &str, state: &str, hidden: &str, warning: &str| {
        format!(
            "INSERT INTO comments (article_id, number, parent_id, uri, author_name, author_handle, author_url, content,
                content_warning, state, published_at, received_at, hidden_from)
             SELECT id, {number}, {parent}, 'https://a.example/{number}', 'Reader {number}', '@r@a.example',
                'https://a.example/@r', '<p>Comment {number}</p>', {warning}, '{state}', {number}000, 1, {hidden}
             FROM articles WHERE slug = 'tea';"
        )
    };
    let first = "(SELECT id FROM comments WHERE number = 1)";
    for statement in [
        comment(1, "NULL", "visible", "NULL", "NULL"),
        comment(2, "NULL", "deleted", "NULL", "NULL"),
        comment(3, "NULL", "visible", "1", "NULL"),
        comment(4, first, "visible", "NULL", "'Sad'"),
        comment(5, first, "held", "NULL", "NULL"),
    ] {
        node.sql(&statement).await;
    }
    node
}

#[apply(both_databases)]
async fn feeds_of_all_formats_carry_whole_articles(#[case] database: Database) {
    let node = publication(database).await;
    for format in FORMATS {
        let (site, text) = feed(&node, &format!("/feed.{format}")).await;
        assert_eq!(site.title.as_ref().unwrap().content, "The Pamphlet");
        assert_eq!(site.entries.len(), 2, "{format}");
        let tea = entry(&site, "Tea & <time>");
        for part in [
            &format!("href=\"{}/about\"", node.origin),
            "<table>",
            "tea#fn-1\"",
            "The footnote.",
            &format!("<img src=\"{}/media/", node.origin),
            "alt=\"Inside\"",
            "]]&gt; an end",
        ] {
            assert!(body(tea).contains(part), "{part} in {format} {text}");
        }
        assert_eq!(
            tea.authors[0].name.as_deref(),
            Some("Ann Author"),
            "{format}"
        );
        assert_eq!(
            summary(tea),
            "Text with a link, a note and ]]> an end.",
            "{format}"
        );
        let mut tags: Vec<&str> = tea.categories.iter().map(|tag| tag.term.as_str()).collect();
        tags.sort_unstable();
        assert_eq!(tags, ["Tea", "تاريخ"], "{format}");
        assert!(tea.published.is_some() && tea.links[0].href.ends_with("/tea"));
        assert!(
            text.contains("image/png") && text.contains("A &quot;cup&quot; of tea")
                || text.contains("A \\\"cup\\\" of tea")
        );

        let legs = entry(&site, "Legs");
        assert!(
            legs.content
                .as_ref()
                .unwrap()
                .body
                .as_ref()
                .unwrap()
                .starts_with("<p><strong>Content warning: Spiders &amp; more</strong></p>"),
            "{format} {text}"
        );
        assert_eq!(summary(legs), "Spiders & more", "{format}");
        assert!(body(legs).contains("Eight of them."));
        assert!(
            legs.media.is_empty(),
            "a picture behind a warning is no enclosure"
        );

        let (author, _) = feed(&node, &format!("/authors/ann/feed.{format}")).await;
        assert_eq!(author.entries.len(), 1);
        assert_eq!(author.title.unwrap().content, "Ann Author · The Pamphlet");
        let (tag, _) = feed(&node, &format!("/tags/TEA/feed.{format}")).await;
        assert_eq!(tag.entries.len(), 2);
        assert_eq!(
            node.page(&format!("/tags/none/feed.{format}")).await.status,
            404
        );
        assert_eq!(
            node.page(&format!("/authors/bob/feed.{format}"))
                .await
                .status,
            404
        );
    }
    let json: Value = node.page("/feed.json").await.json();
    let tea = &json["items"][1];
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(
        (&tea["language"], &json["items"][0]["language"]),
        (&json!("de"), &json!("en"))
    );
    let attached = &tea["attachments"][0];
    assert_eq!(attached["title"], "A \"cup\" of tea");
    let name = attached["url"]
        .as_str()
        .unwrap()
        .strip_prefix(&node.origin)
        .unwrap();
    let (_, file) = node.get_bytes(name).await;
    assert_eq!(attached["size_in_bytes"], file.len());
}

#[apply(both_databases)]
async fn a_feed_of_comments_has_those_that_everybody_may_read(#[case] database: Database) {
    let node = publication(database).await;
    let url = node.page("/feed.json").await.json()["items"][1]["url"].clone();
    let url = url.as_str().unwrap();
    for format in FORMATS {
        let (comments, text) = feed(&node, &format!("{url}/comments.{format}")).await;
        let titles: Vec<String> = comments
            .entries
            .iter()
            .map(|entry| entry.title.as_ref().unwrap().content.clone())
            .collect();
        assert_eq!(titles.len(), 2, "{titles:?}");
        assert!(
            titles[0].contains("Reader 4") && titles[1].contains("Reader 1"),
            "{titles:?}"
        );
        assert!(
            comments.entries[0]
                .links
                .iter()
                .any(|link| link.href == format!("{url}#comment-4"))
        );
        assert_eq!(summary(&comments.entries[0]), "Sad", "{format}");
        assert!(
            !text.contains("Comment 2")
                && !text.contains("Comment 3")
                && !text.contains("Comment 5")
        );
    }
    let atom = node.page(&format!("{url}/comments.atom")).await.text;
    assert!(
        atom.contains("thr:in-reply-to") && atom.contains("#comment-1\""),
        "{atom}"
    );
    assert_eq!(node.page("/2020/01/none/comments.rss").await.status, 404);
}

#[apply(both_databases)]
async fn a_feed_is_read_in_parts_and_only_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = |number: i64| {
        format!(
            "INSERT INTO articles (slug, title, markdown, published_at, updated_at)
             VALUES ('a-{number}', 'Article {number}', 'Text', {number}000, NULLIF({number}, 7) * 0 + {number}000);"
        )
    };
    node.sql(&(1..=25).map(article).collect::<String>()).await;
    // Other programs may store any time.
    node.sql("UPDATE articles SET updated_at = 90000000000000000 WHERE slug = 'a-3'")
        .await;
    for format in FORMATS {
        let mut next = Some(format!("/feed.{format}"));
        let mut titles = Vec::new();
        while let Some(path) = next {
            let response = node.page(&path).await;
            let part = parse(&response.text);
            titles.extend(
                part.entries
                    .iter()
                    .map(|entry| entry.title.as_ref().unwrap().content.clone()),
            );
            next = match format {
                "json" => response.json()["next_url"].as_str().map(str::to_owned),
                _ => next_link(&response.text),
            };
        }
        assert_eq!(titles.len(), 25, "{format} {titles:?}");
        assert_eq!(
            (titles[0].as_str(), titles[24].as_str()),
            ("Article 25", "Article 1")
        );
        let path = format!("/feed.{format}");
        let first = node.page(&path).await;
        let known = [("if-none-match", first.header("etag"))];
        let again = node.get_with(&path, &known).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{format}");
    }
    for (guess, feed) in [
        ("/feed", "/feed.atom"),
        ("/feed/", "/feed"),
        ("/rss", "/feed.rss"),
        ("/rss.xml", "/feed.rss"),
        ("/atom.xml", "/feed.atom"),
        ("/tags/x/feed", "/tags/x/feed.atom"),
    ] {
        let response = node.page(guess).await;
        assert_eq!(
            (response.status, response.header("location")),
            (308, node.url(feed).as_str()),
            "{guess}"
        );
    }
    let atom = node.page("/feed.atom").await;
    assert_eq!(
        atom.header("content-type"),
        "application/xml; charset=utf-8",
        "browsers show it"
    );
    assert!(
        atom.text
            .contains("<?xml-stylesheet type=\"text/css\" href=\"/static/feed.css")
    );
    assert_eq!(node.page("/static/feed.css").await.status, 200);
}

fn next_link(xml: &str) -> Option<String> {
    let tag = xml.split('<').find(|tag| tag.contains("rel=\"next\""))?;
    let href = tag.split("href=\"").nth(1)?.split('"').next()?;
    Some(href.replace("&amp;", "&"))
}

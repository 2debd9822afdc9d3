//! A real WordPress, made, filled and exported by its own functions: what it showed is compared with what its import shows.

mod site;

use crate::support::{Database, Peer, TestNode, both_databases};
use pamphlet::entry_points::Html;
use regex::Regex;
use rstest_reuse::apply;
use serde_json::Value;
use site::{Shown, Site};
use std::collections::HashMap;

impl TestNode {
    /// Returns the address to which redirects from a path lead.
    async fn end_of(&self, path: &str) -> String {
        let mut address = self.url(path);
        for _ in 0..4 {
            let response = self.get_as(&address, "text/html").await;
            match response.status {
                301 | 308 => address = response.header("location").to_owned(),
                status => assert_eq!(status, 200, "{path}: {address}"),
            }
        }
        address
    }

    /// Returns one column of the rows that imported items became, by their keys.
    async fn imported(&self, kind: &str, table: &str, column: &str) -> HashMap<String, String> {
        let query = format!(
            "SELECT imports.key || ' ' || COALESCE(CAST({column} AS TEXT), '') FROM imports \
             JOIN {table} ON {table}.id = imports.ref_id WHERE imports.kind = '{kind}'"
        );
        let rows = self.texts(&query).await;
        let pairs = rows.iter().filter_map(|row| row.split_once(' '));
        pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }
}

/// Returns a text without blanks, and with one form of quotes, dashes and ellipses.
fn letters(text: &str) -> String {
    let text = text
        .replace(['‘', '’'], "'")
        .replace(['“', '”'], "\"")
        .replace(['–', '—'], "-")
        .replace('…', "...");
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Returns the text that readers see on a page, with addresses instead of the names of players.
fn seen(page: &str) -> String {
    // Alternative texts are not seen.
    let pictures = Regex::new("<img[^>]*>").unwrap();
    let text = Html::unverified(pictures.replace_all(page, "").into_owned()).to_text();
    let text = text
        .replace("Watch the video on YouTube", "")
        .replace("Watch the video on Vimeo", "");
    letters(&text)
}

/// Returns what WordPress showed, without the addresses of videos, which it could not look up.
fn shown(text: &str) -> String {
    let videos = Regex::new(r"https://(www\.youtube\.com|vimeo\.com)/\S+").unwrap();
    letters(&videos.replace_all(text, ""))
}

/// Returns the text of an article's page.
fn prose(page: &str) -> &str {
    let (_, rest) = page
        .split_once("e-content\" dir=\"auto\">")
        .expect("the page has a text");
    rest.split_once("\n</div>").expect("the text has an end").0
}

#[apply(both_databases)]
async fn a_site_is_brought_over(#[case] database: Database) {
    let site = Site::get().await;
    let node = TestNode::start(database).await;
    let peer = Peer::start("talk").await;
    let follower = peer.actor("reader").await;
    follower.follow(&node.inbox(), &node.blog()).await;
    let import = [
        "import",
        "wordpress",
        site.export(),
        "--attachments",
        site.uploads(),
        "--no-download",
    ];
    let report = node.admin_json(&import).await;
    assert_eq!(report["broken"]["count"], 0, "{report:#}");

    compare_posts(&node, site).await;
    compare_comments(&node, site).await;
    compare_texts(&node, site).await;
    for (old, new) in [
        ("/author/dan/", "/authors/dan"),
        ("/?author=2", "/authors/dan"),
        (
            "/category/culture/music/jazz-blues/",
            "/tags/jazz%20%26%20blues",
        ),
        ("/tag/trains/", "/tags/trains"),
        ("/about/", "/about"),
        ("/about/team/", "/team"),
    ] {
        assert_eq!(node.end_of(old).await, node.url(new), "{old}");
    }
    for kind in ["Create", "Update", "Announce", "Delete"] {
        assert!(peer.received_of(kind).is_empty(), "{kind}");
    }

    let rows = node.rows().await;
    let again = node.admin_json(&import).await;
    assert_eq!(node.rows().await, rows, "{again:#}");
    for (kind, counts) in again["items"].as_object().unwrap() {
        assert_eq!(
            (&counts["added"], &counts["changed"]),
            (&Value::from(0), &Value::from(0)),
            "{kind}"
        );
    }
}

/// Compares titles, dates, states, authors, tags and lead pictures.
async fn compare_posts(node: &TestNode, site: &Site) {
    let titles = node.imported("article", "articles", "title").await;
    let dates = node.imported("article", "articles", "published_at").await;
    let states = node.imported("article", "articles", "status").await;
    let comments = node.imported("article", "articles", "comments").await;
    let images = node.imported("article", "articles", "image_url").await;
    let authors = node
        .imported(
            "article",
            "articles",
            "(SELECT name FROM authors WHERE authors.id = articles.author_id)",
        )
        .await;
    let tags = node.texts("SELECT imports.key || ' ' || tag FROM imports JOIN article_tags ON article_id = ref_id WHERE kind = 'article'").await;
    // With the draft of a page.
    assert_eq!(titles.len(), site.posts.len() + 1);
    for post in &site.posts {
        let key = post.id.to_string();
        assert_eq!(titles[&key], post.title, "{key}");
        let is_public = matches!(post.status.as_str(), "publish" | "future");
        assert_eq!(
            states[&key],
            if is_public { "published" } else { "draft" },
            "{key}"
        );
        if is_public {
            assert_eq!(dates[&key], (post.date * 1000).to_string(), "{key}");
        }
        assert_eq!(
            comments[&key],
            if post.open { "open" } else { "closed" },
            "{key}"
        );
        assert_eq!(
            images[&key].starts_with("/media/"),
            post.thumbnail.is_some(),
            "{key}: {}",
            images[&key]
        );
        let author = match post.author.as_str() {
            "dan" => "Dan Writer",
            "Jane.Doe" => "Jane Doe",
            "zoe" => "Zoë Müller",
            other => other,
        };
        assert_eq!(authors[&key], author, "{key}");
        let mut found: Vec<&str> = tags
            .iter()
            .filter_map(|row| row.strip_prefix(&format!("{key} ")))
            .collect();
        let mut expected: Vec<&str> = post.tags.iter().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{key}");
    }
}

async fn compare_comments(node: &TestNode, site: &Site) {
    let states = node.imported("comment", "comments", "state").await;
    let names = node.imported("comment", "comments", "author_name").await;
    let dates = node
        .imported("comment", "comments", "comments.published_at")
        .await;
    let texts = node.imported("comment", "comments", "content").await;
    let parents = node
        .imported(
            "comment",
            "comments",
            "(SELECT above.key FROM imports AS above WHERE above.kind = 'comment' AND above.ref_id = comments.parent_id)",
        )
        .await;
    let expected: Vec<_> = site.posts.iter().flat_map(|post| &post.comments).collect();
    assert_eq!(states.len(), expected.len());
    for comment in expected {
        let key = comment.id.to_string();
        let state = match comment.state.as_str() {
            "1" => "visible",
            "0" => "held",
            "trash" => "hidden",
            other => other,
        };
        assert_eq!(states[&key], state, "{key}");
        assert_eq!(names[&key], comment.author, "{key}");
        assert_eq!(dates[&key], (comment.date * 1000).to_string(), "{key}");
        let parent = if comment.parent == 0 {
            String::new()
        } else {
            comment.parent.to_string()
        };
        assert_eq!(parents[&key], parent, "{key}");
        assert_eq!(
            letters(&Html::unverified(texts[&key].clone()).to_text()),
            letters(&comment.text),
            "{key}"
        );
    }
}

/// Compares texts and pictures, as readers see them at the old addresses.
async fn compare_texts(node: &TestNode, site: &Site) {
    let path = |post: &Shown| post.link.replace("https://old.example.org", "");
    let mut pictures = Vec::new();
    for post in site.posts.iter().filter(|post| post.status == "publish") {
        let address = node.end_of(&path(post)).await;
        assert_eq!(
            node.end_of(&format!("/?p={}", post.id)).await,
            address,
            "{}",
            post.link
        );
        let page = node.page(&address).await;
        assert_eq!(page.status, 200, "{}", post.link);
        let prose = prose(&page.text);
        assert_eq!(seen(prose), shown(&post.text), "{}:\n{prose}", post.link);
        let found: Vec<&str> = prose
            .split("<img ")
            .skip(1)
            .filter_map(|tag| tag.split("src=\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(found.len(), post.images.len(), "{}:\n{prose}", post.link);
        pictures.extend(found.into_iter().map(str::to_owned));
    }
    pictures.sort_unstable();
    pictures.dedup();
    assert!(pictures.len() >= 8, "{pictures:?}");
    for picture in pictures {
        assert!(picture.starts_with("/media/"), "{picture}");
        assert_eq!(node.get_bytes(&picture).await.0, 200, "{picture}");
    }
    for page in &site.pages {
        // The node has an archive itself.
        let slug = match page.slug.as_str() {
            "archive" => "page-archive",
            slug => slug,
        };
        let shown_page = node.page(&node.url(&format!("/{slug}"))).await;
        if page.status == "publish" {
            assert_eq!(
                seen(prose(&shown_page.text)),
                shown(&page.text),
                "{}",
                page.slug
            );
        } else {
            assert_eq!(shown_page.status, 404, "{}", page.slug);
        }
    }
}

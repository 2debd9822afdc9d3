//! A publication with one of everything: a page of each type, for those who look at all of them.

use super::{Actor, Database, Guest, Peer, TestNode, eventually, node::Article};
use image::{ImageFormat, RgbImage};
use serde_json::json;

/// The configuration of the publication, without its language.
const SITE: &str = r#"
name = "Open Culture"
summary = "Film, books and the history of ideas, free on the web."
accounts = [{ label = "Bluesky", url = "https://bsky.example/openculture" }]
links = [{ label = "Donate", url = "https://donate.example/" }]
sections = ["Film"]
"#;

/// The texts of an article with everything that Markdown has.
const LONG: &str = r#"Leon Trotsky was assassinated in Mexico 70 years ago.

## What the footage shows

Following Lenin's death (1924), he looked primed to take control.[^1] "But Stalin had other thoughts."

> Life is beautiful.

![A machine](wide.png "A caption")

https://www.youtube.com/watch?v=aaaaaaaaaaa

| Year | Place | Hours |
|:-----|:-----:|------:|
| 1929 | Büyükada | 1,460 |

```rust
fn main() { println!("Hello, {}", "a world that is far too wide for any telephone, and must be scrolled to be seen"); }
```

- [x] Seen
- [ ] Read

### A part of a part

1. One
2. Two with `code`

[^1]: A footnote.
"#;

/// A node with its pages.
pub(crate) struct SampleSite {
    pub node: TestNode,
    /// The type of each page, with its address.
    pub pages: Vec<(&'static str, String)>,
    pub article: Article,
    _pictures: tempfile::TempDir,
}

impl SampleSite {
    /// Starts a node with a page of each type, in this language.
    pub(crate) async fn open(database: Database, language: &str) -> SampleSite {
        let pictures = tempfile::tempdir().unwrap();
        let icon = pictures.path().join("icon.png");
        std::fs::write(&icon, picture(512, 512)).unwrap();
        let tables = format!(
            "[site]\nlanguage = \"{language}\"\nicon = \"{}\"\n{SITE}[comments]\nguests = \"first\"\n",
            icon.display()
        );
        let node = TestNode::start_with(database, &tables).await;
        std::fs::write(node.folder.path().join("wide.png"), picture(1400, 900)).unwrap();
        let article = publish_articles(&node, language).await;
        node.admin(&["post", "pin", &article.slug]).await;
        let note = node.admin_json(&["note", "A note on *reading*."]).await;
        let about = node.file(
            "about.md",
            "---\ntitle: About\nslug: about\n---\n\nWho we are.\n",
        );
        node.admin(&["page", "publish", &about]).await;
        converse(&node, &article).await;
        let path = article.url.clone();
        let mut pages = vec![
            ("home", node.url("/")),
            ("article", path.clone()),
            ("article-without-picture", node.url("/2026/04/plain")),
            ("reactions", format!("{path}/reactions")),
            ("reply", format!("{path}/reply/1")),
            ("note", note["url"].as_str().unwrap().to_owned()),
            ("not-found", node.url("/nowhere")),
        ];
        for (kind, path) in [
            ("notes", "/notes"),
            ("tag", "/tags/film"),
            ("tags", "/tags"),
            ("author", "/authors/ana"),
            ("authors", "/authors"),
            ("archive", "/archive"),
            ("archive-year", "/archive/2026"),
            ("search", "/search"),
            ("search-results", "/search?q=film"),
            ("subscribe", "/subscribe"),
            ("page", "/about"),
            ("privacy", "/privacy"),
        ] {
            pages.push((kind, node.url(path)));
        }
        let follow = format!("/interact?uri={}", node.blog());
        pages.push(("follow", node.url(&follow)));
        SampleSite {
            node,
            pages,
            article,
            _pictures: pictures,
        }
    }

    /// Returns the address of the page of this type.
    pub(crate) fn page(&self, kind: &str) -> &str {
        let found = self.pages.iter().find(|(known, _)| *known == kind);
        &found.unwrap_or_else(|| panic!("no page {kind}")).1
    }
}

/// Publishes a long article with pictures, and others around it. Returns the long one.
async fn publish_articles(node: &TestNode, language: &str) -> Article {
    node.admin(&[
        "author",
        "add",
        "ana",
        "--name",
        "Ana",
        "--bio",
        "Writes about film.",
    ])
    .await;
    for number in 1..=8 {
        node.publish(&format!(
            "---\ntitle: Article {number}\ndate: 2026-03-0{number}T09:00:00Z\ntags: [Film]\nauthor: ana\n---\n\nA text.\n"
        ))
        .await;
    }
    node.publish("---\ntitle: Without a picture\nslug: plain\ndate: 2026-04-02T09:00:00Z\ntags: [Film]\n---\n\nA text.\n")
        .await;
    node.publish(&format!(
        "---\ntitle: \"Leon Trotsky: Love, Death and Exile in Mexico\"\nslug: trotsky\nauthor: ana\nlanguage: {language}\n\
         date: 2026-05-21T09:00:00Z\ntags: [History, Film]\nimage: wide.png\nimage_alt: A machine\n\
         summary: Grainy footage from 1937.\n---\n\n{LONG}"
    ))
    .await
}

/// Adds a conversation: comments from another server, one of them with a warning, reactions, and a guest's comment.
async fn converse(node: &TestNode, article: &Article) {
    eventually("the article can be fetched", || async {
        (node.document(&article.id).await.status == 200).then_some(())
    })
    .await;
    let peer = Peer::start("talk").await;
    let (ana, ben) = (peer.actor("ana").await, peer.actor("ben").await);
    let first = comment(node, &ana, &article.id, None).await;
    let second = comment(node, &ben, &first, Some("Spoilers")).await;
    ana.deliver(&node.inbox(), &ana.activity("Like", json!(second)))
        .await;
    ben.deliver(&node.inbox(), &ben.activity("Announce", json!(article.id)))
        .await;
    let guest = Guest::at(node, "203.0.113.9");
    guest
        .write(article, &[("name", "A guest"), ("text", "Thank you.")])
        .await;
}

async fn comment(node: &TestNode, actor: &Actor, parent: &str, warning: Option<&str>) -> String {
    let mut note = actor.note(
        parent,
        "<p>A thought, and <a href=\"https://a.example/\">a link</a>.</p>",
    );
    note["summary"] = json!(warning);
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
        .await;
    note["id"].as_str().unwrap().to_owned()
}

/// Returns a PNG with a few colours, so that it is small.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x, y| image::Rgb([(x * 200 / width) as u8, (y * 200 / height) as u8, 90]);
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_fn(width, height, pixel)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

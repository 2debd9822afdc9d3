//! The page of an article shows all that Markdown gives: headings, tables, code, tasks, notes, pictures; and the wire gets
//! plain text.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;
use serde_json::{Value, json};

const TEXT: &str = "---
title: Fish
slug: fish
language: de
---
Anfang.

# Der \"Hai\"

### Zähne & Flossen

| Art | Länge |
|-----|------:|
| Hai | 2 |

```rust
fn main() {}
```

- [ ] offen
- [x] getan

Mehr[^1] bei https://a.example/a--b.

https://youtu.be/aaaaaaaaaaa

[^1]: \"Notiz\"
";

async fn document(node: &TestNode, id: &str) -> Value {
    eventually("the article can be fetched", || async {
        let response = node.document(id).await;
        (response.status == 200).then(|| response.json())
    })
    .await
}

fn contains_all(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[apply(both_databases)]
async fn a_page_shows_all_of_markdown_and_the_wire_stays_plain(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish(TEXT).await;
    let page = node.page(&article.url).await.text;
    contains_all(
        &page,
        &[
            "<h2 id=\"s-der-hai\"><a class=\"anchor\" href=\"#s-der-hai\">Der „Hai“</a></h2>",
            "<h3 id=\"s-zaehne-flossen\"",
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Tabelle 1\">",
            "<th scope=\"col\" class=\"align-right\">Länge</th>",
            "<pre tabindex=\"0\"><code class=\"language-rust\"><span class=\"hl-k\">fn</span>",
            "<li class=\"task\">☐ offen</li>",
            "<li class=\"task\">☑ getan</li>",
            "<a href=\"https://a.example/a--b\">https://a.example/a--b</a>",
            ">Das Video auf YouTube ansehen</a>",
            "<div class=\"footnotes\">",
            "<p>„Notiz“ <a href=\"#fnref-1\" class=\"footnote-backref\" aria-label=\"Zurück zur Textstelle 1\">",
        ],
    );
    assert!(!page.contains("<section class=\"footnotes"), "{page}");
    let document = document(&node, &article.id).await;
    let content = document["content"].as_str().unwrap();
    contains_all(
        content,
        &[
            "<h1>Der \"Hai\"</h1><h3>Zähne &amp; Flossen</h3>",
            "<p><strong>Art</strong> | <strong>Länge</strong></p>",
            "<pre><code>fn main() {}\n</code></pre>",
            "<ul><li>☐ offen</li><li>☑ getan</li></ul>",
            "<li><p>\"Notiz\"</p></li>",
        ],
    );
    let response = node.page(&article.url).await;
    let policy = response.header("content-security-policy");
    assert!(policy.contains("media-src 'self'"), "{policy}");
}

/// Stores a file as if it had been taken in, with a row.
async fn media(node: &TestNode, name: &str, values: &str) {
    let folder = node.folder.path().join("media");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), "a file").unwrap();
    let row = format!(
        "INSERT INTO media (name, kind, content_type, width, height, blurhash, focus_x, focus_y, bytes, variants, created_at)
         VALUES ('{name}', {values}, 1)"
    );
    sql::run(&node.database_url, &row).await;
}

const PHOTO: &str = "'picture', 'image/jpeg', 2000, 1000, 'LEHV6nWB2yk8', 0.5, -0.25, 3000000, \
    '[{\"name\":\"p-1280.jpg\",\"width\":1280,\"height\":640,\"content_type\":\"image/jpeg\",\"bytes\":200000},\
      {\"name\":\"p-960.webp\",\"width\":960,\"height\":480,\"content_type\":\"image/webp\",\"bytes\":50000},\
      {\"name\":\"p-480.webp\",\"width\":480,\"height\":240,\"content_type\":\"image/webp\",\"bytes\":9000}]'";

#[apply(both_databases)]
async fn pictures_have_all_sizes_on_the_page_and_one_address_on_the_wire(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    media(&node, "p.jpg", PHOTO).await;
    media(
        &node,
        "v.mp4",
        "'video', 'video/mp4', NULL, NULL, NULL, NULL, NULL, 9, '[]'",
    )
    .await;
    let text = "Words.\n\n![A fish](/media/p.jpg \"Seen at \\\"sea\\\"\")\n\n![Waves](/media/v.mp4)\n\n![Old](/media/gone.jpg)\n";
    sql::run(
        &node.database_url,
        &format!(
            "INSERT INTO articles (slug, title, markdown, federate) VALUES ('fish', 'Fish', '{text}', 'note');
             INSERT INTO articles (slug, title, markdown, image_url, image_alt)
             VALUES ('lead', 'Lead', 'Words.', '/media/p.jpg', 'A fish')"
        ),
    )
    .await;
    let noted = eventually("both articles arrive", || async {
        let creates = peer.received_of("Create");
        let find = |slug: &str| {
            let mut found = creates.iter().map(|create| &create.activity["object"]);
            found
                .find(|object| object["url"].as_str().unwrap().ends_with(slug))
                .cloned()
        };
        find("fish").zip(find("lead"))
    })
    .await;
    let (note, article) = noted;
    let described = json!({
        "type": "Image", "url": node.url("/media/p.jpg"), "mediaType": "image/jpeg", "name": "A fish",
        "width": 2000, "height": 1000, "blurhash": "LEHV6nWB2yk8", "focalPoint": [0.5, -0.25],
    });
    let video = json!({"type": "Video", "url": node.url("/media/v.mp4"), "mediaType": "video/mp4", "name": "Waves"});
    assert_eq!(note["attachment"], json!([described, video]));
    assert_eq!(article["image"], described);
    assert_eq!(article["attachment"], json!([]));
    let page = node.page(note["url"].as_str().unwrap()).await.text;
    contains_all(
        &page,
        &[
            "<figure><picture><source type=\"image/webp\" srcset=\"/media/p-480.webp 480w, /media/p-960.webp 960w\" sizes=",
            "<img src=\"/media/p.jpg\" srcset=\"/media/p-1280.jpg 1280w, /media/p.jpg 2000w\" sizes=",
            "alt=\"A fish\" width=\"2000\" height=\"1000\" fetchpriority=\"high\" decoding=\"async\"></picture>\
             <figcaption>Seen at “sea”</figcaption></figure>",
            "<figure><video controls preload=\"metadata\" src=\"/media/v.mp4\" aria-label=\"Waves\"></video></figure>",
            "<figure><img src=\"/media/gone.jpg\" alt=\"Old\" loading=\"lazy\" decoding=\"async\"></figure>",
            "name=\"description\" content=\"Words.\"",
        ],
    );
    let lead = node.page(article["url"].as_str().unwrap()).await.text;
    contains_all(
        &lead,
        &[
            "<figure class=\"lead\"><picture><source type=\"image/webp\" srcset=\"/media/p-480.webp 480w",
            "class=\"u-featured\"",
            "fetchpriority=\"high\"",
        ],
    );
    // Mastodon takes the picture of a link's preview from `og:image`, if it has at most 2 MB; it shows a large preview if
    // the picture is wider than high.
    for page in [&page, &lead] {
        let head = page.split_once("</head>").unwrap().0;
        contains_all(
            head,
            &[
                &format!(
                    "<meta property=\"og:image\" content=\"{}\">",
                    node.url("/media/p-1280.jpg")
                ),
                "<meta property=\"og:image:width\" content=\"1280\">",
                "<meta property=\"og:image:height\" content=\"640\">",
                "<meta property=\"og:image:alt\" content=\"A fish\">",
                "<meta name=\"twitter:card\" content=\"summary_large_image\">",
            ],
        );
    }
    // An edit keeps the addresses, and saving it again changes nothing.
    for _ in 0..2 {
        sql::run(
            &node.database_url,
            "UPDATE articles SET title = 'Big fish' WHERE slug = 'fish'",
        )
        .await;
    }
    let update = peer.wait_for("Update").await;
    assert_eq!(update.activity["object"]["attachment"][0], described);
    sql::run(
        &node.database_url,
        "UPDATE articles SET title = 'Lead fish' WHERE slug = 'lead'",
    )
    .await;
    eventually("the second update arrives", || async {
        let updates = peer.received_of("Update");
        let lead = updates
            .iter()
            .any(|update| update.activity["object"]["name"] == "Lead fish");
        lead.then(|| assert_eq!(updates.len(), 2))
    })
    .await;
}

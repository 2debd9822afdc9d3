//! Documents for programs: sitemap, robots.txt, oEmbed, manifest, icons and cards.

use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn the_sitemap_lists_what_readers_can_see(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.sql(
        "INSERT INTO authors (username, name, bio) VALUES ('ann', 'Ann', ''), ('idle', 'Idle', '');
         INSERT INTO articles (slug, title, markdown, author_id, published_at, updated_at, status) VALUES
            ('old', 'Old', 'Text', (SELECT id FROM authors WHERE username = 'ann'), 1000, 86400000, 'published'),
            ('draft', 'Draft', 'Text', NULL, 1000, NULL, 'draft'),
            ('future', 'Future', 'Text', NULL, 32000000000000, NULL, 'published');
         INSERT INTO article_tags (article_id, tag) SELECT id, 'Tea' FROM articles WHERE slug = 'old';
         INSERT INTO article_tags (article_id, tag) SELECT id, 'tea' FROM articles WHERE slug = 'old';
         INSERT INTO article_tags (article_id, tag) SELECT id, 'secret' FROM articles WHERE slug = 'draft';
         INSERT INTO pages (slug, title, markdown) VALUES ('about', 'About', 'Text');",
    )
    .await;
    let index = node.page("/sitemap.xml").await;
    let mut all = String::new();
    for part in ["pages", "articles", "tags", "authors"] {
        let url = node.url(&format!("/sitemap/{part}.xml"));
        assert!(
            index.text.contains(&format!("<loc>{url}</loc>")),
            "{}",
            index.text
        );
        all.push_str(&node.page(&url).await.text);
    }
    for url in ["/", "/about", "/1970/01/old", "/tags/tea", "/authors/ann"] {
        let location = format!("<loc>{}</loc>", node.url(url));
        assert_eq!(all.matches(&location).count(), 1, "{url} in {all}");
    }
    assert!(
        all.contains("<lastmod>1970-01-02T00:00:00Z</lastmod>"),
        "{all}"
    );
    for hidden in ["draft", "future", "secret", "idle"] {
        assert!(!all.contains(hidden), "{hidden}");
    }
    for none in [
        "/sitemap/articles.xml?after=999999",
        "/sitemap/articles.xml?after=x",
        "/sitemap/x.xml",
    ] {
        assert_eq!(node.page(none).await.status, 404, "{none}");
    }
    let robots = node.page("/robots.txt").await;
    assert!(robots.header("content-type").starts_with("text/plain"));
    assert!(
        robots
            .text
            .contains(&format!("Sitemap: {}", node.url("/sitemap.xml")))
    );
    assert!(robots.text.contains("Disallow: /interact\n") && !robots.text.contains("GPTBot"));
}

#[apply(both_databases)]
async fn a_site_can_refuse_search_engines_and_collectors(#[case] database: Database) {
    let tables = "[site]\nindexable = false\nai_crawlers = \"refuse\"\n";
    let node = TestNode::start_with(database, tables).await;
    for path in ["/sitemap.xml", "/sitemap/pages.xml"] {
        assert_eq!(node.page(path).await.status, 404, "{path}");
    }
    let robots = node.page("/robots.txt").await.text;
    assert!(
        !robots.contains("Sitemap") && robots.contains("User-agent: GPTBot\n"),
        "{robots}"
    );
    assert!(
        robots.contains("\nDisallow: /\n\nUser-agent: *\n"),
        "{robots}"
    );
}

#[apply(both_databases)]
async fn other_sites_embed_an_article(#[case] database: Database) {
    let node = TestNode::start_with(database, "[site]\nname = \"A & B\"\n").await;
    let article = node
        .publish(
            "---\ntitle: <b>Title</b> & more\nslug: one\nauthor: C. D.\n---\nText <i>here</i>.\n",
        )
        .await;
    let warned = node
        .publish("---\ntitle: Legs\nslug: legs\ncontent_warning: Spiders\n---\nEight of them.\n")
        .await;
    let ask = async |rest: &str| node.page(&format!("/oembed?{rest}")).await;
    for url in [
        &article.url,
        &article.id,
        &format!("{}#comment-1", article.url),
    ] {
        let embed = ask(&format!("url={}", url.replace('#', "%23"))).await;
        assert_eq!(embed.header("access-control-allow-origin"), "*");
        let json = embed.json();
        assert_eq!(
            (
                &json["version"],
                &json["type"],
                &json["title"],
                &json["author_name"],
                &json["provider_name"]
            ),
            (
                &json!("1.0"),
                &json!("rich"),
                &json!("<b>Title</b> & more"),
                &json!("C. D."),
                &json!("A & B")
            )
        );
        let html = json["html"].as_str().unwrap();
        assert!(
            html.contains("&lt;b&gt;Title")
                && html.contains("Text here.")
                && !html.contains("<script"),
            "{html}"
        );
    }
    let narrow = ask(&format!("url={}&maxwidth=300&maxheight=x", article.url))
        .await
        .json();
    assert_eq!(narrow["width"], 300);
    let xml = ask(&format!("url={}&format=xml", article.url)).await;
    assert!(xml.header("content-type").starts_with("text/xml"));
    assert!(
        xml.text
            .contains("<title>&lt;b&gt;Title&lt;/b&gt; &amp; more</title>"),
        "{}",
        xml.text
    );
    let hidden = ask(&format!("url={}", warned.url)).await.text;
    assert!(
        hidden.contains("Spiders") && !hidden.contains("Eight"),
        "{hidden}"
    );
    for (query, status) in [
        (format!("url={}&format=yaml", article.url), 501),
        (format!("url={}/none", article.url), 404),
        ("url=https://elsewhere.example/2026/01/one".to_owned(), 404),
        ("url=javascript:alert(1)".to_owned(), 404),
        ("url=".to_owned(), 400),
        (String::new(), 400),
    ] {
        assert_eq!(ask(&query).await.status, status, "{query}");
    }
    node.admin(&["post", "unpublish", "one", "--yes"]).await;
    assert_eq!(ask(&format!("url={}", article.url)).await.status, 404);
}

#[apply(both_databases)]
async fn icons_are_made_of_the_sites_icon(#[case] database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let icon = folder.path().join("icon.png");
    image::RgbImage::from_pixel(64, 40, image::Rgb([0, 0, 250]))
        .save(&icon)
        .unwrap();
    let tables = format!("[site]\nname = \"Ours\"\nicon = \"{}\"\n", icon.display());
    let own = TestNode::start_with(database, &tables).await;
    let default = TestNode::start(database).await;
    for node in [&own, &default] {
        for (path, side) in [
            ("/favicon.ico", 48),
            ("/apple-touch-icon.png", 180),
            ("/icon-192.png", 192),
            ("/icon-512.png", 512),
        ] {
            let (status, file) = node.get_bytes(path).await;
            let picture = image::load_from_memory(&file).unwrap().to_rgba8();
            assert_eq!(
                (status, picture.dimensions()),
                (200, (side, side)),
                "{path}"
            );
            let middle = picture.get_pixel(side / 2, side / 2).0;
            assert_eq!(
                middle[..3] == [0, 0, 250],
                std::ptr::eq(node, &raw const own),
                "{path}"
            );
        }
    }
    let manifest = own.page("/manifest.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    assert_eq!(manifest.json()["name"], "Ours");
}

#[apply(both_databases)]
async fn an_article_without_a_picture_has_a_card(#[case] database: Database) {
    let node = TestNode::start_with(database, "[limits]\ncards = 2\n").await;
    let article = node
        .publish("---\ntitle: One & <two>\nslug: one\n---\nText.\n")
        .await;
    let uid = article.id.rsplit('/').next().unwrap();
    let old = format!("/cards/{uid}/000000000000000000000000.png");
    let current = async || node.page(&old).await.header("location").to_owned();
    let card = current().await;
    let response = node.page(&card).await;
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, "image/png")
    );
    assert!(response.header("cache-control").contains("immutable"));
    let (_, file) = node.get_bytes(&card).await;
    let picture = image::load_from_memory(&file).unwrap();
    assert_eq!((picture.width(), picture.height()), (1200, 630));
    node.sql("UPDATE articles SET title = 'Another'").await;
    assert_ne!(current().await, card, "the address depends on the title");
    assert_eq!(node.page(&current().await).await.status, 200);
    node.sql("UPDATE articles SET title = 'A third'").await;
    let limited = node.page(&current().await).await;
    assert_eq!(limited.status, 503, "no more than the limit are drawn");
    assert_eq!(limited.header("cache-control"), "no-store");
    node.sql("UPDATE articles SET title = 'Another'").await;
    assert_eq!(
        node.page(&current().await).await.status,
        200,
        "a card is drawn once"
    );
    for none in [
        "/cards/none/000000000000000000000000.png",
        &format!("/cards/{uid}/x.png"),
        "/cards/site/x",
    ] {
        assert_eq!(node.page(none).await.status, 404, "{none}");
    }
    node.sql("UPDATE articles SET status = 'draft'").await;
    assert_eq!(node.page(&old).await.status, 404, "a draft has no card");
}

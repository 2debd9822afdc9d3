//! `pamphlet export wordpress`, read back by `pamphlet import wordpress`.

use crate::support::{Database, TestNode, both_databases, sample_site::SampleSite, sql};
use rstest_reuse::apply;

/// Returns the articles, tags, pages and comments of a site, as rows of text.
async fn content(node: &TestNode) -> Vec<String> {
    let mut rows = Vec::new();
    for query in [
        "SELECT slug || '|' || title || '|' || status || '|' || CAST(published_at / 1000 AS TEXT) || '|' || comments || '|' || pings
             || '|' || COALESCE(summary, '') || '|' || COALESCE((SELECT name FROM authors WHERE id = author_id), NULLIF(byline, ''), 'Open Culture')
         FROM articles WHERE slug NOT LIKE 'note-%' ORDER BY slug",
        "SELECT slug || '|' || tag FROM article_tags JOIN articles ON articles.id = article_id ORDER BY slug, tag",
        "SELECT articles.slug FROM pins JOIN articles ON articles.id = article_id",
        "SELECT slug || '|' || title || '|' || markdown FROM pages",
        "SELECT articles.slug || '|' || child.author_name || '|' || child.state || '|'
             || COALESCE('<p><strong>' || child.content_warning || '</strong></p>', '') || child.content || '|'
             || CAST(child.published_at / 1000 AS TEXT) || '|' || COALESCE(parent.author_name, '')
         FROM comments AS child JOIN articles ON articles.id = child.article_id
         LEFT JOIN comments AS parent ON parent.id = child.parent_id ORDER BY articles.slug, child.number",
    ] {
        let found = sql::texts(&node.database_url, query).await;
        rows.extend(found.iter().map(|row| row.replace('\n', "")));
    }
    rows
}

#[apply(both_databases)]
async fn the_file_for_wordpress_can_be_imported_again(#[case] database: Database) {
    let site = SampleSite::open(database, "en").await;
    let article = "---\ntitle: The <template> element\nslug: template\ndate: 2026-05-22T09:00:00Z\n---\n\n\
                   ```\n[gallery ids=\"1\"]\n```\n";
    site.node.publish(article).await;
    site.node.admin(&["export", "wordpress", "site.xml"]).await;
    let folder = site.node.folder.path();
    let (file, media) = (folder.join("site.xml"), folder.join("media"));

    let other = TestNode::start(database).await;
    let report = other
        .admin_json(&[
            "import",
            "wordpress",
            file.to_str().unwrap(),
            "--attachments",
            media.to_str().unwrap(),
            "--no-download",
        ])
        .await;
    assert_eq!(report["broken"]["count"], 0, "{report}");
    assert_eq!(content(&other).await, content(&site.node).await);
    let page = other.page("/2026/05/trotsky").await;
    for part in [
        "<table>",
        "embed-youtube",
        "/media/",
        "alt=\"A machine\"",
        "footnote",
        "<code",
    ] {
        assert!(page.text.contains(part), "{part}:\n{}", page.text);
    }
    assert!(page.text.contains("href=\"/2026/05/trotsky#fn-1\""));
    // No text becomes a shortcode.
    let page = other.page("/2026/05/template").await;
    assert!(page.text.contains("[gallery ids="), "{}", page.text);
}

//! `pamphlet export wordpress`: the items of the file, and the file read back by `pamphlet import wordpress`.

use crate::support::{Database, TestNode, both_databases, sample_site::SampleSite, sql};
use quick_xml::{Reader, events::Event};
use rstest_reuse::apply;
use std::collections::BTreeMap;

/// The elements of a WXR file that a test looks at.
#[derive(Debug, Default)]
struct Item {
    /// The texts of its own elements; the last of each name.
    fields: BTreeMap<String, String>,
    categories: Vec<String>,
    comments: Vec<BTreeMap<String, String>>,
}

/// Reads the items of a file, which must be well-formed.
fn items(text: &str) -> Vec<Item> {
    let mut reader = Reader::from_str(text);
    let (mut items, mut item, mut comment) = (Vec::new(), None, None);
    let (mut path, mut content) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                match name.as_str() {
                    "item" => item = Some(Item::default()),
                    "wp:comment" => comment = Some(BTreeMap::new()),
                    _ => {}
                }
                path.push(name);
                content.clear();
            }
            Event::CData(data) => content.push_str(&data),
            Event::Text(text) => content.push_str(&text),
            Event::End(_) => {
                let name = path.pop().unwrap();
                match (name.as_str(), &mut item, &mut comment) {
                    ("item", Some(_), _) => items.extend(item.take()),
                    ("wp:comment", Some(item), Some(_)) => item.comments.extend(comment.take()),
                    ("category", Some(item), _) => item.categories.push(content.clone()),
                    (_, _, Some(comment)) => drop(comment.insert(name, content.clone())),
                    (_, Some(item), None) => drop(item.fields.insert(name, content.clone())),
                    _ => {}
                }
            }
            Event::Eof => return items,
            _ => {}
        }
    }
}

#[apply(both_databases)]
async fn everything_readable_is_in_the_file_for_wordpress(#[case] database: Database) {
    let site = SampleSite::open(database, "en").await;
    let node = &site.node;
    node.sql(
        "INSERT INTO articles (slug, title, markdown, byline, status) VALUES ('later', 'Later ]]> & <more>', 'Text', 'Ben Doe', 'draft');
         INSERT INTO articles (slug, title, markdown, published_at) VALUES ('soon', 'Soon', 'Text', 32000000000000);
         INSERT INTO guests (name, mail, created_at) VALUES ('Mailer', 'mailer@example.org', 1);
         INSERT INTO comments (article_id, number, uri, guest_id, author_name, author_handle, content, state, published_at, received_at)
         SELECT id, 90, 'https://a.example/90', (SELECT id FROM guests WHERE name = 'Mailer'), 'Mailer', '', '<p>Held</p>', 'held', 1, 1
         FROM articles WHERE slug = 'trotsky';
         INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, content_warning, state, published_at,
             received_at, signin_required)
         SELECT id, 91, 'https://a.example/91', 'A & B', '', '<p>For members</p>', 'Careful', 'visible', 1, 1, TRUE
         FROM articles WHERE slug = 'trotsky';
         INSERT INTO undated_drafts (article_id) SELECT id FROM articles WHERE slug = 'later';
         INSERT INTO pins (article_id, state, pinned_at) SELECT id, 'removed', 1 FROM articles WHERE slug = 'plain';",
    )
    .await;
    let report = node.admin_json(&["export", "wordpress", "site.xml"]).await;
    assert_eq!(
        (&report["articles"], &report["pages"], &report["notes"]),
        (&12.into(), &1.into(), &1.into()),
        "{report}"
    );
    let path = node.folder.path().join("site.xml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("<wp:wxr_version>1.2</wp:wxr_version>"));
    assert!(!text.contains("mailer@example.org"));
    let items = items(&text);
    let find = |slug: &str| {
        let found = items.iter().find(|item| {
            item.fields
                .get("wp:post_name")
                .is_some_and(|name| name == slug)
        });
        found.unwrap_or_else(|| panic!("no {slug}"))
    };

    let article = find("trotsky");
    let field = |name: &str| article.fields[name].as_str();
    assert_eq!(
        field("title"),
        "Leon Trotsky: Love, Death and Exile in Mexico"
    );
    assert_eq!(
        (
            field("dc:creator"),
            field("wp:status"),
            field("wp:is_sticky")
        ),
        ("ana", "publish", "1")
    );
    assert_eq!(
        (field("wp:post_date_gmt"), field("wp:post_type")),
        ("2026-05-21 09:00:00", "post")
    );
    assert_eq!(field("link"), site.article.url);
    assert!(
        field("content:encoded").contains("<h2"),
        "{}",
        field("content:encoded")
    );
    let mut tags = article.categories.clone();
    tags.sort();
    assert_eq!(tags, ["Film", "History"]);
    // The thread: a reply to the article, a reply to that, a guest's comment, and one that is held.
    let parent = |index: usize| article.comments[index]["wp:comment_parent"].clone();
    assert_eq!(parent(0), "0");
    assert_eq!(parent(1), article.comments[0]["wp:comment_id"]);
    let states: Vec<&str> = article
        .comments
        .iter()
        .map(|comment| comment["wp:comment_approved"].as_str())
        .collect();
    assert!(states.ends_with(&["0", "0"]), "{states:?}");
    // Visitors did not see the last one.
    let hidden = article.comments.last().unwrap();
    assert_eq!(
        (
            hidden["wp:comment_author"].as_str(),
            hidden["wp:comment_content"].as_str()
        ),
        (
            "A &amp; B",
            "<p><strong>Careful</strong></p><p>For members</p>"
        )
    );
    assert!(text.contains("<wp:meta_key><![CDATA[protocol]]></wp:meta_key>"));

    let draft = find("later");
    assert_eq!(draft.fields["title"], "Later ]]&gt; &amp; &lt;more&gt;");
    assert_eq!(
        (
            draft.fields["wp:post_date_gmt"].as_str(),
            draft.fields["pubDate"].as_str()
        ),
        ("0000-00-00 00:00:00", "")
    );
    assert_eq!(find("plain").fields["wp:is_sticky"], "0");
    assert_eq!(
        (
            draft.fields["wp:status"].as_str(),
            draft.fields["dc:creator"].as_str()
        ),
        ("draft", "ben-doe")
    );
    assert_eq!(find("soon").fields["wp:status"], "future");
    assert_eq!(find("about").fields["wp:post_type"], "page");
    assert!(find("note-1").fields["content:encoded"].contains("<em>reading</em>"));
    let attachment = items
        .iter()
        .find(|item| item.fields["wp:post_type"] == "attachment")
        .unwrap();
    let address = &attachment.fields["wp:attachment_url"];
    assert!(address.starts_with(&node.url("/media/")), "{address}");
    assert_eq!(node.page(address).await.status, 200);

    node.admin(&[
        "export",
        "wordpress",
        "site.xml",
        "--with-private",
        "--force",
    ])
    .await;
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("mailer@example.org")
    );
}

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

//! Authors' texts reach every reader intact: tags in every script, pictures, raw HTML, front matter.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;
use serde_json::json;
use std::path::PathBuf;

/// Characters that XML 1.0 forbids, noncharacters that are errors in HTML, and `ok` between them.
const SPOILED: &str = "o\u{1}\u{b}\u{c}\u{1b}\u{7f}\u{FFFE}\u{FFFF}k";

fn is_never_shown(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// Writes a picture of this size, with a distinct colour.
fn picture(node: &TestNode, name: &str, width: u32, colour: u8) -> PathBuf {
    let path = node.folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::from_pixel(width, 2, image::Rgb([colour, 0, 0]))
        .save(&path)
        .unwrap();
    path
}

/// Returns the names of the files in the node's media folder, without their variants.
fn kept(node: &TestNode) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(node.folder.path().join("media")) else {
        return Vec::new();
    };
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.contains('-'))
        .collect()
}

/// Returns the remarks of a successful command.
async fn warnings(node: &TestNode, arguments: &[&str]) -> String {
    let output = node.cli(arguments).await;
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {printed}");
    printed
}

async fn refusal(node: &TestNode, arguments: &[&str]) -> String {
    let output = node.cli(arguments).await;
    assert!(!output.status.success(), "{arguments:?} succeeds");
    String::from_utf8(output.stderr).unwrap()
}

#[apply(both_databases)]
async fn characters_that_no_document_may_have_reach_none(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    sql::run(&node.database_url, &format!(
        "INSERT INTO authors (username, name, bio) VALUES ('ann', 'Ann {SPOILED}', 'Bio {SPOILED}');
             INSERT INTO articles (slug, title, markdown, author_id, byline, summary, content_warning, image_url, image_alt)
             VALUES ('hello', 'Title {SPOILED}', 'Text {SPOILED} `{SPOILED}` &#11;', (SELECT id FROM authors), 'By {SPOILED}',
                'Summary {SPOILED}', 'Warning {SPOILED}', '/media/a.jpg', 'Alt {SPOILED}');
             INSERT INTO article_tags (article_id, tag) SELECT id, 'tag{SPOILED}' FROM articles;"
    )).await;
    let create = peer.wait_for("Create").await;
    assert!(create.verified.is_ok());
    assert!(!has(&create.activity, &is_never_shown), "the Create");
    let object = &create.activity["object"];
    assert_eq!(object["tag"][0]["name"], "#tagok");
    sql::run(&node.database_url, &format!(
        "INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at, received_at)
             SELECT id, 1, 'https://a.example/1', 'Guest {SPOILED}', '', '<p>Comment {SPOILED}</p>', 'visible', 1, 1 FROM articles"
    )).await;
    let url = object["url"].as_str().unwrap();
    let tag = object["tag"][0]["href"].as_str().unwrap();
    assert_eq!(tag, node.url("/tags/tagok"));
    for page in [url, "/", tag, "/authors/ann", "/feed.atom", "/nowhere"] {
        let response = node.page(page).await;
        assert!(
            !response.text.contains(is_never_shown),
            "{page}: {:?}",
            response.text
        );
        assert!(!response.text.contains("&#11;"), "{page}");
    }
    let page = node.page(url).await.text;
    for text in ["Title ok", "By ok", "Text ok", "Comment ok", "Guest ok"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    for document in [
        object["id"].as_str().unwrap(),
        "/users/blog/outbox?page=first",
        "/users/blog/tags",
        "/users/blog",
    ] {
        let text = node.document(document).await.text;
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(!has(&value, &is_never_shown), "{document}: {text}");
    }
    let shown = node.admin_json(&["post", "list"]).await;
    assert!(!has(&shown, &is_never_shown), "{shown}");
    // A file may contain them too.
    let article = node
        .publish(&format!(
            "---\ntitle: \"File {SPOILED} \\x0b\"\nslug: file\n---\nText {SPOILED}.\n"
        ))
        .await;
    assert!(node.page(&article.url).await.text.contains("File ok"));
}

#[apply(both_databases)]
async fn a_tag_has_one_page_in_all_its_spellings_with_notes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let first = node
        .publish("---\ntitle: First\ntags: [Русский, \"C++\", русский]\n---\nOne, #C++ and #fff.\n")
        .await;
    sql::run(&node.database_url,
        "INSERT INTO articles (slug, title, markdown) VALUES ('second', 'Second', 'Two.');
             INSERT INTO article_tags (article_id, tag) SELECT id, 'РУССКИЙ' FROM articles WHERE slug = 'second';
             UPDATE article_tags SET tag = 'русскиЙ' WHERE tag = 'РУССКИЙ'").await;
    node.publish("---\ntitle: Third\n---\nThree #русский, #हिन्दी.\n")
        .await;
    node.admin(&["note", "A note about #Русский and other things."])
        .await;
    node.admin(&["note", "What is behind it: #русский", "--cw", "A warning"])
        .await;
    let document = eventually("the article can be fetched", || async {
        let response = node.document(&first.id).await;
        (response.status == 200).then(|| response.json())
    })
    .await;
    let href = node.url("/tags/%D1%80%D1%83%D1%81%D1%81%D0%BA%D0%B8%D0%B9");
    assert_eq!(
        document["tag"],
        json!([{"type": "Hashtag", "href": href, "name": "#Русский"}])
    );
    for address in [href.as_str(), "/tags/русский"] {
        let page = eventually("all of it is listed", || async {
            let page = node.page(address).await.text;
            page.contains("A warning").then_some(page)
        })
        .await;
        for text in ["First", "Second", "Third", "A note about", "Tagged русскиЙ"] {
            assert!(page.contains(text), "{text} at {address}: {page}");
        }
        assert!(!page.contains("What is behind it"), "{page}");
        assert!(
            page.contains(&format!("rel=\"canonical\" href=\"{href}\"")),
            "{page}"
        );
    }
    for other in ["/tags/Русский", "/tags/РУССКИЙ"] {
        let moved = node.page(other).await;
        assert_eq!(
            (moved.status, moved.header("location")),
            (308, href.as_str())
        );
    }
    let page = node.page(&first.url).await.text;
    assert_eq!(page.matches(&href).count(), 1, "{page}");
    assert!(
        page.contains("/tags/c++") && page.contains("#C++ and #fff"),
        "{page}"
    );
    assert_eq!(node.page("/tags/c++").await.status, 200);
    assert_eq!(node.page("/tags/fff").await.status, 404);
    let feed = node.page("/feed.atom").await.text;
    assert_eq!(
        feed.matches("term=\"Русский\"").count() + feed.matches("term=\"русский\"").count(),
        1,
        "{feed}"
    );
    let top = node.document("/users/blog/tags").await.json();
    assert_eq!(
        (
            &top["orderedItems"][0]["href"],
            &top["orderedItems"][0]["totalItems"]
        ),
        (&json!(href), &json!(2))
    );
}

#[apply(both_databases)]
async fn hashtags_that_were_cut_before_an_update_are_read_anew_and_sent_to_nobody(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.publish("---\ntitle: News\ntags: [Русский]\n---\nOn #हिन्दी and #ÜBER.\n")
        .await;
    peer.wait_for("Create").await;
    node.stop().await;
    sql::run(
        &node.database_url,
        "DELETE FROM settings WHERE name LIKE 'hashtags%';
             UPDATE hashtags SET tag = 'हिन' WHERE tag LIKE 'हि%';
             UPDATE hashtags SET tag = 'ÜBER' WHERE tag = 'über';
             UPDATE tag_spellings SET folded = NULL",
    )
    .await;
    node.restart().await;
    for tag in ["हिन्दी", "über", "русский"] {
        assert_eq!(
            node.page(&format!("/tags/{tag}")).await.status,
            200,
            "{tag}"
        );
    }
    assert_eq!(node.page("/tags/हिन").await.status, 404);
    let article = node.publish("---\ntitle: More\n---\nMore.\n").await;
    eventually("the next article arrives", || async {
        peer.received_of("Create")
            .iter()
            .any(|create| create.activity["object"]["id"] == article.id)
            .then_some(())
    })
    .await;
    assert!(peer.received_of("Update").is_empty());
}

#[apply(both_databases)]
async fn a_long_list_of_a_tag_has_pages_without_gaps(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut statements = String::new();
    for number in 0..23 {
        statements.push_str(&format!(
            "INSERT INTO articles (slug, title, markdown, published_at) VALUES ('a{number}', 'Article {number}.', 'x', {});
                 INSERT INTO article_tags (article_id, tag) SELECT id, 'many' FROM articles WHERE slug = 'a{number}';
                 INSERT INTO notes (uid, local_actor_id, markdown, language, state, published_at)
                 SELECT 'n{number}', id, 'Note {number}. #many', 'en', 'live', {} FROM local_actors WHERE kind = 'site';
                 INSERT INTO hashtags (tag, post_uid) VALUES ('many', 'n{number}');",
            // Several posts at the same time.
            1000 + number / 5, 1000 + number / 5,
        ));
    }
    sql::run(&node.database_url, &statements).await;
    let link = |page: &str, which: &str| {
        let (before, _) = page.split_once(&format!("\">{which} articles</a>"))?;
        Some(before.rsplit_once("href=\"")?.1.to_owned())
    };
    let (mut seen, mut pages) = (Vec::new(), Vec::new());
    let mut address = Some(node.url("/tags/many"));
    while let Some(here) = address {
        let page = node.page(&here).await.text;
        let titles = page
            .split("<h2>")
            .skip(1)
            .filter_map(|part| part.split('>').nth(1)?.split('<').next().map(str::to_owned));
        seen.push(titles.collect::<Vec<_>>());
        address = link(&page, "Older");
        pages.push((here, page));
    }
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 6]);
    let mut all: Vec<&String> = seen.iter().flatten().collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 46);
    for (index, (_, page)) in pages.iter().enumerate().skip(1) {
        assert_eq!(
            link(page, "Newer").as_ref(),
            Some(&pages[index - 1].0),
            "page {index}"
        );
    }
}

#[apply(both_databases)]
async fn every_picture_of_a_text_is_taken_in_or_none(#[case] database: Database) {
    let node = TestNode::start(database).await;
    picture(&node, "pictures/a b.png", 10, 1);
    picture(&node, "c.jpg", 20, 2);
    picture(&node, "lead.png", 30, 3);
    std::fs::write(node.folder.path().join("none.png"), "no picture").unwrap();
    let bad = node.file("bad.md", "---\ntitle: Bad\nimage: lead.png\n---\n\nText ![](c.jpg)\n\n![](gone.png) and\n![x][none]\n\n[none]: none.png\n");
    let why = refusal(&node, &["post", "publish", &bad]).await;
    assert!(
        why.contains("line 8")
            && why.contains("gone.png")
            && why.contains("line 9")
            && why.contains("none.png"),
        "{why}"
    );
    assert!(kept(&node).is_empty(), "something was taken in");
    let text = "---\ntitle: Good\nimage: lead.png\n---\n\nOne ![A](pictures/a%20b.png \"T\") two ![B][b]\n\n\
        <figure><img src='c.jpg' alt=\"C\"></figure>\n\n[b]: <pictures/a b.png>\n\n`![](c.jpg)` [![](c.jpg)](lead.png)\n";
    let article = node.publish(text).await;
    assert_eq!(kept(&node).len(), 3);
    let document = eventually("the article can be fetched", || async {
        let response = node.document(&article.id).await;
        (response.status == 200).then(|| response.json())
    })
    .await;
    let content = document["content"].as_str().unwrap();
    assert_eq!(
        content.matches(&node.url("/media/")).count(),
        4,
        "{content}"
    );
    assert!(
        content.contains("<code>![](c.jpg)</code>") && !content.contains("b.png"),
        "{content}"
    );
    let page = node.page(&article.url).await.text;
    for part in page
        .split("src=\"")
        .skip(1)
        .filter(|part| part.starts_with("/media/"))
    {
        let path = part.split('"').next().unwrap();
        assert_eq!(node.get_bytes(path).await.0, 200, "{path}");
    }
    for part in [
        "og:image:width\" content=\"30\"",
        "og:image:height\" content=\"2\"",
        "width=\"30\" height=\"2\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // The slug is taken, so no picture of this article is kept.
    picture(&node, "new.png", 40, 4);
    let twice = node.file("twice.md", "---\ntitle: Good\n---\n![](new.png)\n");
    assert!(
        refusal(&node, &["post", "publish", &twice])
            .await
            .contains("slug")
    );
    assert_eq!(kept(&node).len(), 3);
    // An edit imports new pictures and removes those that nothing shows any more.
    node.admin(&["post", "edit", "good", &twice]).await;
    assert_eq!(kept(&node).len(), 1);
    assert!(
        refusal(&node, &["note", "See ![](new.png)"])
            .await
            .contains("--image")
    );
}

#[apply(both_databases)]
async fn a_picture_goes_with_the_last_that_shows_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    picture(&node, "a.png", 10, 1);
    let other = picture(&node, "b.png", 20, 2);
    for slug in ["one", "two"] {
        node.publish(&format!(
            "---\ntitle: T\nslug: {slug}\n---\n![](a.png) ![](b.png)\n"
        ))
        .await;
    }
    let note = node
        .admin_json(&[
            "note",
            "Hi",
            "--image",
            &other.display().to_string(),
            "--alt",
            "B",
        ])
        .await;
    node.admin(&["post", "delete", "one", "--yes"]).await;
    assert_eq!(kept(&node).len(), 2);
    node.admin(&["post", "delete", "two", "--yes"]).await;
    assert_eq!(kept(&node).len(), 2, "the bin has lost a picture");
    node.admin(&["post", "bin", "empty", "--yes"]).await;
    let rest = kept(&node);
    assert_eq!(rest.len(), 1);
    assert_eq!(node.get_bytes(&format!("/media/{}", rest[0])).await.0, 200);
    node.admin(&["undo", note["id"].as_str().unwrap(), "--yes"])
        .await;
    assert!(kept(&node).is_empty());
    assert_eq!(node.get_bytes(&format!("/media/{}", rest[0])).await.0, 410);
}

#[apply(both_databases)]
async fn what_lies_behind_a_warning_is_in_no_preview_or_summary(#[case] database: Database) {
    let node = TestNode::start(database).await;
    picture(&node, "a.png", 10, 1);
    let warned = node.publish("---\ntitle: Warned\nslug: warned\nsummary: The secret in short\ncontent_warning: Spiders\n---\nThe secret. ![Eight legs](a.png)\n").await;
    let page = node.page(&warned.url).await.text;
    let head = page.split_once("</head>").unwrap().0;
    assert!(
        !head.contains("secret") && !head.contains("/media/") && !head.contains("legs"),
        "{head}"
    );
    assert!(
        head.contains("property=\"og:description\" content=\"Spiders\""),
        "{head}"
    );
    let feed = node.page("/feed.atom").await.text;
    let summary = feed
        .split_once("<summary xml:lang=\"en\">")
        .unwrap()
        .1
        .split_once("</summary>")
        .unwrap()
        .0;
    assert_eq!(summary, "Spiders");
    let open = node
        .publish("---\ntitle: Open\nslug: open\n---\n![Eight legs](a.png) Text about legs.\n")
        .await;
    let head = node
        .page(&open.url)
        .await
        .text
        .split_once("</head>")
        .unwrap()
        .0
        .to_owned();
    assert!(
        head.contains("name=\"description\" content=\"Text about legs.\""),
        "{head}"
    );
    for part in [
        "og:image\" content=\"http",
        "og:image:width\" content=\"10\"",
        "og:image:height\" content=\"2\"",
        "og:image:alt\" content=\"Eight legs\"",
    ] {
        assert!(head.contains(part), "{part} in {head}");
    }
}

#[apply(both_databases)]
async fn what_is_left_out_of_a_text_is_told(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let file = node.file("a.md", "---\ntitle: Issue #5 is done\nslug: a\n---\n\nText with <video> & 1 < 2.\n\n<script>\nalert(1)\n</script>\n");
    let told = warnings(&node, &["post", "publish", &file]).await;
    for part in [
        "line 2: title",
        "#5 is done",
        "line 6: ",
        "<video>",
        "line 8: ",
        "<script>",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let url = node.admin_json(&["post", "show", "a"]).await["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = node.page(&url).await.text;
    assert!(
        page.contains("<p>Text with  &amp; 1 &lt; 2.</p>") && !page.contains("alert"),
        "{page}"
    );
    let feed = node.page("/feed.atom").await.text;
    assert!(feed.contains("1 &amp;lt; 2."), "{feed}");
    let plain = node.file(
        "b.md",
        "---\ntitle: \"Issue #5\" # here\nslug: b\n---\nText with `<video>` & **1 < 2**.\n",
    );
    assert_eq!(warnings(&node, &["post", "publish", &plain]).await, "");
    assert!(
        warnings(&node, &["note", "On <video> & more"])
            .await
            .contains("<video>")
    );
    let lost = node.file("c.md", "---\ntitle: #5 is done\nslug: c\n---\nText.\n");
    let why = refusal(&node, &["post", "publish", &lost]).await;
    assert!(
        why.contains("no title") && why.contains("#5 is done"),
        "{why}"
    );
}

/// Returns whether a string in a document has such a character.
fn has(value: &serde_json::Value, is_one: &dyn Fn(char) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains(is_one),
        serde_json::Value::Array(list) => list.iter().any(|item| has(item, is_one)),
        serde_json::Value::Object(fields) => fields
            .iter()
            .any(|(name, field)| name.contains(is_one) || has(field, is_one)),
        _ => false,
    }
}

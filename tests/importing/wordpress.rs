//! Exports of WordPress.

use super::{arrivals, counts, import, messages};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::Value;

const EXPORT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/importing/wordpress.xml"
);

/// An export with an item of everything that can be wrong.
const BROKEN: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<rss><channel><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url><wp:category><wp:category_nicename>music</wp:category_nicename><wp:category_parent>culture</wp:category_parent></wp:category>
<item><title><![CDATA[Käse]]></title><content:encoded><![CDATA[One ]]]]><![CDATA[> two &b; [shop id="1"] [gallery]]]></content:encoded><dc:creator>zoë</dc:creator><wp:post_id>1</wp:post_id><wp:post_name>cheese</wp:post_name><wp:is_sticky>1</wp:is_sticky><wp:status>publish</wp:status><wp:post_date_gmt>2010-08-07 12:00:00</wp:post_date_gmt><wp:post_type>post</wp:post_type>
<wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_parent>1</wp:comment_parent><wp:comment_approved>1</wp:comment_approved><wp:comment_content>The reply.</wp:comment_content></wp:comment>
<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_parent>2</wp:comment_parent><wp:comment_approved>1</wp:comment_approved><wp:comment_content>The circle.</wp:comment_content></wp:comment></item>
<item><title>No id</title></item>
<item><title>Cheese again</title><link>https://old.example/2011/05/%d0%be/</link><category domain="category" nicename="music">Music</category><wp:post_id>3</wp:post_id><wp:post_name>cheese</wp:post_name><wp:status>publish</wp:status><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt><wp:post_type>post</wp:post_type><content:encoded>More.</content:encoded></item>
<item><title>A shirt</title><wp:post_id>4</wp:post_id><wp:post_type>product</wp:post_type></item>
<item><title>Cut"#;

/// Runs an import that can't bring everything over. Returns its report.
async fn incomplete(node: &TestNode, arguments: &[&str]) -> Value {
    let output = node.cli(arguments).await;
    assert_eq!(output.status.code(), Some(1));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[apply(both_databases)]
async fn an_export_is_brought_over(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let arguments = ["wordpress", EXPORT, "--no-download"];
    let report = import(&node, &arguments).await;
    assert_eq!(counts(&report, "articles"), [1, 0, 0], "{report}");
    assert_eq!(counts(&report, "drafts"), [1, 0, 0], "{report}");
    assert_eq!(counts(&report, "comments"), [4, 0, 0], "{report}");

    let path = "/2010/08/leon-trotsky-love-death-exile-in-mexico";
    let page = eventually("the comments are on the page", || async {
        let page = node.page(path).await;
        page.text.contains("I always wondered").then_some(page.text)
    })
    .await;
    for shown in [
        "embed-youtube",
        "<strong>Above</strong>",
        "/authors/dan",
        "/tags/history",
        "Sidney Emmer",
    ] {
        assert!(page.contains(shown), "{shown}:\n{page}");
    }
    for hidden in ["alert(1)", "buy now", "[youtube"] {
        assert!(!page.contains(hidden), "{hidden}:\n{page}");
    }
    for (old, new) in [
        (
            "/2010/08/leon_trotsky_love_death_exile_in_mexico.html",
            path,
        ),
        ("/?p=4711", path),
        ("/?author=2", "/authors/dan"),
        ("/author/dan", "/authors/dan"),
        ("/category/history", "/tags/history"),
    ] {
        let response = node.get_as(old, "text/html").await;
        assert_eq!(response.status, 301, "{old}");
        assert!(
            response.header("location").ends_with(new),
            "{old}: {}",
            response.header("location")
        );
    }

    eventually("the article is published", || async {
        (node.number("SELECT COUNT(*) FROM changes").await == Some(0)).then_some(())
    })
    .await;
    let rows = node.rows().await;
    let again = import(&node, &arguments).await;
    assert_eq!(counts(&again, "articles"), [0, 0, 1], "{again}");
    assert_eq!(counts(&again, "comments"), [0, 0, 4], "{again}");
    assert_eq!(node.rows().await, rows);
}

#[apply(both_databases)]
async fn broken_items_are_named_and_the_rest_comes_over(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let file = node.file("export.xml", BROKEN);
    let arguments = ["import", "wordpress", &file, "--no-download", "--json"];
    let report = incomplete(&node, &arguments).await;
    assert_eq!(counts(&report, "articles"), [2, 0, 0], "{report}");
    assert_eq!(counts(&report, "comments"), [2, 0, 0], "{report}");
    assert_eq!(
        messages(&report, "broken"),
        [
            "line 7, item (No id): it has no id",
            "line 10, item: the file ends in the middle of it: it is cut off",
        ]
    );
    let warnings = messages(&report, "warnings").join("\n");
    for part in ["[shop]", "`product`: 1", "cheese-2"] {
        assert!(warnings.contains(part), "{part}:\n{warnings}");
    }
    let page = node.page("/2010/08/cheese").await;
    assert!(
        page.text.contains("One ]]&gt; two &amp;b; [shop id="),
        "{}",
        page.text
    );
    assert!(page.text.contains("Käse"));
    for (old, new) in [
        ("/2011/05/%D0%BE", "/cheese-2"),
        ("/?p=3", "/cheese-2"),
        ("/category/culture/music", "/tags/music"),
    ] {
        let response = node.get_as(old, "text/html").await;
        assert_eq!(response.status, 301, "{old}");
        let location = response.header("location");
        assert!(location.ends_with(new), "{old}: {location}");
    }
    // A sticky post is in the collection of pinned ones, and no follower gets it.
    assert_eq!(arrivals(&node, &crowd).await, ["Create the-last-one"]);
    let pinned = format!("{}/featured", node.blog());
    assert_eq!(node.total(&pinned).await, 1);

    let picture = node.file("picture.jpg", "\u{FFFD}\u{FFFD} not an export");
    let output = node.cli(&["import", "wordpress", &picture]).await;
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(printed.contains("is no export of WordPress"), "{printed}");
}

/// Returns the export of a site at an address, with authors whose logins are alike, and a text with a drawing.
fn alike(address: &str) -> String {
    let author = |id: u32, login: &str| {
        format!(
            "<wp:author><wp:author_id>{id}</wp:author_id><wp:author_login>{login}</wp:author_login></wp:author>"
        )
    };
    let post = |id: u32, login: &str, date: &str, text: &str| {
        format!(
            "<item><title>Post {id}</title><content:encoded><![CDATA[{text}]]></content:encoded>\
             <dc:creator>{login}</dc:creator><wp:post_id>{id}</wp:post_id><wp:post_name>post-{id}</wp:post_name>\
             <wp:status>publish</wp:status><wp:post_date_gmt>{date} 12:00:00</wp:post_date_gmt>\
             <wp:post_type>post</wp:post_type></item>"
        )
    };
    let drawing = format!(
        "<p>Before</p><svg><path d=\"{}\"/></svg><p>After <a href=\"/a.pdf\">a paper</a></p>",
        "M 0 0 ".repeat(8000)
    );
    let items = [
        author(1, "j.smith"),
        author(2, "j_smith"),
        post(1, "j.smith", "1890-05-01", &drawing),
        post(2, "j_smith", "2010-08-07", "Text"),
    ];
    format!(
        "<?xml version=\"1.0\"?><rss><channel><wp:wxr_version>1.2</wp:wxr_version>\
         <wp:base_blog_url>{address}</wp:base_blog_url>{}</channel></rss>",
        items.concat()
    )
}

/// Nothing is lost or mixed up: a text after a long tag, an old date, authors with one user name, a site that got a
/// certificate.
#[apply(both_databases)]
async fn texts_dates_and_authors_stay_whole(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let file = node.file("export.xml", &alike("http://www.old.example"));
    let report = import(&node, &["wordpress", &file, "--no-download"]).await;
    assert_eq!(counts(&report, "authors"), [2, 0, 0], "{report}");
    assert_eq!(counts(&report, "articles"), [2, 0, 0], "{report}");
    let warnings = messages(&report, "warnings").join("\n");
    for part in [
        "this one gets j_smith2",
        "a part of it is missing",
        "/a.pdf",
    ] {
        assert!(warnings.contains(part), "{part}:\n{warnings}");
    }
    let page = node.page("/1890/05/post-1").await;
    assert_eq!(page.status, 200);
    for part in ["Before", "After", "/authors/j_smith\""] {
        assert!(page.text.contains(part), "{part}:\n{}", page.text);
    }
    assert_eq!(node.page("/archive").await.status, 200);
    for (old, new) in [
        ("/author/j-smith", "/authors/j_smith"),
        ("/author/j_smith", "/authors/j_smith2"),
    ] {
        let response = node.get_as(old, "text/html").await;
        let location = response.header("location");
        assert!(location.ends_with(new), "{old}: {location}");
    }

    let file = node.file("export.xml", &alike("https://old.example"));
    let again = import(&node, &["wordpress", &file, "--no-download"]).await;
    assert_eq!(counts(&again, "authors"), [0, 0, 2], "{again}");
    assert_eq!(counts(&again, "articles"), [0, 0, 2], "{again}");
}

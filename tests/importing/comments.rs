//! Imported comments: threads, states, guests, and replies from the fediverse.

use super::{counts, import, messages};
use crate::support::{Crowd, Database, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::Value;

/// A comment of an export of WordPress.
struct Comment<'a> {
    id: u32,
    parent: u32,
    minute: u32,
    approved: &'a str,
    text: &'a str,
    /// Further elements.
    more: &'a str,
}

fn comment(id: u32, parent: u32, text: &str) -> Comment<'_> {
    Comment {
        id,
        parent,
        minute: id,
        approved: "1",
        text,
        more: "",
    }
}

impl Comment<'_> {
    fn xml(&self) -> String {
        let Comment {
            id,
            parent,
            minute,
            approved,
            text,
            more,
        } = self;
        let time = format!("{:02}:{:02}", 12 + minute / 60, minute % 60);
        format!(
            "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[Guest]]></wp:comment_author>\
             <wp:comment_author_email>guest@example.org</wp:comment_author_email>\
             <wp:comment_author_url>https://guest.example/</wp:comment_author_url>\
             <wp:comment_date_gmt>2010-08-07 {time}:00</wp:comment_date_gmt>\
             <wp:comment_date>2010-08-07 {time}:00</wp:comment_date>\
             <wp:comment_content><![CDATA[{text}]]></wp:comment_content>\
             <wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>comment</wp:comment_type>\
             <wp:comment_parent>{parent}</wp:comment_parent>{more}</wp:comment>"
        )
    }
}

fn export(comments: &[Comment<'_>]) -> String {
    let comments: String = comments.iter().map(Comment::xml).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:wp=\"http://wordpress.org/export/1.2/\" xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\">\
         <channel><title>Old</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>\
         <wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>\
         <item><title>On trains</title><link>https://old.example/2010/08/07/trains/</link><dc:creator>ada</dc:creator>\
         <guid isPermaLink=\"false\">https://old.example/?p=12</guid>\
         <content:encoded><![CDATA[<p>Text</p>]]></content:encoded>\
         <wp:post_id>12</wp:post_id><wp:post_date>2010-08-07 10:00:00</wp:post_date>\
         <wp:post_date_gmt>2010-08-07 10:00:00</wp:post_date_gmt><wp:comment_status>open</wp:comment_status>\
         <wp:ping_status>open</wp:ping_status><wp:post_name>trains</wp:post_name><wp:status>publish</wp:status>\
         <wp:post_type>post</wp:post_type>{comments}</item></channel></rss>"
    )
}

/// Returns each comment as `number parent's number state`, and its text.
async fn stored(node: &TestNode) -> Vec<String> {
    node.texts(
        "SELECT c.number || ' ' || COALESCE(p.number, 0) || ' ' || c.state || ' ' || c.content FROM comments c
         LEFT JOIN comments p ON p.id = c.parent_id ORDER BY c.number",
    )
    .await
}

#[apply(both_databases)]
async fn comments_keep_their_threads_states_and_authors(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let meta = |key: &str, value: &str| {
        format!(
            "<wp:commentmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:commentmeta>"
        )
    };
    let remote =
        meta("protocol", "activitypub") + &meta("source_id", "https://far.example/notes/1");
    let comments = [
        Comment {
            minute: 5,
            ..comment(1, 2, "A reply before its parent")
        },
        Comment {
            minute: 1,
            ..comment(2, 0, "The <em>parent</em><script>alert(1)</script>")
        },
        comment(6, 7, "In a circle"),
        comment(7, 6, "In a circle too"),
        comment(8, 99, "To nobody"),
        Comment {
            approved: "0",
            ..comment(9, 0, "It waits")
        },
        Comment {
            approved: "spam",
            ..comment(10, 0, "Buy this")
        },
        comment(11, 0, " "),
        Comment {
            more: &remote,
            ..comment(12, 2, "<p>From afar</p>")
        },
    ];
    let file = node.file("export.xml", &export(&comments));
    let arguments = ["import", "wordpress", &file, "--no-download", "--json"];
    let output = node.cli(&arguments).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report, "comments"), [8, 0, 0], "{report}");
    let broken = messages(&report, "broken");
    assert_eq!(broken.len(), 1, "{broken:?}");
    let rows = stored(&node).await;
    let begins = [
        "1 0 visible <p>The <em>parent</em></p>",
        "2 1 visible <p>A reply before its parent</p>",
        "3 4 visible <p>In a circle</p>",
        "4 0 visible <p>In a circle too</p>",
        "5 0 visible <p>To nobody</p>",
        "6 0 held <p>It waits</p>",
        "7 0 spam <p>Buy this</p>",
        "8 1 visible <p>From afar</p>",
    ];
    assert_eq!(rows, begins);
    let guests = "SELECT name || ' ' || mail || ' ' || site FROM guests";
    assert_eq!(
        node.texts(guests).await,
        ["Guest guest@example.org https://guest.example/"]
    );
    // The plugin stores the handle of a remote author where a guest's mail address is.
    let page = node.page("/2010/08/trains").await.text;
    let page = page.replace("@guest@example.org", "");
    assert!(
        page.contains("From afar") && !page.contains("guest@example.org"),
        "{page}"
    );
    // Nobody is notified, and nothing is scored.
    for query in [
        "SELECT COUNT(*) FROM comments WHERE untold OR guest_untold OR score IS NOT NULL",
        "SELECT COUNT(*) FROM messages",
        "SELECT COUNT(*) FROM changes WHERE NOT silent",
    ] {
        assert_eq!(node.number(query).await, Some(0), "{query}");
    }
    assert!(crowd.arrivals().is_empty());
    // The old addresses lead to the article, and those of comments to the comments.
    for (old, new) in [
        ("/?p=12", "/2010/08/trains"),
        ("/2010/08/07/trains/", "/2010/08/trains"),
        ("/?c=2", "/2010/08/trains#comment-1"),
        ("/?c=1", "/2010/08/trains#comment-2"),
    ] {
        let response = node.get_as(old, "text/html").await;
        assert_eq!(response.status, 301, "{old}");
        let location = response.header("location");
        assert!(location.ends_with(new), "{old}: {location}");
    }

    // A decision here stays; what the other site decided in the meantime comes over. A comment does not become a reply to
    // its own reply.
    let ids = node
        .texts("SELECT CAST(id AS TEXT) FROM comments ORDER BY number")
        .await;
    node.admin(&["comments", "hide", &ids[4]]).await;
    let mut comments = comments;
    comments[4].text = "To nobody at all";
    comments[5].approved = "1";
    comments[1].parent = 1;
    let file = node.file("export.xml", &export(&comments));
    let arguments = ["import", "wordpress", &file, "--no-download", "--json"];
    let output = node.cli(&arguments).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report, "comments"), [0, 2, 5], "{report}");
    assert_eq!(messages(&report, "conflicts").len(), 1, "{report}");
    let rows = stored(&node).await;
    assert_eq!(rows[0], begins[0]);
    assert_eq!(rows[4], "5 0 hidden <p>To nobody</p>");
    assert_eq!(rows[5], "6 0 visible <p>It waits</p>");
}

/// The comments of an article come in several batches: they keep their order, and replies their parents.
#[apply(both_databases)]
async fn many_comments_keep_their_order_and_threads(#[case] database: Database) {
    const MANY: u32 = 620;
    let node = TestNode::start(database).await;
    let comments: Vec<Comment<'_>> = (1..=MANY)
        .map(|id| match id % 2 {
            0 => comment(id, id - 1, "A reply"),
            _ => comment(id, 0, "Text"),
        })
        .collect();
    let file = node.file("export.xml", &export(&comments));
    let report = import(&node, &["wordpress", &file, "--no-download"]).await;
    assert_eq!(counts(&report, "comments"), [620, 0, 0], "{report}");
    // Noon of that day, and a minute for each number.
    let in_order =
        "SELECT COUNT(*) FROM comments WHERE published_at = 1281182400000 + number * 60000";
    assert_eq!(node.number(in_order).await, Some(620));
    let threads = "SELECT COUNT(*) FROM comments c JOIN comments p ON p.id = c.parent_id AND p.number = c.number - 1";
    assert_eq!(node.number(threads).await, Some(310));
}

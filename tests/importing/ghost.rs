//! Exports of Ghost, written as its exporter writes them: each table with all its rows.

use super::{arrivals, counts, import, messages, write_picture};
use crate::support::{Crowd, Database, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// A row of `posts` with the columns that all versions since 5 have.
fn post(id: &str, title: &str, html: &str, more: &Value) -> Value {
    let slug = title.to_lowercase().replace(' ', "-");
    let mut post = json!({
        "id": id, "uuid": format!("7e5bb0b6-0000-4000-8000-0000000000{id}"), "title": title, "slug": slug,
        "mobiledoc": null, "lexical": "{\"root\":{\"children\":[],\"type\":\"root\",\"version\":1}}", "html": html,
        "comment_id": id, "plaintext": title, "feature_image": null, "featured": 0, "type": "post", "status": "published",
        "locale": null, "visibility": "public", "email_recipient_filter": "all", "created_at": "2021-03-01T09:00:00.000Z",
        "updated_at": "2021-03-02T09:00:00.000Z", "published_at": "2021-03-01T10:00:00.000Z", "custom_excerpt": null,
        "codeinjection_head": "<script>alert(1)</script>", "codeinjection_foot": null, "custom_template": null,
        "canonical_url": null, "newsletter_id": null, "show_title_and_feature_image": 1,
    });
    for (name, value) in more.as_object().unwrap() {
        post[name] = value.clone();
    }
    post
}

fn comment(id: &str, parent: Option<&str>, status: &str, html: &str) -> Value {
    json!({
        "id": id, "post_id": "01", "member_id": "m1", "parent_id": parent, "in_reply_to_id": null, "status": status,
        "html": html, "edited_at": null, "created_at": "2021-03-03T09:00:00.000Z", "updated_at": "2021-03-03T09:00:00.000Z",
    })
}

fn export() -> Value {
    let trains = "<p>All about <a href=\"__GHOST_URL__/on-boats/\">boats</a>.<script>alert(1)</script></p>\
                  <figure class=\"kg-card kg-image-card kg-card-hascaption\"><img src=\"__GHOST_URL__/content/images/2021/03/a.png\" \
                  class=\"kg-image\" alt=\"An engine\" loading=\"lazy\" width=\"16\" height=\"16\"><figcaption>Steam</figcaption>\
                  </figure><figure class=\"kg-card kg-embed-card\"><iframe width=\"200\" height=\"113\" \
                  src=\"https://www.youtube.com/embed/aqz-KE-bpKQ?feature=oembed\"></iframe></figure>\
                  <figure class=\"kg-card kg-bookmark-card\"><a class=\"kg-bookmark-container\" href=\"https://example.org/rails\">\
                  <div class=\"kg-bookmark-content\"><div class=\"kg-bookmark-title\">Of rails</div>\
                  <div class=\"kg-bookmark-description\">And sleepers</div></div></a></figure>";
    json!({ "db": [{
        "meta": { "exported_on": 1_700_000_000_000_i64, "version": "6.1.0" },
        "data": {
            // Comments come before posts, since the tables are in alphabetical order.
            "comments": [
                comment("c2", Some("c1"), "published", "<p>A reply</p>"),
                comment("c1", None, "published", "<p>A <b>comment</b><img src=x onerror=alert(1)></p>"),
                comment("c3", None, "hidden", "<p>Nobody sees this</p>"),
                comment("c4", None, "deleted", "<p>Gone</p>"),
            ],
            "members": [{ "id": "m1", "name": "Reader One", "email": "reader@example.org", "status": "free" }],
            "newsletters": [], "products": [], "roles": [], "snippets": [],
            "posts": [
                post("01", "On trains", trains, &json!({
                    "feature_image": "__GHOST_URL__/content/images/2021/03/lead.png", "custom_excerpt": "Rails & sleepers" })),
                post("02", "On boats", "<p>Boats</p>", &json!({ "published_at": "2021-04-01T10:00:00.000Z" })),
                post("03", "About", "<p>About us</p>", &json!({ "type": "page" })),
                post("04", "For members", "<p>Secret</p>", &json!({ "visibility": "members" })),
                post("05", "Unfinished", "<p>Draft</p>", &json!({ "status": "draft", "published_at": null })),
                post("06", "Null", "", &json!({ "html": null, "published_at": "0000-00-00 00:00:00", "lexical":
                    "{\"root\":{\"children\":[{\"type\":\"paragraph\",\"children\":[{\"type\":\"extended-text\",\"text\":\"Lexical \\u0000 text\",\"format\":1}]}],\"type\":\"root\"}}" })),
                { "title": "Without an id" },
            ],
            "posts_authors": [
                { "id": "a1", "post_id": "01", "author_id": "1", "sort_order": 0 },
                { "id": "a2", "post_id": "01", "author_id": "2", "sort_order": 1 },
                { "id": "a3", "post_id": "02", "author_id": "2", "sort_order": 0 },
            ],
            "posts_meta": [{ "id": "p1", "post_id": "01", "feature_image_alt": "A station", "email_only": 0 }],
            "posts_tags": [
                { "id": "t1", "post_id": "01", "tag_id": "1", "sort_order": 0 },
                { "id": "t2", "post_id": "01", "tag_id": "2", "sort_order": 1 },
            ],
            "settings": [
                { "id": "s1", "group": "site", "key": "title", "value": "Rails" },
                { "id": "s2", "group": "core", "key": "db_hash", "value": "6c3b0d5e-0000-4000-8000-000000000000" },
            ],
            "tags": [
                { "id": "1", "name": "Night trains", "slug": "night-trains", "visibility": "public" },
                { "id": "2", "name": "#internal", "slug": "hash-internal", "visibility": "internal" },
            ],
            "users": [
                { "id": "1", "name": "Ada Example", "slug": "ada", "email": "ada@example.org", "bio": "Writes on rails" },
                { "id": "2", "name": "Ben Example", "slug": "ben", "email": "ben@example.org" },
            ],
        },
    }]})
}

/// A site of Ghost's moves here: what readers saw is there, at its old addresses, and nobody is told.
#[apply(both_databases)]
async fn a_site_of_ghost_comes_over_with_its_comments(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let text = serde_json::to_string_pretty(&export()).unwrap();
    let file = node.file("rails.ghost.json", &text);
    let images = node.folder.path().join("images");
    write_picture(&images, "2021/03/a.png", 10);
    write_picture(&images, "2021/03/lead.png", 20);
    let arguments = [
        "import",
        "ghost",
        &file,
        "--attachments",
        images.to_str().unwrap(),
        "--no-download",
        "--json",
    ];
    let output = node.cli(&arguments).await;
    assert_eq!(output.status.code(), Some(1), "one post is broken");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report, "articles"), [3, 0, 0], "{report}");
    assert_eq!(counts(&report, "drafts"), [2, 0, 0], "{report}");
    assert_eq!(counts(&report, "pages"), [1, 0, 0], "{report}");
    assert_eq!(counts(&report, "comments"), [3, 0, 0], "{report}");
    let broken = messages(&report, "broken");
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].starts_with("line "), "{broken:?}");
    assert!(broken[0].ends_with("the post has no id"), "{broken:?}");

    let page = node.page("/2021/03/on-trains").await;
    assert_eq!(page.status, 200);
    let body = &page.text;
    for part in [
        "/2021/04/on-boats",
        "An engine",
        "Steam",
        "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
        "<a href=\"https://example.org/rails\"",
        "And sleepers",
        "A station",
        "Ada Example, Ben Example",
        "A reply",
        "Reader One",
    ] {
        assert!(body.contains(part), "{part} is missing: {body}");
    }
    for part in [
        "alert(1)",
        "Nobody sees this",
        "Gone",
        "reader@example.org",
        "__GHOST",
        "#internal",
    ] {
        assert!(!body.contains(part), "{part} is there: {body}");
    }
    assert!(body.matches("/media/").count() >= 2, "{body}");
    assert!(node.page("/about").await.text.contains("About us"));
    for (old, new) in [
        ("/on-trains", "/2021/03/on-trains"),
        (
            "/p/7e5bb0b6-0000-4000-8000-000000000001",
            "/2021/03/on-trains",
        ),
        ("/tag/night-trains", "/tags/night%20trains"),
        ("/author/ada", "/authors/ada"),
    ] {
        let response = node.get_as(old, "text/html").await;
        assert!(matches!(response.status, 301 | 308), "{old}");
        let location = response.header("location");
        assert!(location.ends_with(new), "{old} leads to {location}");
    }
    assert_eq!(node.page("/for-members").await.status, 404);
    assert_eq!(arrivals(&node, &crowd).await, ["Create the-last-one"]);

    // The same export again, without what was broken, and with the address of the site.
    let mut whole = export();
    whole["db"][0]["data"]["posts"]
        .as_array_mut()
        .unwrap()
        .pop();
    let file = node.file("rails.ghost.json", &whole.to_string());
    let site = ["--site", "https://rails.example"];
    let again = import(&node, &["ghost", &file, "--no-download", site[0], site[1]]).await;
    assert_eq!(counts(&again, "articles"), [0, 0, 3], "{again}");
    assert_eq!(counts(&again, "comments"), [0, 0, 3], "{again}");
}

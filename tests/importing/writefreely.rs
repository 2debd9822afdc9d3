//! Exports of WriteFreely, written as its `export.go` writes them.

use super::{arrivals, counts, import};
use crate::support::{Crowd, Database, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{fs, io::Write};
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

fn post(id: &str, slug: Option<&str>, title: &str, body: &str, paid: bool) -> Value {
    let mut post = json!({
        "id": id, "appearance": "norm", "language": "en", "rtl": false, "created": "2018-05-06T07:08:09Z",
        "updated": "2018-05-06T07:08:09Z", "title": title, "body": body, "tags": ["rails"], "paid": paid, "views": 12,
    });
    if let Some(slug) = slug {
        post["slug"] = json!(slug);
    }
    post
}

/// The blogs of an account become authors; the exports in other forms have the same posts.
#[apply(both_databases)]
async fn an_account_of_writefreely_comes_over_in_any_form(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let export = json!({
        "username": "ada", "has_pass": true, "email": "", "created": "2018-01-01T00:00:00Z", "status": 0,
        "collections": [{
            "alias": "rails", "title": "On Rails", "description": "Of trains", "style_sheet": "", "public": true, "views": 3,
            "url": "https://write.example/rails/", "verification_link": "", "total_posts": 2,
            "posts": [
                post("aaaaaaaaaa", Some("trains"), "On trains", "A *short* text.<!--more-->\n\n<script>alert(1)</script>Rest", false),
                post("bbbbbbbbbb", Some("paid"), "For readers who pay", "Text", true),
            ],
            "Format": null,
        }],
        "posts": [post("cccccccccc", None, "A draft", "Text", false)],
    });
    let file = node.file("ada.json", &export.to_string());
    let report = import(&node, &["writefreely", &file]).await;
    assert_eq!(counts(&report, "articles"), [1, 0, 0], "{report}");
    assert_eq!(counts(&report, "drafts"), [2, 0, 0], "{report}");
    let page = node.page("/2018/05/trains").await;
    assert_eq!(page.status, 200);
    for part in ["<em>short</em>", "Rest", "On Rails", "/tags/rails"] {
        assert!(page.text.contains(part), "{part} is missing: {}", page.text);
    }
    assert!(!page.text.contains("alert(1)"), "{}", page.text);
    for old in ["/rails/trains", "/aaaaaaaaaa"] {
        let response = node.get_as(old, "text/html").await;
        assert!(matches!(response.status, 301 | 308), "{old}");
        assert!(
            response.header("location").ends_with("/2018/05/trains"),
            "{old}"
        );
    }
    assert_eq!(node.page("/cccccccccc").await.status, 404);

    // The archive of texts and the table have the same ids, but less; a dry run only says what it would do.
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let date = DateTime::from_date_and_time(2018, 5, 6, 7, 8, 8).unwrap();
    let options = SimpleFileOptions::default().last_modified_time(date);
    for (name, text) in [
        ("rails/boats_dddddddddd.txt", "# On boats\n\nAfloat"),
        ("eeeeeeeeee.txt", "Another draft"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let path = node.folder.path().join("posts.zip");
    fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
    let report = import(&node, &["writefreely", path.to_str().unwrap()]).await;
    assert_eq!(counts(&report, "articles"), [1, 0, 0], "{report}");
    assert!(node.page("/2018/05/boats").await.text.contains("Afloat"));
    let table = "id,slug,blog,url,created,title,body\n\
                 ffffffffff,signals,rails,https://write.example/rails/signals,2018-05-06T07:08:09Z,On signals,Red\\n\\nGreen\n";
    let table = node.file("posts.csv", table);
    let report = import(&node, &["writefreely", &table, "--dry-run"]).await;
    assert_eq!(counts(&report, "articles"), [1, 0, 0], "{report}");
    assert_eq!(node.page("/2018/05/signals").await.status, 404);
    assert_eq!(arrivals(&node, &crowd).await, ["Create the-last-one"]);
}

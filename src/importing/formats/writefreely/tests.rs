//! Exports of WriteFreely, read.

use super::*;
use crate::importing::model::{
    Body, ImportedArticle, ImportedAuthor, ImportedStatus, Item, Located,
};
use serde_json::json;
use std::{fs, io::Write};

/// Reads an export.
fn read(name: &str, content: &[u8]) -> (Vec<ImportedAuthor>, Vec<ImportedArticle>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let source = open(&path).unwrap();
    let (mut authors, mut articles, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for read in source.items {
        match read {
            Ok(Located {
                value: Item::Author(author),
                ..
            }) => authors.push(author),
            Ok(Located {
                value: Item::Article(article),
                ..
            }) => articles.push(*article),
            Ok(Located { value, .. }) => others.push(format!("{value:?}")),
            Err(Located { place, value }) => others.push(format!("{}: {value}", place.describe())),
        }
    }
    (authors, articles, others)
}

fn post(id: &str, slug: Option<&str>, title: &str, body: &str) -> serde_json::Value {
    let mut post = json!({
        "id": id, "appearance": "norm", "language": "nb", "rtl": false, "created": "2022-01-02T03:04:05Z",
        "updated": "2022-01-02T03:04:05Z", "title": title, "body": body, "tags": [], "paid": false, "views": 3,
    });
    if let Some(slug) = slug {
        post["slug"] = json!(slug);
    }
    post
}

#[test]
fn the_export_of_an_account_is_read() {
    let mut second = post(
        "bbbbbbbbbb",
        Some("second"),
        "",
        "# Not *this*\nA #tag here<!--more-->\n\nMore",
    );
    second["tags"] = json!(["tag"]);
    second["updated"] = json!("2022-02-02T03:04:05Z");
    let mut code = post("cccccccccc", Some("code"), "Code", "a ``` b");
    code["appearance"] = json!("code");
    let mut paid = post("dddddddddd", Some("paid"), "Paid", "Text");
    paid["paid"] = json!(true);
    let mut later = post("eeeeeeeeee", Some("later"), "Later", "Text");
    later["created"] = json!("2999-01-01T00:00:00Z");
    let mut rtl = post("ffffffffff", Some("rtl"), "Rtl", "Text");
    rtl["rtl"] = json!(true);
    rtl["language"] = json!("");
    let export = json!({
        "username": "kari", "has_pass": true, "email": "", "created": "2021-01-01T00:00:00Z", "status": 0,
        "collections": [
            { "alias": "rails", "title": "On Rails", "description": "*Trains*", "style_sheet": "", "public": true,
              "views": 1, "url": "https://write.example/rails/", "verification_link": "", "total_posts": 5,
              "posts": [post("aaaaaaaaaa", Some("first"), "First", "Text"), second, code, paid, later, rtl,
                        post("gggggggggg", Some("empty"), "", ""), { "title": "no id", "body": "x" }], "Format": null },
            { "alias": "boats", "title": "", "description": "", "url": "https://write.example/boats/", "total_posts": 0,
              "posts": null },
        ],
        "posts": [post("hhhhhhhhhh", None, "Draft", "Text")],
    });
    let (authors, articles, others) = read("kari.json", export.to_string().as_bytes());
    assert_eq!(authors.len(), 1);
    assert_eq!(
        (authors[0].key.as_str(), authors[0].name.as_str()),
        ("rails", "On Rails")
    );
    assert_eq!(authors[0].bio, Some(Body::Markdown("*Trains*".to_owned())));
    let first = &articles[0];
    assert_eq!(
        (first.slug.as_str(), first.title.as_str()),
        ("first", "First")
    );
    assert_eq!(first.author.as_deref(), Some("rails"));
    assert_eq!(
        first.former_paths,
        [
            "/rails/first",
            "/aaaaaaaaaa",
            "/aaaaaaaaaa.md",
            "/api/posts/aaaaaaaaaa"
        ]
    );
    assert_eq!(
        first.object_uri.as_deref(),
        Some("https://write.example/api/posts/aaaaaaaaaa")
    );
    assert_eq!(first.published_at, Some(1_641_092_645_000));
    assert_eq!(
        (first.updated_at, first.language.as_deref()),
        (None, Some("nb"))
    );
    let second = &articles[1];
    assert_eq!(second.title, "Not *this*");
    assert_eq!(
        second.body,
        Body::Markdown("A #tag here\n\nMore".to_owned())
    );
    assert_eq!(second.tags, ["tag"]);
    assert!(second.updated_at.is_some());
    assert_eq!(
        articles[2].body,
        Body::Markdown("````\na ``` b\n````\n".to_owned())
    );
    use ImportedStatus::{Draft, Published, Scheduled};
    let states: Vec<ImportedStatus> = articles.iter().map(|article| article.status).collect();
    assert_eq!(
        states,
        [
            Published, Published, Published, Draft, Scheduled, Published, Draft
        ]
    );
    assert_eq!(
        articles[5].body,
        Body::Markdown("<div dir=\"rtl\">\n\nText\n\n</div>\n".to_owned())
    );
    let draft = &articles[6];
    assert_eq!(
        (draft.author.as_deref(), draft.object_uri.as_deref()),
        (None, None)
    );
    assert_eq!(
        others,
        [
            "Notice(\"for subscribers only: imported as drafts\")",
            "line 1, post gggggggggg: the post is empty",
            "line 1, post : the post has no id",
        ]
    );
}

#[test]
fn lists_tables_and_texts_of_posts_are_read() {
    let mut with_blog = post("aaaaaaaaaa", Some("first"), "First", "Text");
    with_blog["collection"] = json!({ "alias": "rails", "title": "On Rails", "total_posts": 0 });
    let list = json!([with_blog, post("bbbbbbbbbb", None, "Draft", "Text")]);
    let (authors, articles, _) = read("posts.json", list.to_string().as_bytes());
    assert_eq!(authors.len(), 1);
    // The address of the blog is unknown: it may be the whole site.
    assert_eq!(articles[0].former_paths[..2], ["/rails/first", "/first"]);
    assert_eq!(articles[1].status, ImportedStatus::Draft);

    let table = "id,slug,blog,url,created,title,body\n\
                 aaaaaaaaaa,first,rails,https://write.example/first,2022-01-02T03:04:05Z,\"A \"\"title\"\"\",One\\n\\nTwo\n\
                 ,,,,,,\nbbbbbbbbbb,,,https://write.example/bbbbbbbbbb.md,2022-01-02T03:04:05Z,,Text\n";
    let (authors, articles, others) = read("posts.csv", table.as_bytes());
    assert_eq!(articles[0].body, Body::Markdown("One\n\nTwo".to_owned()));
    assert_eq!(articles[0].title, "A \"title\"");
    assert_eq!(articles[0].former_paths[0], "/first");
    assert!(authors[0].former_paths.is_empty());
    assert_eq!(
        articles[1].former_paths,
        ["/bbbbbbbbbb.md", "/bbbbbbbbbb", "/api/posts/bbbbbbbbbb"]
    );
    assert_eq!(others, ["line 3, post : the post has no id"]);

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let date = zip::DateTime::from_date_and_time(2022, 1, 2, 3, 4, 6).unwrap();
    let options = zip::write::SimpleFileOptions::default().last_modified_time(date);
    for (name, text) in [
        ("rails/first_aaaaaaaaaa.txt", &b"# First\n\nText"[..]),
        ("bbbbbbbbbb.txt", b"Only text"),
        ("rails/x_cccccccccc.txt", b"caf\xe9"),
        ("../climbs_dddddddddd.txt", b"Text"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text).unwrap();
    }
    let (_, articles, others) = read("posts.zip", &zip.finish().unwrap().into_inner());
    let draft = &articles[0];
    assert_eq!(
        (draft.key.as_str(), draft.status),
        ("bbbbbbbbbb", ImportedStatus::Draft)
    );
    let first = &articles[1];
    assert_eq!(
        (
            first.key.as_str(),
            first.slug.as_str(),
            first.title.as_str()
        ),
        ("aaaaaaaaaa", "first", "First")
    );
    assert_eq!(first.published_at, Some(1_641_092_646_000));
    assert_eq!(others.len(), 2, "{others:?}");
    assert!(
        others[1].ends_with("x_cccccccccc.txt: it is not UTF-8"),
        "{others:?}"
    );
}

#[test]
fn what_is_no_export_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("a.csv", "a,b,c\n1,2,3\n"),
        ("b.txt", "Dear diary"),
        ("c", ""),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let error = open(&path).err().unwrap().to_string();
        assert!(error.contains("is no export of WriteFreely"), "{error}");
    }
}

#[test]
fn a_row_without_an_end_is_not_read_whole() {
    let columns = "id,created,body\n";
    let start = std::io::Cursor::new("id,created,body\naaaaaaaaaa,2018-05-06T07:08:09Z,\"");
    let endless = std::io::Read::chain(start, std::io::repeat(b'x'));
    let rows: Vec<_> = table::read(endless, columns).unwrap().collect();
    let [Err(row)] = rows.as_slice() else {
        panic!("{}", rows.len());
    };
    assert!(row.value.contains("larger than 32 MiB"), "{}", row.value);
}

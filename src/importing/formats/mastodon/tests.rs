//! Archives of Mastodon, read.

use super::*;
use crate::importing::model::{Body, ImportedArticle, Located};
use serde_json::json;
use std::fs;

const KARI: &str = "https://social.example/users/kari";

/// Writes an unpacked archive, and reads it.
fn read(files: &[(&str, String)], choices: Choices) -> Vec<Read> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let source = Export::find(folder.path()).unwrap().open(choices).unwrap();
    assert_eq!(
        source.base.as_ref().unwrap().as_str(),
        "https://social.example/"
    );
    source.items.collect()
}

fn actor() -> (&'static str, String) {
    let actor = json!({
        "id": KARI, "type": "Person", "preferredUsername": "kari", "name": "Kari", "url": "https://social.example/@kari",
        "summary": "<p>Writes</p>", "icon": { "type": "Image", "url": "avatar.png" }, "outbox": "outbox.json",
        "attachment": [{ "type": "PropertyValue", "name": "Web", "value": "<a href=\"https://example.org/?a=1&amp;b=2\">x</a>" }],
    });
    ("actor.json", actor.to_string())
}

fn note(id: u32, more: Value) -> Value {
    let uri = format!("{KARI}/statuses/{id}");
    let mut note = json!({
        "id": uri, "type": "Note", "summary": null, "inReplyTo": null, "published": "2023-04-05T06:07:08Z",
        "url": format!("https://social.example/@kari/{id}"), "attributedTo": KARI,
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [format!("{KARI}/followers")],
        "sensitive": false, "content": format!("<p>Post {id}</p>"), "attachment": [], "tag": [],
    });
    for (name, value) in more.as_object().unwrap() {
        note[name] = value.clone();
    }
    json!({
        "id": format!("{uri}/activity"), "type": "Create", "actor": KARI, "published": "2023-04-05T06:07:08Z",
        "to": note["to"].clone(), "cc": note["cc"].clone(), "object": note,
    })
}

fn outbox(items: &[Value]) -> (&'static str, String) {
    let outbox = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection",
        "totalItems": items.len(), "orderedItems": items,
    });
    ("outbox.json", outbox.to_string())
}

fn articles(reads: Vec<Read>) -> (Vec<ImportedArticle>, Vec<String>) {
    let (mut articles, mut others) = (Vec::new(), Vec::new());
    for read in reads {
        match read {
            Ok(Located {
                value: Item::Article(article),
                ..
            }) => articles.push(*article),
            Ok(Located {
                value: Item::Notice(remark),
                ..
            }) => others.push(remark),
            Ok(_) => {}
            Err(Located { place, value }) => others.push(format!("{}: {value}", place.describe())),
        }
    }
    (articles, others)
}

#[test]
fn public_posts_become_notes_and_the_rest_is_counted() {
    let followers = format!("{KARI}/followers");
    let own = |id: u32| json!(format!("{KARI}/statuses/{id}"));
    let media = "media_attachments/files/001/002/original/cat.png";
    let items = [
        note(
            1,
            json!({
                "content": "<p>Hello <a href=\"https://social.example/tags/rail\" class=\"mention hashtag\" rel=\"tag\">#<span>rail</span></a></p>",
                "contentMap": { "nb": "<p>Hello <a href=\"https://social.example/tags/rail\" class=\"mention hashtag\" rel=\"tag\">#<span>rail</span></a></p>" },
                "tag": [{ "type": "Hashtag", "name": "#rail" }, { "type": "Mention", "name": "@per@example.net" }, "rail"],
                "attachment": [
                    { "type": "Document", "mediaType": "image/png", "url": media, "name": "A cat", "focalPoint": [0.0, 0.5] },
                    { "type": "Document", "mediaType": "video/mp4", "url": "/media_attachments/files/9/original/v.mp4", "name": null },
                    { "type": "Link", "href": "https://example.org/" },
                ],
                "updated": "2023-05-01T00:00:00Z",
            }),
        ),
        // Unlisted, with a content warning, continuing the first.
        note(
            2,
            json!({
                "to": [followers], "cc": ["https://www.w3.org/ns/activitystreams#Public"], "inReplyTo": own(1),
                "summary": "Spoiler", "sensitive": true,
            }),
        ),
        note(3, json!({ "inReplyTo": "https://other.example/notes/1" })),
        note(4, json!({ "inReplyTo": own(3) })),
        note(5, json!({ "to": [format!("{KARI}/followers")], "cc": [] })),
        note(
            6,
            json!({ "to": ["https://other.example/users/per"], "cc": [] }),
        ),
        json!({ "id": "x", "type": "Announce", "object": "https://other.example/notes/1" }),
        note(
            7,
            json!({ "type": "Question", "oneOf": [
            { "type": "Note", "name": "Yes & no", "replies": { "type": "Collection", "totalItems": 3 } },
            { "type": "Note", "name": "No" },
        ] }),
        ),
        // Two that reply to each other.
        note(8, json!({ "inReplyTo": own(9) })),
        note(9, json!({ "inReplyTo": own(8) })),
        note(10, json!({ "content": "" })),
        json!({ "type": "Create", "object": { "type": "Note", "content": "no id" } }),
        json!(17),
    ];
    let likes =
        json!({ "orderedItems": ["https://a.example/1", "https://a.example/2"] }).to_string();
    let files = [
        actor(),
        outbox(&items),
        ("likes.json", likes),
        // As Mastodon 3 writes them, with the path on the server.
        (
            "home/mastodon/live/public/system/media_attachments/files/001/002/original/cat.png",
            "png".to_owned(),
        ),
    ];
    let reads = read(&files, Choices::default());
    let (notes, others) = articles(reads);
    let keys: Vec<&str> = notes
        .iter()
        .map(|note| note.key.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(keys, ["1", "2", "7"]);
    let first = &notes[0];
    assert!(first.is_note && first.title.is_empty());
    assert_eq!(
        first.body,
        Body::Html(
            "<p>Hello #rail</p><p><video src=\"/media_attachments/files/9/original/v.mp4\" aria-label=\"\" controls></video></p>"
                .to_owned()
        )
    );
    assert_eq!(
        first.image.as_deref(),
        Some(&*format!("home/mastodon/live/public/system/{media}"))
    );
    assert_eq!(first.image_alt.as_deref(), Some("A cat"));
    assert_eq!(
        (first.language.as_deref(), first.tags.as_slice()),
        (Some("nb"), &["rail".to_owned()][..])
    );
    assert_eq!(
        first.former_paths,
        [
            "https://social.example/@kari/1",
            &*format!("{KARI}/statuses/1")
        ]
    );
    assert_eq!(
        first.object_uri.as_deref(),
        Some(&*format!("{KARI}/statuses/1"))
    );
    assert!(first.updated_at > first.published_at);
    assert_eq!(notes[1].in_reply_to.as_deref(), Some(first.key.as_str()));
    assert_eq!(notes[1].content_warning.as_deref(), Some("Spoiler"));
    assert!(notes[1].sensitive);
    assert_eq!(
        notes[2].body,
        Body::Html("<p>Post 7</p><ul><li>Yes &amp; no (3)</li><li>No (0)</li></ul>".to_owned())
    );
    others
        .iter()
        .zip([
            format!("outbox.json, line 1, {KARI}/statuses/10: the post has no text"),
            "outbox.json, line 1: the post has no id".to_owned(),
            "left out: 1 activity of another kind".to_owned(),
            "left out: 1 boost".to_owned(),
            "left out: 1 direct message".to_owned(),
            "left out: 2 likes".to_owned(),
            "left out: 1 post for followers only".to_owned(),
            "left out: 4 replies to somebody else".to_owned(),
        ])
        .for_each(|(found, expected)| assert_eq!(*found, expected));
    assert_eq!(others.len(), 8);
}

#[test]
fn posts_become_articles_if_asked_and_other_software_is_read() {
    // As Pleroma writes it: a list of links for each file, and hashtags as texts too.
    let pleroma = note(
        1,
        json!({
            "attachment": [{ "type": "Document", "mediaType": "image/png", "name": "",
                "url": [{ "type": "Link", "href": "https://social.example/media/a.png", "mediaType": "image/png" }] }],
            "content": "<p>A tale. Of two</p>", "contentMap": { "und": "<p>A tale. Of two</p>" },
        }),
    );
    let picture = note(
        2,
        json!({
            "content": "", "attachment": [{ "type": "Image", "url": "https://social.example/b.png" }],
        }),
    );
    let article = note(3, json!({ "type": "Article", "name": "A title" }));
    let files = [actor(), outbox(&[pleroma, picture, article])];
    let reads = read(&files, Choices { as_articles: true });
    let Ok(Located {
        value: Item::Author(author),
        ..
    }) = &reads[0]
    else {
        panic!("no author: {:?}", reads[0]);
    };
    assert_eq!(
        (author.key.as_str(), author.username.as_str()),
        (KARI, "kari")
    );
    assert_eq!(
        author.website.as_deref(),
        Some("https://example.org/?a=1&b=2")
    );
    assert_eq!(author.picture.as_deref(), Some("avatar.png"));
    assert_eq!(author.former_paths, ["https://social.example/@kari", KARI]);
    let (posts, _) = articles(reads);
    assert!(posts.iter().all(|post| !post.is_note));
    let titles: Vec<&str> = posts.iter().map(|post| post.title.as_str()).collect();
    assert_eq!(titles, ["", "2023-04-05", "A title"]);
    assert_eq!(
        posts[0].image.as_deref(),
        Some("https://social.example/media/a.png")
    );
    assert_eq!(
        (posts[0].image_alt.as_deref(), posts[0].language.as_deref()),
        (None, None)
    );
    // Without a file about the account, in a folder of its own, cut off in the middle.
    let whole = outbox(&[note(1, json!({})), note(2, json!({}))]).1;
    let cut = whole[..whole.len() - 40].to_owned();
    let (posts, others) = articles(read(&[("archive-1/outbox.json", cut)], Choices::default()));
    assert_eq!(posts[0].author.as_deref(), Some(KARI));
    assert_eq!(posts.len(), 1);
    assert_eq!(
        others,
        ["outbox.json, line 1: the rest can't be read: the file ends too early"]
    );
    let empty = tempfile::tempdir().unwrap();
    let error = Export::find(empty.path()).err().unwrap();
    assert!(error.to_string().contains("has no outbox.json"), "{error}");
}

#[test]
fn the_posts_of_pixelfed_are_read() {
    let account = json!({ "id": "7", "username": "kari", "url": "https://social.example/kari" });
    let post = |id: &str, more: Value| {
        let url = format!("https://social.example/p/kari/{id}");
        let mut post = json!({
            "id": id, "uri": url, "url": url, "in_reply_to_id": "", "in_reply_to_account_id": "", "reblog": null,
            "content": "A <b>lake</b>", "created_at": "2023-04-05T06:07:08.000Z", "sensitive": false, "spoiler_text": "",
            "visibility": "public", "account": account, "tags": [{ "name": "lake", "url": "x" }],
            "media_attachments": [{ "id": "1", "type": "image", "url": "https://social.example/storage/a.jpg",
                "description": "A lake", "mime": "image/jpeg" }],
        });
        for (name, value) in more.as_object().unwrap() {
            post[name] = value.clone();
        }
        post
    };
    let posts = json!([
        post("1", json!({})),
        post(
            "2",
            json!({ "in_reply_to_id": "1", "in_reply_to_account_id": "7" })
        ),
        post(
            "3",
            json!({ "in_reply_to_id": "9", "in_reply_to_account_id": "8" })
        ),
        post("4", json!({ "visibility": "private" })),
        post("5", json!({ "reblog": {} })),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pixelfed-statuses.json");
    fs::write(&path, serde_json::to_string_pretty(&posts).unwrap()).unwrap();
    let source = Export::find(&path)
        .unwrap()
        .open(Choices::default())
        .unwrap();
    let (notes, others) = articles(source.items.collect());
    let keys: Vec<&str> = notes.iter().map(|note| note.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "https://social.example/p/kari/1",
            "https://social.example/p/kari/2"
        ]
    );
    assert_eq!(
        notes[0].image.as_deref(),
        Some("https://social.example/storage/a.jpg")
    );
    assert_eq!(
        (notes[0].image_alt.as_deref(), notes[0].tags.len()),
        (Some("A lake"), 1)
    );
    assert_eq!(notes[1].in_reply_to.as_deref(), Some(keys[0]));
    assert_eq!(
        others,
        [
            "left out: 1 boost",
            "left out: 1 post for followers only",
            "left out: 1 reply to somebody else"
        ]
    );
}

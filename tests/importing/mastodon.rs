//! Archives of Mastodon accounts, written as its backup service writes them.

use super::{arrivals, counts, import, messages};
use crate::support::{Crowd, Database, TestNode, both_databases, eventually};
use flate2::{Compression, write::GzEncoder};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{fs, io::Write};
use tar::{EntryType, Header};

const ADA: &str = "https://social.example/users/ada";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn create(id: u32, content: &str, more: &Value) -> Value {
    let uri = format!("{ADA}/statuses/{id}");
    let mut note = json!({
        "id": uri, "type": "Note", "summary": null, "inReplyTo": null, "published": format!("2019-02-03T04:05:{:02}Z", id % 60),
        "url": format!("https://social.example/@ada/{id}"), "attributedTo": ADA, "to": [PUBLIC],
        "cc": [format!("{ADA}/followers")], "sensitive": false, "atomUri": uri, "conversation": "tag:social.example:1",
        "content": content, "contentMap": { "en": content }, "attachment": [], "tag": [],
        "replies": { "id": format!("{uri}/replies"), "type": "Collection" },
    });
    for (name, value) in more.as_object().unwrap() {
        note[name] = value.clone();
    }
    json!({
        "id": format!("{uri}/activity"), "type": "Create", "actor": ADA, "published": note["published"].clone(),
        "to": note["to"].clone(), "cc": note["cc"].clone(), "object": note,
    })
}

fn outbox() -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection",
        "totalItems": 8,
        "orderedItems": [
            create(101, "<p>Good morning, <a href=\"https://social.example/tags/trains\" class=\"mention hashtag\" rel=\"tag\">#<span>trains</span></a></p>",
                &json!({ "attachment": [{ "type": "Document", "mediaType": "image/png", "name": "A signal", "blurhash": "x",
                    "url": "media_attachments/files/101/original/signal.png", "focalPoint": [0.1, 0.2], "width": 16, "height": 16 }] })),
            create(102, "<p>And it goes on</p>", &json!({ "inReplyTo": format!("{ADA}/statuses/101") })),
            create(103, "<p>Hidden<script>alert(1)</script> words</p>", &json!({ "summary": "About food", "sensitive": true })),
            create(104, "<p>To a friend</p>", &json!({ "inReplyTo": "https://other.example/notes/1" })),
            create(105, "<p>For followers</p>", &json!({ "to": [format!("{ADA}/followers")], "cc": [] })),
            create(106, "<p>Direct</p>", &json!({ "to": ["https://other.example/users/ben"], "cc": [] })),
            { "id": "https://social.example/a", "type": "Announce", "actor": ADA, "object": "https://other.example/notes/2" },
            create(107, "<p>Which?</p>", &json!({ "type": "Question", "oneOf": [
                { "type": "Note", "name": "Tea", "replies": { "type": "Collection", "totalItems": 4 } } ] })),
        ],
    })
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, kind: EntryType, content: &[u8]) {
    let mut header = Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o444);
    header.set_size(content.len() as u64);
    if kind == EntryType::Symlink {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    tar.append(&header, content).unwrap();
}

/// An archive of version 4.0: media, the outbox, and the actor last. With something that climbs out of it, if asked.
fn archive(is_hostile: bool) -> Vec<u8> {
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(16, 16, image::Rgb([90, 20, 30]))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let actor = json!({
        "id": ADA, "type": "Person", "preferredUsername": "ada", "name": "Ada Example", "summary": "<p>On rails</p>",
        "url": "https://social.example/@ada", "outbox": "outbox.json", "likes": "likes.json", "bookmarks": "bookmarks.json",
        "icon": { "type": "Image", "mediaType": "image/png", "url": "avatar.png" },
    });
    let likes = json!({ "id": "likes.json", "type": "OrderedCollection", "orderedItems": ["https://other.example/notes/3"] });
    let file = EntryType::Regular;
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let picture = picture.get_ref();
    // Some versions write the path on the server.
    let name = "/srv/mastodon/public/system/media_attachments/files/101/original/signal.png";
    append(&mut tar, name, file, picture);
    append(&mut tar, "avatar.png", file, picture);
    if is_hostile {
        append(&mut tar, "../../climbs.png", file, picture);
        append(&mut tar, "passwd.png", EntryType::Symlink, b"");
    }
    append(
        &mut tar,
        "outbox.json",
        file,
        outbox().to_string().as_bytes(),
    );
    append(&mut tar, "likes.json", file, likes.to_string().as_bytes());
    append(&mut tar, "actor.json", file, actor.to_string().as_bytes());
    tar.into_inner().unwrap().finish().unwrap()
}

/// An account moves here with its posts: public ones are notes or articles, and all others stay away.
#[apply(both_databases)]
async fn an_archive_of_mastodon_comes_over_as_notes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let path = node.folder.path().join("archive.tar.gz");
    fs::write(&path, archive(false)).unwrap();
    let path = path.to_str().unwrap();
    let report = import(&node, &["mastodon", path, "--no-download"]).await;
    assert_eq!(counts(&report, "notes"), [4, 0, 0], "{report}");
    let notices = messages(&report, "warnings").join("\n");
    for left_out in [
        "1 boost",
        "1 direct message",
        "1 like",
        "1 post for followers only",
        "1 reply to somebody else",
    ] {
        assert!(notices.contains(left_out), "{left_out}: {report}");
    }
    let notes = eventually("the notes are published", || async {
        let page = node.page("/notes").await.text;
        ["Good morning", "A signal", "About food", "Tea (4)"]
            .iter()
            .all(|text| page.contains(text))
            .then_some(page)
    })
    .await;
    for part in [
        "Good morning",
        "/tags/trains",
        "A signal",
        "/media/",
        "About food",
        "Tea (4)",
    ] {
        assert!(notes.contains(part), "{part} is missing: {notes}");
    }
    for part in ["alert(1)", "To a friend", "For followers", "Direct"] {
        assert!(!notes.contains(part), "{part} is there: {notes}");
    }
    assert_eq!(arrivals(&node, &crowd).await, ["Create the-last-one"]);
    let again = import(&node, &["mastodon", path, "--no-download"]).await;
    assert_eq!(counts(&again, "notes"), [0, 0, 4], "{again}");

    // As articles, from an archive that someone tampered with.
    fs::write(path, archive(true)).unwrap();
    let arguments = [
        "import",
        "mastodon",
        path,
        "--articles",
        "--no-download",
        "--json",
    ];
    let output = node.cli(&arguments).await;
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report, "articles"), [4, 0, 0], "{report}");
    let broken = messages(&report, "broken").join("\n");
    assert!(
        broken.contains("its name leads out of the archive"),
        "{broken}"
    );
    assert!(
        broken.contains("passwd.png was left out: it is a link"),
        "{broken}"
    );
    assert!(!node.folder.path().join("climbs.png").exists());
}

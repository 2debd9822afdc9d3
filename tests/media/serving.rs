//! Files at `/media/`: whole, in parts, and after their end.

use super::{article, list, run, samples::*, stored, write};
use crate::support::{Database, TestNode, both_databases};
use image::ImageFormat;
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Checks that a file and its variants are served as they are described, and reveal nothing.
pub(super) async fn check(node: &TestNode, media: &Value) {
    let variants = media["variants"].as_array().unwrap();
    for file in std::iter::once(media).chain(variants) {
        let path = format!("/media/{}", file["name"].as_str().unwrap());
        let response = node.client().get(node.url(&path)).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(
            header("content-type"),
            file["content_type"].as_str().unwrap()
        );
        assert_eq!(header("content-length"), file["bytes"].to_string());
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "default-src 'none'");
        assert_eq!(
            header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        let bytes = response.bytes().await.unwrap();
        let hidden = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(
            !hidden(b"secret") && !hidden(b"<script") && !hidden(b"Exif"),
            "{path}"
        );
        if file["width"].is_number() {
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!(
                json!([picture.width(), picture.height()]),
                json!([file["width"], file["height"]])
            );
        }
    }
}

#[apply(both_databases)]
async fn parts_of_a_file_are_served_and_hostile_ranges_do_no_harm(#[case] database: Database) {
    let node = TestNode::start(database).await;
    write(&node, "song.mp3", &mp3());
    node.publish("---\ntitle: T\n---\n[A song](song.mp3)\n")
        .await;
    let name = list(&node).await[0]["address"].as_str().unwrap().to_owned();
    let whole = mp3();
    for (range, status, of, part) in [
        ("bytes=0-0", 206, "bytes 0-0/1000", 0..1),
        ("bytes=500-", 206, "bytes 500-999/1000", 500..1000),
        ("bytes=-10", 206, "bytes 990-999/1000", 990..1000),
        (
            "bytes=990-99999999999999999999",
            206,
            "bytes 990-999/1000",
            990..1000,
        ),
        ("bytes=1000-", 416, "bytes */1000", 0..0),
        ("bytes=-0", 416, "bytes */1000", 0..0),
        ("bytes=99999999999999999999-", 416, "bytes */1000", 0..0),
        ("bytes=0-1,5-6", 200, "", 0..1000),
        ("bytes=5-2", 200, "", 0..1000),
        ("bytes=", 200, "", 0..1000),
        ("bytes=0-0-0", 200, "", 0..1000),
        ("seconds=1-2", 200, "", 0..1000),
        ("bytes=1-2;", 200, "", 0..1000),
    ] {
        let request = node.client().get(node.url(&name)).header("range", range);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{range}");
        let found = response.headers().get("content-range");
        assert_eq!(
            found.map_or("", |value| value.to_str().unwrap()),
            of,
            "{range}"
        );
        if status != 416 {
            assert_eq!(response.bytes().await.unwrap(), whole[part], "{range}");
        }
    }
    let many = format!("bytes={}", vec!["0-0"; 700].join(","));
    let response = node.get_with(&name, &[("range", &many)]).await;
    assert!(response.status < 500, "{}", response.status);
    let first = node.client().head(node.url(&name)).send().await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["content-length"]),
        (200, &"1000".parse().unwrap())
    );
    assert_eq!(first.headers()["accept-ranges"], "bytes");
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(
        node.get_with(&name, &[("if-none-match", &etag)])
            .await
            .status,
        304
    );
    for (version, status) in [(etag.as_str(), 206), ("\"other\"", 200)] {
        let request = node.client().get(node.url(&name));
        let request = request
            .header("range", "bytes=0-1")
            .header("if-range", version);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status);
    }
    for path in [
        "/media/..%2Fpamphlet.toml",
        "/media/%00.jpg",
        "/media/0a1b.jpg",
        "/media/x",
        "/media/a-99999999.webp",
    ] {
        let response = node.get_with(path, &[("range", "bytes=0-")]).await;
        assert!(
            [400, 404].contains(&response.status),
            "{path} {}",
            response.status
        );
    }
}

#[apply(both_databases)]
async fn a_file_is_gone_when_nothing_uses_it(#[case] database: Database) {
    let icon = "[site]\nicon = \"ICON\"\n";
    let mut node = TestNode::start(database).await;
    write(
        &node,
        "icon.png",
        &encoded(&drawing(9, 9), ImageFormat::Png),
    );
    write(&node, "a.png", &encoded(&drawing(20, 3), ImageFormat::Png));
    // A file of an older version, which had no rows.
    let folder = node.folder.path().join("media");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("0a1b.png"),
        encoded(&drawing(5, 4), ImageFormat::Png),
    )
    .unwrap();
    let path = node.folder.path().join("icon.png").display().to_string();
    node.configure(&icon.replace("ICON", &path));
    node.restart().await;
    assert_eq!(node.get_bytes("/media/0a1b.png").await.0, 200);
    let file = article(&node, "a.md", "slug: a", &["![A](a.png)".to_owned()]);
    node.admin(&["post", "publish", &file]).await;
    let names: Vec<String> = list(&node)
        .await
        .iter()
        .map(|media| media["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let markdown = node.texts("SELECT markdown FROM articles").await.remove(0);
    let name = names.iter().find(|name| markdown.contains(*name)).unwrap();
    // Another program deletes the article.
    node.sql("DELETE FROM articles").await;
    let unused = node.admin_json(&["media", "list", "--unused"]).await;
    assert_eq!(unused.as_array().unwrap().len(), 2, "{unused:#}");
    for arguments in [&["media", "gc", "--dry-run"][..], &["media", "gc"]] {
        let printed = node.admin(arguments).await;
        assert!(printed.contains(name), "{printed}");
    }
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 200);
    // A file that an article is about to use stays.
    let claim = "UPDATE media SET claimed_at = created_at WHERE name = '0a1b.png'";
    node.sql(claim).await;
    let printed = node.admin(&["media", "gc", "--yes"]).await;
    assert!(printed.starts_with("Removed 1 file,"), "{printed}");
    for (name, status) in [(name.as_str(), 410), ("0a1b.png", 200), ("0c.png", 404)] {
        assert_eq!(
            node.get_bytes(&format!("/media/{name}")).await.0,
            status,
            "{name}"
        );
    }
    let shown = node.admin_json(&["media", "show", name]).await;
    assert!(
        shown["removed"].is_string() && shown["used_by"] == json!([]),
        "{shown}"
    );
    // It returns with an article.
    node.admin(&["post", "draft", &file]).await;
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 200);
    // A page keeps it as an article does, and takes it along.
    let page = node.file("p.md", "---\ntitle: P\nslug: p\n---\n![A](a.png)\n");
    node.admin(&["page", "publish", &page]).await;
    node.admin(&["post", "delete", "a", "--yes"]).await;
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 200);
    let shown = node.admin(&["media", "show", name]).await;
    assert!(shown.contains("used by the page p"), "{shown}");
    let (done, error) = run(&node, &["media", "show", "0d.png"]).await;
    assert!(!done && error.contains("no file is named"), "{error}");
    node.admin(&["page", "delete", "p", "--yes"]).await;
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 410);
    // The bin brings it back.
    node.admin(&["page", "restore", "p"]).await;
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 200);
    node.admin(&["page", "delete", "p", "--yes"]).await;
    assert!(stored(&node).contains(name));
    for kind in ["post", "page"] {
        node.admin(&[kind, "bin", "empty", "--yes"]).await;
    }
    assert_eq!(node.get_bytes(&format!("/media/{name}")).await.0, 410);
    assert!(!stored(&node).contains(name));
}

#[apply(both_databases)]
async fn relative_addresses_of_other_programs_stay_and_are_pointed_out(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.sql("INSERT INTO articles (slug, title, markdown) VALUES ('by-sql', 'T', 'See ![A](img/a.png)')").await;
    let output = node.cli(&["doctor"]).await;
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("by-sql names img/a.png"), "{printed}");
    let markdown = node.texts("SELECT markdown FROM articles").await;
    assert_eq!(markdown, ["See ![A](img/a.png)"]);
}

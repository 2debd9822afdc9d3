//! A publication as plain HTML.

use crate::support::{Database, both_databases, eventually, sample_site::SampleSite};
use regex::Regex;
use rstest_reuse::apply;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};
use walkdir::WalkDir;

/// More articles than fit on a page, many comments, former addresses, and tags that are no names of files.
const MORE: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
    INSERT INTO articles (slug, title, markdown, published_at)
    SELECT 'more-' || i, 'More ' || i, 'A [link](/nowhere-at-all) and [another](/2026/04/plain#x).', 1700000000000 + CAST(i AS BIGINT) * 86400000 FROM n;
    INSERT INTO article_tags (article_id, tag) SELECT id, '..' FROM articles WHERE slug = 'more-1';
    INSERT INTO article_tags (article_id, tag) SELECT id, 'a/b' FROM articles WHERE slug = 'more-1';
    INSERT INTO article_tags (article_id, tag) SELECT id, 'node.js' FROM articles WHERE slug = 'more-1';
    INSERT INTO article_paths (path, article_uid) SELECT '/2010/08/plain.html', uid FROM articles WHERE slug = 'plain';
    INSERT INTO article_paths (path, article_uid) SELECT '/old/plain', uid FROM articles WHERE slug = 'plain';
    WITH RECURSIVE n(i) AS (SELECT 11 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
    INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at, received_at)
    SELECT a.id, i, 'https://talk.example/notes/' || i, 'Ben', '@ben@talk.example', '<p>Text ' || i || '</p>', 'visible', 1, 1
    FROM n, articles a WHERE a.slug = 'trotsky';
    UPDATE articles SET last_comment_number = 150 WHERE slug = 'trotsky';
    UPDATE pages SET slug = 'about-us' WHERE slug = 'about';
";

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let relative = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    files.map(|entry| relative(entry.path())).collect()
}

/// Returns the links of all pages that lead to no file.
fn broken_links(folder: &Path, origin: &str) -> Vec<String> {
    let attribute = Regex::new(r#"(?:href|src|srcset|poster)="([^"]*)""#).unwrap();
    let mut broken = Vec::new();
    let pages = files(folder);
    for page in pages.iter().filter(|name| name.ends_with(".html")) {
        let html = std::fs::read_to_string(folder.join(page)).unwrap();
        for found in attribute.captures_iter(&html) {
            for link in found[1].split(", ") {
                let link = link.split(' ').next().unwrap();
                let path = link.strip_prefix(origin).unwrap_or(link);
                let path = path.split(['#', '?']).next().unwrap();
                if !path.starts_with('/') {
                    continue;
                }
                let path = percent_encoding::percent_decode_str(path)
                    .decode_utf8()
                    .unwrap();
                let mut file: PathBuf = folder.join(path.trim_start_matches('/'));
                if path.ends_with('/') {
                    file.push("index.html");
                }
                if !file.is_file() && path != "/nowhere-at-all/" {
                    broken.push(format!("{page}: {link}"));
                }
            }
        }
    }
    broken
}

#[apply(both_databases)]
async fn every_link_of_the_files_leads_to_a_file(#[case] database: Database) {
    let language = if database == Database::Sqlite {
        "en"
    } else {
        "ar"
    };
    let site = SampleSite::open(database, language).await;
    let node = &site.node;
    node.sql(MORE).await;
    eventually("all changes are published", || async {
        let left = "SELECT COUNT(*) FROM changes WHERE due_at < 3000000000000";
        (node.number(left).await == Some(0)).then_some(())
    })
    .await;
    let folder = node.folder.path().join("public");
    let read = |name: &str| {
        std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("CNAME"), "blog.example").unwrap();

    let report = node.admin_json(&["export", "static", "public"]).await;
    let dead: Vec<&str> = report["dead_links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["link"].as_str().unwrap())
        .collect();
    assert_eq!(dead, ["/nowhere-at-all"]);
    assert_eq!(broken_links(&folder, &node.origin), [] as [String; 0]);

    // All kinds of pages and documents are there, and nothing that needs a running node.
    let all = files(&folder);
    for name in [
        "index.html",
        "404.html",
        "2026/05/trotsky/index.html",
        "archive/2026/index.html",
        "tags/film/index.html",
        "tags/node.js/index.html",
        "authors/ana/index.html",
        "authors/ana/feed.atom",
        "notes/index.html",
        "about-us/index.html",
        "subscribe/index.html",
        "feed.atom",
        "feed.json",
        "sitemap.xml",
        "sitemap/articles.xml",
        "robots.txt",
        "favicon.ico",
        "_redirects",
    ] {
        assert!(all.contains(name), "{name} in {all:?}");
    }
    assert!(
        all.iter()
            .any(|name| name.starts_with("static/pamphlet-") && name.ends_with(".css"))
    );
    assert!(
        all.iter()
            .any(|name| name.starts_with("media/") && name.ends_with(".webp"))
    );
    assert!(
        all.iter().any(|name| name.starts_with("_before-")),
        "{all:?}"
    );
    assert!(
        all.iter().any(|name| name.starts_with("feed_before-")),
        "{all:?}"
    );
    assert!(all.iter().any(|name| name.starts_with("tags/~")), "{all:?}");
    for name in all.iter().filter(|name| name.ends_with(".html")) {
        let html = read(name);
        for live in [
            "<form",
            "/interact",
            "/search",
            "/micropub",
            "/oembed",
            "/reply/",
            "/report\"",
            "activity+json",
        ] {
            assert!(!html.contains(live), "{live} in {name}");
        }
    }
    let article = read("2026/05/trotsky/index.html");
    assert!(article.contains("id=\"comment-150\"") && article.contains("id=\"comment-1\""));
    assert!(!article.contains("?after="));

    // Former addresses lead on.
    for old in ["2010/08/plain.html", "old/plain/index.html"] {
        assert!(
            read(old).contains("content=\"0; url=/2026/04/plain/\""),
            "{old}"
        );
    }
    assert!(read("about/index.html").contains("url=/about-us/"));
    let nginx = read("_redirects.nginx");
    assert!(
        nginx.contains("\"/old/plain/\" \"/2026/04/plain/\";"),
        "{nginx}"
    );

    // A second run writes nothing. A third one removes what is gone, and nothing else.
    let again = node.admin_json(&["export", "static", "public"]).await;
    assert_eq!(
        (&again["written"], &again["removed"]),
        (&0.into(), &0.into()),
        "{again}"
    );
    node.sql("DELETE FROM articles WHERE slug = 'more-30'")
        .await;
    std::fs::write(folder.join("own.txt"), "mine").unwrap();
    let less = node.admin_json(&["export", "static", "public"]).await;
    assert!(less["removed"].as_u64() >= Some(1), "{less}");
    assert!(!folder.join("2026/04/more-30").exists() && !folder.join("2023/12/more-30").exists());
    assert!(folder.join("own.txt").exists() && folder.join("CNAME").exists());
    assert_eq!(broken_links(&folder, &node.origin), [] as [String; 0]);

    // A folder with other files is refused.
    std::fs::create_dir(node.folder.path().join("other")).unwrap();
    node.file("other/x.txt", "mine");
    let refused = node.cli(&["export", "static", "other"]).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && complaint.contains("has other files"),
        "{complaint}"
    );

    if database == Database::Sqlite {
        let checked = [
            "index.html",
            "404.html",
            "2026/05/trotsky/index.html",
            "subscribe/index.html",
            "about/index.html",
        ];
        check_html(&checked.map(|name| folder.join(name)));
    }
}

/// The Nu HTML checker finds nothing wrong with these pages.
fn check_html(pages: &[PathBuf]) {
    let checker = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/browser/node_modules/vnu-jar/build/dist/vnu.jar"
    );
    let output = Command::new("java")
        .args(["-jar", checker])
        .args(pages)
        .output();
    let output = output.expect("java can be started");
    let found = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && found.is_empty(), "{found}");
}

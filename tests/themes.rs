//! The look of the pages by configuration: the example of docs/themes.md, colours, pictures and mistakes.

use crate::support::{Database, TestNode};
use std::path::Path;

const DOCUMENT: &str = include_str!("../docs/themes.md");

/// Writes the files of the document's example into a folder: each block after a line that begins with a file's name.
fn write_example(folder: &Path) -> Vec<String> {
    let mut written = Vec::new();
    let mut blocks = DOCUMENT.split("\n```");
    let mut before = blocks.next().unwrap();
    while let (Some(block), Some(after)) = (blocks.next(), blocks.next()) {
        let (language, content) = block.split_once('\n').unwrap();
        let line = before.trim_end().lines().last().unwrap();
        let name = line.strip_prefix('`').and_then(|rest| rest.split_once('`'));
        if let (Some((name, _)), "jinja" | "css") = (name, language) {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
            written.push(name.to_owned());
        }
        before = after;
    }
    written
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

/// The tables of the document's example.
fn options() -> &'static str {
    between(DOCUMENT, "```toml\n", "```")
}

#[tokio::test]
async fn the_example_of_the_document_works() {
    let mut node = TestNode::start(Database::Sqlite).await;
    let folder = node.folder.path();
    assert_eq!(write_example(folder).len(), 4);
    let theme_files = folder.join("my-theme/static");
    std::fs::create_dir_all(&theme_files).unwrap();
    std::fs::write(theme_files.join("font.woff2"), "a font").unwrap();
    image::RgbImage::new(40, 20)
        .save(folder.join("logo.png"))
        .unwrap();
    image::RgbImage::new(60, 20)
        .save(folder.join("cover.jpg"))
        .unwrap();
    node.configure(options());
    node.restart().await;
    let article = node
        .publish("---\ntitle: A title\nauthor: Ana\n---\nA text.\n")
        .await;

    let page = node.page(&article.url).await.text;
    assert!(page.contains("Ana wrote this on "), "{page}");
    assert!(
        page.contains("<p class=\"follow-me\">Follow <bdi>@blog@"),
        "{page}"
    );
    assert!(
        page.contains("<p class=\"motto\">Pamphlet, since 2006</p>"),
        "{page}"
    );
    assert!(page.contains("Permalink"), "all else stays: {page}");
    assert!(!page.contains("<img src=\"\""));
    let logo = between(&page, "class=\"logo\" src=\"", "\"");
    assert_eq!(node.page(logo).await.header("content-type"), "image/png");
    assert!(
        !page.contains("class=\"cover\""),
        "only the home page has it"
    );
    let home = node.page("/").await.text;
    assert!(
        home.contains("class=\"cover\"") && home.contains("since 2006"),
        "{home}"
    );

    let sheet = between(&page, "rel=\"stylesheet\" href=\"", "\"");
    let style = node.page(sheet).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("immutable"));
    assert!(style.text.contains("--accent:#0b6650"), "{}", style.text);
    assert!(style.text.contains(".follow-me{"));
    assert_eq!(page.matches("rel=\"stylesheet\"").count(), 1);

    assert_eq!(node.page("/static/theme/font.woff2").await.text, "a font");
    for hidden in ["..%2Farticle.html", "%2E%2E", ".hidden", "absent", "a%00"] {
        let status = node.page(&format!("/static/theme/{hidden}")).await.status;
        assert!(matches!(status, 404 | 400 | 308), "{hidden}: {status}");
    }
}

/// Returns the error of `pamphlet serve` with this configuration.
fn refusal(folder: &Path, options: &str) -> String {
    let config = folder.join("pamphlet.toml");
    std::fs::write(&config, options).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(&config)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{options}");
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8(all).unwrap()
}

#[test]
fn mistakes_are_found_at_the_start_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let theme = folder.path().join("my-theme");
    std::fs::create_dir(&theme).unwrap();
    for (template, options, expected) in [
        (
            "",
            "[site]\naccent = \"shiny\"\n",
            "\"shiny\" is not a colour",
        ),
        (
            "",
            "[site]\ntheme = \"absent\"\n",
            "absent\", but it must be a folder",
        ),
        (
            "",
            "[site]\nstylesheet = \"absent.css\"\n",
            "but it must be a file",
        ),
        (
            "",
            "[site]\nlogo = \"https://elsewhere.example/logo.png\"\n",
            "it must be a file, because pages load nothing from other servers",
        ),
        (
            "{% extends \"default/base.html\" %}\n\n{% block footer %}\n{% if %}",
            "[site]\ntheme = \"my-theme\"\n",
            "my-theme/base.html is broken in line 4: syntax error",
        ),
    ] {
        std::fs::write(theme.join("base.html"), template).unwrap();
        if template.is_empty() {
            std::fs::remove_file(theme.join("base.html")).unwrap();
        }
        let error = refusal(folder.path(), options);
        assert!(error.contains(expected), "{options}: {error}");
        assert_eq!(error.trim().lines().count(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_mistake_on_one_page_is_an_error_there_alone() {
    let mut node = TestNode::start(Database::Sqlite).await;
    let theme = node.folder.path().join("my-theme");
    std::fs::create_dir(&theme).unwrap();
    std::fs::write(theme.join("article.html"), "{{ artcle.title }}").unwrap();
    node.configure("[site]\ntheme = \"my-theme\"\n");
    node.restart().await;
    let article = node.publish("---\ntitle: A title\n---\nA text.\n").await;
    assert_eq!(node.page(&article.url).await.status, 500);
    assert_eq!(node.page("/").await.status, 200);
}

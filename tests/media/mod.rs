//! Pictures, audio and video of articles: taken in harmless and small, or refused as a whole.

mod samples;
mod serving;

use crate::support::{Database, TestNode, both_databases};
use image::ImageFormat;
use rstest_reuse::apply;
use samples::{
    claiming, drawing, encoded, gif, jpeg_of_camera, mp3, mp4, photo, png_with_texts, transparent,
};
use serde_json::{Value, json};

/// Writes a file beside the articles.
fn write(node: &TestNode, name: &str, bytes: &[u8]) {
    std::fs::write(node.folder.path().join(name), bytes).unwrap();
}

/// Returns the files of the media folder.
fn stored(node: &TestNode) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(node.folder.path().join("media")) else {
        return Vec::new();
    };
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Runs a command. Returns whether it succeeded, with what it wrote to stderr.
async fn run(node: &TestNode, arguments: &[&str]) -> (bool, String) {
    let output = node.cli(arguments).await;
    let printed = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), printed)
}

async fn list(node: &TestNode) -> Vec<Value> {
    let list = node.admin_json(&["media", "list"]).await;
    list.as_array().unwrap().clone()
}

/// Returns a Markdown file whose lines from 5 on are these, and its path.
fn article(node: &TestNode, name: &str, front_matter: &str, lines: &[String]) -> String {
    let text = format!("---\ntitle: T\n{front_matter}\n---\n{}\n", lines.join("\n"));
    node.file(name, &text)
}

#[apply(both_databases)]
async fn hostile_and_broken_files_are_refused_in_a_sentence(#[case] database: Database) {
    let limits = "[media]\npicture_megabytes = 1\n";
    let node = TestNode::start_with(database, limits).await;
    let (jpeg, png) = (
        jpeg_of_camera(90, 60),
        encoded(&photo(90, 60), ImageFormat::Png),
    );
    let webp = encoded(&photo(90, 60), ImageFormat::WebP);
    let gif = gif(3);
    let big = encoded(&photo(1100, 900), ImageFormat::Bmp);
    let big = [&png[..], &big].concat();
    let refused: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "script.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(),
            "SVG",
        ),
        (
            "script.png",
            b"<?xml version='1.0'?>\n<svg onload='alert(1)'/>".to_vec(),
            "SVG",
        ),
        (
            "page.jpg",
            b"<!doctype html><script>alert(1)</script>".to_vec(),
            "is not a JPEG",
        ),
        (
            "program.gif",
            b"\x7fELF\x02\x01\x01".to_vec(),
            "is not a JPEG",
        ),
        ("nothing.png", Vec::new(), "is empty"),
        ("cut.jpg", jpeg[..jpeg.len() * 2 / 3].to_vec(), "is cut off"),
        (
            "header.jpg",
            jpeg[..jpeg.len().min(40)].to_vec(),
            "can't be read",
        ),
        ("cut.png", png[..png.len() * 2 / 3].to_vec(), "is cut off"),
        (
            "cut.webp",
            webp[..webp.len() * 2 / 3].to_vec(),
            "can't be read",
        ),
        (
            "cut.gif",
            gif[..gif.len() * 2 / 3].to_vec(),
            "can't be read",
        ),
        ("bomb.png", claiming(20_000, 20_000), "20000 x 20000 pixels"),
        ("wide.png", claiming(30_000, 10), "at most 20000 pixels"),
        ("flat.png", claiming(0, 10), "can't be read"),
        ("lie.png", claiming(6000, 6000), "can't be read"),
        ("big.png", big, "larger than 1 MiB"),
        (
            "photo.avif",
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1".to_vec(),
            "AVIF",
        ),
        ("photo.heic", b"\0\0\0\x1cftypheic\0\0\0\0".to_vec(), "HEIC"),
        ("paper.png", b"%PDF-1.7".to_vec(), "PDF"),
        ("song.png", mp3(), "end in .mp3"),
        ("gone.png", Vec::new(), "can't be read"),
    ];
    let mut lines: Vec<String> = Vec::new();
    for (name, bytes, _) in &refused {
        if *name != "gone.png" {
            write(&node, name, bytes);
        }
        lines.push(format!("![A]({name})\n"));
    }
    write(&node, "right.mp3", &mp3());
    write(&node, "film.mp4", &mp4());
    write(&node, "right.png", &png);
    lines.push("<video poster=\"right.mp3\" src=\"film.mp4\"></video>\n".into());
    lines.push("<audio src=\"right.png\"></audio>\n".into());
    lines.push("![A](right.png#focus=3,0)\n".into());
    let file = article(&node, "all.md", "slug: all", &lines);
    let (done, warnings) = run(&node, &["post", "draft", &file, "--lenient"]).await;
    assert!(done, "{warnings}");
    let expected = refused.iter().map(|(name, _, part)| (*name, *part));
    let roles = [
        ("right.mp3", "is no picture"),
        ("right.png", "can't be played"),
        ("#focus=3,0", "two numbers"),
    ];
    for (index, (name, part)) in expected.chain(roles).enumerate() {
        let line = format!("warning: line {}: ", 5 + 2 * index);
        let is_refused = warnings.lines().any(|warning| {
            warning.starts_with(&line) && warning.contains(name) && warning.contains(part)
        });
        assert!(is_refused, "{line}{name} {part} in {warnings}");
    }
    node.admin(&["post", "delete", "all", "--yes"]).await;
    // Files without a mistake are stored; they go with their article, once that leaves the bin.
    assert!(list(&node).await.is_empty());
    node.admin(&["post", "bin", "empty", "--yes"]).await;
    assert_eq!(stored(&node), [""; 0]);
    assert!(list(&node).await.is_empty());
    // Without the option, one mistake is enough to store nothing.
    let lines = [
        "![A](right.png)\n".to_owned(),
        "Text ![B](gone.png)".to_owned(),
    ];
    let file = article(
        &node,
        "one.md",
        "slug: one\nimage: right.png\nimage_alt: R",
        &lines,
    );
    let (done, error) = run(&node, &["post", "publish", &file]).await;
    assert!(
        !done && error.contains("line 9") && error.contains("gone.png"),
        "{error}"
    );
    assert!(!error.contains("right.png"), "{error}");
    assert_eq!(stored(&node), [""; 0]);
    assert!(list(&node).await.is_empty());
    assert_eq!(node.number("SELECT COUNT(*) FROM articles").await, Some(0));
}

/// The result for a file: its kind, content type, size, and the widths of its variants with their extensions.
type Expected = (&'static str, &'static str, Option<(u64, u64)>, &'static str);

#[apply(both_databases)]
async fn each_kind_of_file_is_taken_in_without_what_it_hides(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let files: Vec<(&str, Vec<u8>, Expected)> = vec![
        (
            "camera.jpg",
            jpeg_of_camera(60, 40),
            ("picture", "image/jpeg", Some((40, 60)), "40.webp"),
        ),
        (
            "large.jpg",
            encoded(&photo(2500, 25), ImageFormat::Jpeg),
            (
                "picture",
                "image/jpeg",
                Some((2000, 20)),
                "2000.webp 1440.webp 960.webp 480.webp",
            ),
        ),
        (
            "photo.png",
            encoded(&photo(100, 90), ImageFormat::Png),
            ("picture", "image/jpeg", Some((100, 90)), "100.webp"),
        ),
        (
            "drawing.jpg",
            png_with_texts(&drawing(500, 40)),
            ("picture", "image/png", Some((500, 40)), "500.webp 500.jpg"),
        ),
        (
            "glass.png",
            png_with_texts(&transparent(1000, 3)),
            (
                "picture",
                "image/png",
                Some((1000, 3)),
                "1000.webp 480.webp 1000.jpg",
            ),
        ),
        (
            "lossless.webp",
            encoded(&photo(30, 30), ImageFormat::WebP),
            ("picture", "image/jpeg", Some((30, 30)), "30.webp"),
        ),
        (
            "still.gif",
            gif(1),
            ("picture", "image/png", Some((20, 10)), "20.webp 20.jpg"),
        ),
        (
            "moving.GIF",
            gif(3),
            ("animation", "image/gif", Some((20, 10)), "20.webp 20.jpg"),
        ),
        ("song.mp3", mp3(), ("audio", "audio/mpeg", None, "")),
        ("film.mp4", mp4(), ("video", "video/mp4", None, "")),
    ];
    for (name, bytes, _) in &files {
        write(&node, name, bytes);
    }
    write(&node, "copy.jpg", &files[0].1);
    let text = "![C](camera.jpg#focus=0.2,-0.4) ![](copy.jpg) ![L](large.jpg \"T\") <img src=photo.png>\n\n\
        ![D](drawing.jpg) ![G](glass.png) ![W](lossless.webp) ![S](still.gif) <img src=\"moving.GIF\" alt=\"\">\n\n\
        [A song](song.mp3) [no file](none.mp3)\n\n<video controls poster='camera.jpg' src=\"film.mp4\"></video>\n\n\
        ![The song](song.mp3)\n";
    let file = article(
        &node,
        "all.md",
        "slug: all\nimage: large.jpg",
        &[text.to_owned()],
    );
    let (done, warnings) = run(&node, &["post", "publish", &file]).await;
    assert!(done, "{warnings}");
    for part in [
        "the picture /media/",
        "line 6: copy.jpg has no alternative text",
        "line 6: photo.png has no alternative text",
        "line 10: none.mp3 is linked",
    ] {
        assert!(warnings.contains(part), "{part} in {warnings}");
    }
    assert!(!warnings.contains("<video>"), "{warnings}");
    assert_eq!(
        warnings.matches("no alternative text").count(),
        3,
        "{warnings}"
    );
    let list = list(&node).await;
    assert_eq!(list.len(), files.len(), "equal files are one");
    let markdown = node.texts("SELECT markdown FROM articles").await.remove(0);
    for (name, _, (kind, content_type, size, variants)) in &files {
        let found = list
            .iter()
            .find(|media| {
                media["kind"] == *kind
                    && media["content_type"] == *content_type
                    && (size.is_none() || json!([media["width"], media["height"]]) == json!(size))
            })
            .unwrap_or_else(|| panic!("{name} in {list:#?}"));
        let listed = found["variants"].as_array().unwrap().iter();
        let listed =
            listed.map(|variant| variant["name"].as_str().unwrap().split_once('-').unwrap().1);
        assert_eq!(listed.collect::<Vec<_>>().join(" "), *variants, "{name}");
        assert_eq!(found["blurhash"].is_string(), size.is_some(), "{name}");
        assert_eq!(found["used"], true);
        assert!(
            markdown.contains(found["address"].as_str().unwrap()),
            "{name} in {markdown}"
        );
        serving::check(&node, found).await;
    }
    // The focus is kept with the picture, and its fragment is no part of the text.
    let camera = list.iter().find(|media| media["width"] == 40).unwrap();
    check_players(&node, &list, camera).await;
    assert_eq!(camera["focus"], json!([0.2, -0.4]));
    assert!(!markdown.contains("focus"));
    let (_, bytes) = node.get_bytes(camera["address"].as_str().unwrap()).await;
    let upright = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let first = upright.get_pixel(38, 2).0;
    assert!(
        first[0] < 20 && first[1] < 20,
        "the top left came to the right: {first:?}"
    );
    // Stored Markdown is read again: everything is found, and a new focus counts.
    let names = stored(&node);
    let again = markdown.replace(
        camera["address"].as_str().unwrap(),
        &format!("{}#focus=-1,1", camera["address"].as_str().unwrap()),
    );
    let file = article(&node, "again.md", "", std::slice::from_ref(&again));
    let (done, warnings) = run(&node, &["post", "edit", "all", &file]).await;
    assert!(done, "{warnings}");
    assert_eq!(
        node.texts("SELECT markdown FROM articles").await[0].trim(),
        markdown.trim()
    );
    assert_eq!(stored(&node), names);
    let shown = node
        .admin_json(&["media", "show", camera["name"].as_str().unwrap()])
        .await;
    assert_eq!(shown["focus"], json!([-1.0, 1.0]));
    assert_eq!(
        shown["used_by"],
        json!([{"kind": "article", "name": "all"}])
    );
}

/// Checks that a reader can play the audio and video of the article.
async fn check_players(node: &TestNode, list: &[Value], poster: &Value) {
    let address = |kind: &str| {
        let found = list.iter().find(|media| media["kind"] == kind).unwrap();
        found["address"].as_str().unwrap()
    };
    let shown = node.admin_json(&["post", "show", "all"]).await;
    let page = node.page(shown["url"].as_str().unwrap()).await.text;
    for player in [
        format!(
            "<video controls preload=\"metadata\" src=\"{}\" poster=\"{}\"></video>",
            address("video"),
            poster["address"].as_str().unwrap()
        ),
        format!(
            "<figure><audio controls preload=\"metadata\" src=\"{}\" aria-label=\"The song\"></audio></figure>",
            address("audio")
        ),
    ] {
        assert!(page.contains(&player), "{player} in {page}");
    }
}
